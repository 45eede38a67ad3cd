//! The head of an account.

use serde::{Deserialize, Serialize};

use crate::types::{
    ProviderId, Random, Secret32, Timestamp,
    ids::{IdentityId, RandomId},
    random,
};

/// An account from its first login to its deletion: empty at first, then random (coming back starts a new one).
/// Records are sealed in a life; those of an earlier one no longer open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Life(#[serde(with = "serde_bytes")] Vec<u8>);

impl Life {
    /// A new one: what a deletion leaves behind, and what coming back begins in.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random::bytes::<16>(random).to_vec())
    }

    /// The empty life: an account's first, and what stands for none where a record outlives all of them.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// As it goes into derivations and seals.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Changes when the person signs out everywhere; whatever is bound to sessions carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(#[serde(with = "serde_bytes")] [u8; 16]);

impl Stamp {
    /// A fresh one.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random::bytes(random))
    }
}

/// The head: what decides, by itself, whether anything else of the account counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// The present life.
    pub life: Life,
    /// Set by the operator; stays through deletion.
    pub blocked: bool,
    /// What a deletion takes away.
    pub living: Option<Living>,
}

/// The part of a head that lives as long as the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Living {
    /// The present stamp.
    pub stamp: Stamp,
    /// The identities that open this account; never their subjects.
    pub identities: Vec<HeadIdentity>,
    /// What the audit stream calls this account; dies with the life.
    pub audit_id: RandomId,
    /// Seals the records that no browser and no app has a secret for.
    pub account_key: Secret32,
    /// When the account began.
    pub since: Timestamp,
}

/// One way into an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadIdentity {
    /// The provider's section.
    pub provider: ProviderId,
    /// The pseudonym of the subject there.
    pub identity: IdentityId,
}

impl Head {
    /// The head of an account that begins: at its first login, or in the life that a deletion left.
    pub fn begin(life: Life, identity: HeadIdentity, now: Timestamp, random: &dyn Random) -> Self {
        Self { life, blocked: false, living: Some(Living::begin(identity, now, random)) }
    }

    /// What a deletion leaves: a new life, and whether the operator has blocked who lived before.
    pub fn after_deletion(&self, random: &dyn Random) -> Self {
        Self { life: Life::generate(random), blocked: self.blocked, living: None }
    }

    /// What lives, unless the account is blocked or deleted.
    pub fn open(&self) -> Option<&Living> {
        self.living.as_ref().filter(|_| !self.blocked)
    }
}

impl Living {
    fn begin(identity: HeadIdentity, now: Timestamp, random: &dyn Random) -> Self {
        Self {
            stamp: Stamp::generate(random),
            identities: vec![identity],
            audit_id: RandomId::generate(random),
            account_key: Secret32::generate(random),
            since: now,
        }
    }
}
