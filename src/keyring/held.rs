//! The ring in memory: parsed once when it changes, then only read.

use std::{collections::HashMap, sync::Arc};

use jsonwebtoken::DecodingKey;

use super::{
    BadKey,
    jwk::{Jwks, PublicHalf},
    ring::{KeyInfo, KeyState, Policy, Ring},
    sign::{KeySigner, Pair, Signer},
    verify::Verified,
};
use crate::{
    store::Version,
    types::{Timestamp, jws::Alg},
};

/// One version of the ring, ready to sign and to verify.
pub(super) struct Held {
    /// Which writing of the record this is.
    pub(super) version: Version,
    /// When something of it is due.
    wakes: Option<Timestamp>,
    /// Whether every algorithm has a current and a next key.
    complete: bool,
    /// The kids that sign.
    pub(super) signing: Vec<String>,
    pub(super) jwks: Arc<Jwks>,
    pub(super) list: Vec<KeyInfo>,
    signers: Vec<Arc<dyn Signer>>,
    verifying: HashMap<String, (Alg, DecodingKey)>,
    /// What these keys have verified.
    pub(super) verified: Verified,
}

impl Held {
    /// Parses a ring as it was read. A key that does not fit its own name fails the whole: it is not one of ours.
    pub(super) fn parse(version: Version, ring: &Ring, policy: &Policy) -> Result<Self, BadKey> {
        let mut signers: Vec<Arc<dyn Signer>> = Vec::new();
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for key in &ring.keys {
            let pair = Pair::parse(key.alg, &key.private)?;
            let public = PublicHalf::of(&pair)?;
            if public.kid != key.kid {
                return Err(BadKey);
            }
            published.push(public.jwk);
            verifying.insert(key.kid.clone(), (key.alg, public.verifies));
            if key.state == KeyState::Current {
                signers.push(Arc::new(KeySigner::new(key.kid.clone(), pair)));
            }
        }
        Ok(Self {
            version,
            wakes: ring.wakes(policy),
            complete: ring.missing().is_none(),
            signing: ring.signing().into_iter().map(str::to_owned).collect(),
            jwks: Arc::new(Jwks::render(published)?),
            list: ring.list(policy),
            signers,
            verifying,
            verified: Verified::default(),
        })
    }

    /// Whether there is nothing to make and nothing to do at `now`.
    pub(super) fn rests(&self, now: Timestamp) -> bool {
        self.complete && self.wakes.is_none_or(|wakes| now < wakes)
    }

    pub(super) fn signer(&self, alg: Alg) -> Option<Arc<dyn Signer>> {
        self.signers.iter().find(|signer| signer.alg() == alg).cloned()
    }

    /// The published key of that name.
    pub(super) fn verifying(&self, kid: &str) -> Option<(Alg, &DecodingKey)> {
        self.verifying.get(kid).map(|(alg, key)| (*alg, key))
    }
}
