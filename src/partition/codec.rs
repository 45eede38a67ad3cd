//! Records to sealed bytes and back. The place of a seal is made here from partition, name and life, so that a
//! record that was moved, or belongs to an earlier life, does not open.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::Life;
use crate::{
    seal::{Lock, Place, Pseudonyms, Sealer},
    store::{Partition, Put, RecordKey, Version},
    types::{Timestamp, random},
};

const NO_LIFE: Life = Life::none();

/// A record that does not open or does not parse: foreign, moved, of an earlier life, or written by a newer build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record cannot be read")]
pub struct Unreadable;

/// Turns typed parts of records into sealed bytes.
#[derive(Clone)]
pub struct Codec {
    sealer: Arc<Sealer>,
    pseudonyms: Arc<Pseudonyms>,
}

impl Codec {
    /// With what seals and what names.
    pub const fn new(sealer: Arc<Sealer>, pseudonyms: Arc<Pseudonyms>) -> Self {
        Self { sealer, pseudonyms }
    }

    /// What names people.
    pub fn pseudonyms(&self) -> &Pseudonyms {
        &self.pseudonyms
    }

    /// What seals, for tokens that are handed out.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// A new version for a record about to be written.
    pub fn version(&self) -> Version {
        random::bytes(self.sealer.random())
    }

    /// Seals one part of a record. `part` tells the parts of one record apart.
    pub fn seal<T: Serialize>(&self, at: At<'_>, lock: Lock<'_>, part: &T) -> Vec<u8> {
        // What did not serialise would open nowhere.
        self.sealer.seal_value(at.place(&at.full_key()), lock, part).unwrap_or_default()
    }

    /// Opens what [`Codec::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Unreadable`] for anything else.
    pub fn open<T: DeserializeOwned>(&self, at: At<'_>, lock: Lock<'_>, sealed: &[u8]) -> Result<T, Unreadable> {
        self.sealer.open_value(at.place(&at.full_key()), lock, sealed).map_err(|_| Unreadable)
    }

    /// A record that outlives all lives and that the master alone opens, in a fresh version.
    pub fn put_lasting<T: Serialize>(
        &self,
        part: &'static str,
        partition: &Partition,
        key: RecordKey,
        content: &T,
        expires: Option<Timestamp>,
    ) -> Put {
        let value = self.seal(At { part, partition, key: &key, life: &NO_LIFE }, Lock::Master, content);
        Put { version: self.version(), value, expires, due: None, key }
    }

    /// Opens what [`Codec::put_lasting`] made for the same place.
    ///
    /// # Errors
    /// [`Unreadable`] for anything else.
    pub fn open_lasting<T: DeserializeOwned>(
        &self,
        part: &'static str,
        partition: &Partition,
        key: &RecordKey,
        sealed: &[u8],
    ) -> Result<T, Unreadable> {
        self.open(At { part, partition, key, life: &NO_LIFE }, Lock::Master, sealed)
    }

    /// Whether something opens at this place, whatever it holds.
    pub fn opens(&self, at: At<'_>, lock: Lock<'_>, sealed: &[u8]) -> bool {
        self.sealer.open(at.place(&at.full_key()), lock, sealed).is_ok()
    }
}

/// Where a part of a record belongs.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// What the part is: a label that no two parts share.
    pub part: &'static str,
    /// The record's partition.
    pub partition: &'a Partition,
    /// The record's name.
    pub key: &'a RecordKey,
    /// The life that it belongs to.
    pub life: &'a Life,
}

impl At<'_> {
    fn full_key(&self) -> Vec<u8> {
        // A partition's name has no NUL, so the pair has one spelling.
        [self.partition.as_str(), self.key.as_str()].join("\0").into_bytes()
    }

    fn place<'b>(&'b self, full_key: &'b [u8]) -> Place<'b> {
        Place { kind: self.part, key: full_key, life: self.life.as_bytes() }
    }
}
