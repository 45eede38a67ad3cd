//! What earlier checks found. An entry is found by a hash of the whole cookie, which is sealed and has one spelling: no
//! two cookies share one, and nothing is put together to make a name (SECURITY: C-14, C-17). What it says counts as long
//! as the records that it was made of are those that the store has now, in the same versions.

use std::sync::atomic::{AtomicU64, Ordering};

use super::identity::Identity;
use crate::{
    session::{Pass, PassKey},
    store::Version,
    types::{Lately, Timestamp},
};

/// What one cookie opened.
pub struct Entry {
    /// Where it is.
    pub key: PassKey,
    /// What it says.
    pub pass: Pass,
    /// The records that say so.
    pub versions: [Version; 4],
    /// Who was registered then.
    pub edition: u64,
    /// What goes out.
    pub identity: Identity,
    /// When something new has to be signed.
    pub renew: Timestamp,
    checked: AtomicU64,
}

impl Entry {
    /// Found at `now`.
    pub fn new(
        (key, pass, versions): (PassKey, Pass, [Version; 4]),
        edition: u64,
        (identity, renew): (Identity, Timestamp),
        now: Timestamp,
    ) -> Self {
        Self { key, pass, versions, edition, identity, renew, checked: AtomicU64::new(now.as_millis()) }
    }

    /// When the store was last asked.
    pub fn checked(&self) -> Timestamp {
        Timestamp::from_millis(self.checked.load(Ordering::Relaxed))
    }

    /// The store was asked, and nothing has changed.
    pub fn confirm(&self, now: Timestamp) {
        self.checked.store(now.as_millis(), Ordering::Relaxed);
    }
}

/// What is kept of earlier checks, by all workers of a process, found by a hash of the cookie; at most 65,536 passes.
pub type Warm = Lately<Entry, 2048>;
