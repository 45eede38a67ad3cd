//! How far a deletion has come, for whoever has its code: no login, no name, one line for each app.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::Codec;
use crate::{
    seal::Pseudonyms,
    store::{Partition, Put, RecordKey, StoreError, Stored},
    types::{AppId, ProviderId, Random, Timestamp, bytes, random},
};

/// How long the page stays.
const LIVES: Duration = Duration::from_secs(365 * 24 * 3600);

/// Opens the status page of a deletion: 128 random bits, letters and digits alone, as Facebook asks.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusCode(String);

impl StatusCode {
    /// A fresh one.
    pub fn generate(random: &dyn Random) -> Self {
        Self(bytes::to_hex(&random::bytes::<16>(random)))
    }

    /// One that belongs to a message: the same however often that comes, and known to nobody without the pepper.
    pub fn of_message(message: &[u8; 32], pseudonyms: &Pseudonyms) -> Self {
        Self(bytes::to_hex(&pseudonyms.confirmation(message)))
    }

    /// For the person, and for the address of the page.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// By which the store knows it.
    pub fn hash(&self) -> [u8; 32] {
        bytes::sha256(self.expose().as_bytes())
    }
}

impl fmt::Debug for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusCode([secret])")
    }
}

/// Not a code of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code")]
pub struct BadStatusCode;

impl FromStr for StatusCode {
    type Err = BadStatusCode;

    fn from_str(text: &str) -> Result<Self, BadStatusCode> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(is_hex)).then(|| Self(text.to_owned())).ok_or(BadStatusCode)
    }
}

/// The state of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// When it was asked for.
    pub received: Timestamp,
    /// Who asked.
    pub origin: Origin,
    /// When everything here was gone.
    pub gone: Option<Timestamp>,
    /// Whether there was nobody to delete.
    pub nobody: bool,
    /// Whether the account goes on by other ways to sign in: a provider had one of several forgotten, and all that was
    /// known through it is gone.
    #[serde(default)]
    pub goes_on: bool,
    /// What came of it at the provider where the person signed in once more; `None` where nobody did.
    #[serde(default)]
    pub farewell: Option<Farewell>,
    /// What became of telling each app; empty until the apps are known.
    pub apps: BTreeMap<AppId, Told>,
}

/// Who asked for a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The person, here.
    Person,
    /// The operator, for the person.
    Operator,
    /// A provider, for the person.
    Provider(ProviderId),
}

/// What the person allowed us at a provider, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Farewell {
    /// Where.
    pub provider: ProviderId,
    /// What.
    pub withdrawn: Withdrawn,
}

/// Whether a provider took back what the person had allowed us there. It is asked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Withdrawn {
    /// It did.
    Done,
    /// It could not be reached, or answered with an error.
    Failed,
    /// It has no such way.
    NoWay,
}

/// What became of telling an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// Not yet.
    Waiting,
    /// It said that it understood.
    Acknowledged(Timestamp),
    /// It said that it will not take the message.
    Refused(Timestamp),
    /// It could not be reached; here is when we gave up.
    NotReachable(Timestamp),
    /// It named no way to tell it.
    NoChannel,
}

impl Status {
    /// What became of telling an app, at this moment: a message that nobody could deliver for so long is given up,
    /// though whoever should have written that down were stopped.
    pub fn told(&self, app: &AppId, now: Timestamp) -> Option<Told> {
        let end = self.received.plus(super::intent::KEPT);
        self.apps.get(app).map(|told| if *told == Told::Waiting && now > end { Told::NotReachable(end) } else { *told })
    }
}

impl Codec {
    /// The record of a status, in a fresh version.
    pub fn put_status(&self, hash: &[u8; 32], status: &Status) -> (Partition, Put) {
        let (partition, expires) = (Partition::status(hash), Some(status.received.plus(LIVES)));
        let put = self.put_lasting("status", &partition, RecordKey::status(), status, expires);
        (partition, put)
    }

    /// Reads a status.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for one that does not open.
    pub fn open_status(&self, hash: &[u8; 32], stored: &Stored) -> Result<Status, StoreError> {
        self.open_lasting("status", &Partition::status(hash), &RecordKey::status(), &stored.value)
            .map_err(|_| StoreError::Corrupt("a status does not open"))
    }
}
