//! A session at rest: a header that the master opens, and a body that only its cookie does.

use serde::{Deserialize, Serialize};

use super::Device;
use crate::{
    flow::Learned,
    partition::{At, Codec, Presence, Stamp},
    seal::Lock,
    store::RecordKey,
    types::{
        Claims, ProviderId, Secret32, Timestamp,
        ids::{IdentityId, RandomId},
    },
};

/// The part that says nothing of who it is: enough to decide whether the session lives, and to list it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// The account's stamp at the login.
    pub stamp: Stamp,
    /// Who vouched.
    pub provider: ProviderId,
    /// For whom, as a pseudonym.
    pub identity: IdentityId,
    /// When the person last signed in at the provider.
    pub auth_time: Timestamp,
    /// When this browser signed in first.
    pub since: Timestamp,
    /// When it was last seen, to a tenth of the idle lifetime.
    pub seen: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// What the browser is, in coarse words.
    pub device: Option<Device>,
}

/// The part that is personal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    /// What the provider said.
    pub known: Claims,
    /// What of it rules may ask for.
    #[serde(default)]
    pub learned: Learned,
}

/// The record: each part sealed by itself. The body's key is random; it is wrapped by master and cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    #[serde(with = "serde_bytes")]
    wrap: Vec<u8>,
    /// The body's key once more, for the cookie that the browser itself sends (FedCM).
    #[serde(with = "serde_bytes", default, skip_serializing_if = "Option::is_none")]
    accounts: Option<Vec<u8>>,
}

/// Whose cookie opens a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The session's own.
    Session,
    /// The one that the browser itself sends (FedCM).
    Accounts,
}

/// What the cookie holds, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Locator {
    #[serde(rename = "p")]
    pub home: crate::types::ids::HomeId,
    #[serde(rename = "i")]
    pub id: RandomId,
    #[serde(rename = "s")]
    pub secret: Secret32,
}

/// An opened record.
pub(super) struct Opened {
    pub header: Header,
    pub body: Body,
}

fn at<'a>(part: &'static str, who: &'a Presence, names: &'a (crate::store::Partition, RecordKey)) -> At<'a> {
    At { part, partition: &names.0, key: &names.1, life: &who.life }
}

impl Record {
    /// Seals a session for the bearer of `cookie`.
    pub fn seal(codec: &Codec, who: &Presence, id: RandomId, cookie: &Secret32, parts: &Opened) -> Self {
        let names = (who.partition(), RecordKey::session(id));
        let key = Secret32::generate(codec.sealer().random());
        Self {
            header: codec.seal(at("session header", who, &names), Lock::Master, &parts.header),
            body: codec.seal(at("session body", who, &names), Lock::Key(&key), &parts.body),
            wrap: codec.seal(at("session wrap", who, &names), Lock::MasterAnd(cookie), &key),
            accounts: None,
        }
    }

    /// Opens a session for the bearer of `cookie`; `None` if it belongs to an earlier life or the cookie is not its own.
    pub fn open(
        codec: &Codec,
        who: &Presence,
        id: RandomId,
        (door, cookie): (Door, &Secret32),
        value: &[u8],
    ) -> Option<Opened> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::session(id));
        let header = codec.open(at("session header", who, &names), Lock::Master, &record.header).ok()?;
        let (part, wrap) = match door {
            Door::Session => ("session wrap", &record.wrap),
            Door::Accounts => ("session accounts", record.accounts.as_ref()?),
        };
        let key: Secret32 = codec.open(at(part, who, &names), Lock::MasterAnd(cookie), wrap).ok()?;
        let body = codec.open(at("session body", who, &names), Lock::Key(&key), &record.body).ok()?;
        Some(Opened { header, body })
    }

    /// The same record with its body's key wrapped again, so that `accounts` opens it, too; `None` where `cookie` does not.
    pub fn shared(
        codec: &Codec,
        who: &Presence,
        id: RandomId,
        (cookie, accounts): (&Secret32, &Secret32),
        value: &[u8],
    ) -> Option<Vec<u8>> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::session(id));
        let key: Secret32 = codec.open(at("session wrap", who, &names), Lock::MasterAnd(cookie), &record.wrap).ok()?;
        let accounts = codec.seal(at("session accounts", who, &names), Lock::MasterAnd(accounts), &key);
        Self { accounts: Some(accounts), ..record }.to_bytes()
    }

    /// Opens the header alone, for a list; `None` if it belongs to an earlier life.
    pub fn header(codec: &Codec, who: &Presence, id: RandomId, value: &[u8]) -> Option<Header> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::session(id));
        codec.open(at("session header", who, &names), Lock::Master, &record.header).ok()
    }

    /// The same record with another header, for a "last seen".
    pub fn with_header(codec: &Codec, who: &Presence, id: RandomId, header: &Header, value: &[u8]) -> Option<Vec<u8>> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::session(id));
        let header = codec.seal(at("session header", who, &names), Lock::Master, header);
        Self { header, ..record }.to_bytes()
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        rmp_serde::to_vec_named(self).ok()
    }
}
