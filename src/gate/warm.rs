//! What earlier checks found. An entry is found by a hash of the whole cookie, which is sealed and has one spelling: no
//! two cookies share one, and nothing is put together to make a name (SECURITY: C-14, C-17). What it says counts as long
//! as the records that it was made of are those that the store has now, in the same versions.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::identity::Identity;
use crate::{
    session::{Pass, PassKey},
    store::Version,
    types::{Timestamp, bytes},
};

/// What a cookie is found by.
pub type Name = [u8; 32];

/// The most passes that are kept in one generation of one shard: 16 shards of two generations hold up to 65,536 in all.
const MAX: usize = 2048;
const SHARDS: usize = 16;

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

/// Entries in two generations: what is not asked for while a generation fills is forgotten.
#[derive(Default)]
struct Shard {
    young: HashMap<Name, Arc<Entry>>,
    old: HashMap<Name, Arc<Entry>>,
}

/// What is kept of earlier checks, by all workers of a process. Bounded.
#[derive(Default)]
pub struct Warm([Mutex<Shard>; SHARDS]);

impl Warm {
    /// What a cookie is found by.
    pub fn name(cookie: &str) -> Name {
        bytes::sha256(cookie.as_bytes())
    }

    /// What is known of a cookie.
    pub fn get(&self, name: &Name) -> Option<Arc<Entry>> {
        self.with(name, |shard| {
            if let Some(entry) = shard.young.get(name) {
                return Some(Arc::clone(entry));
            }
            let entry = shard.old.remove(name)?;
            shard.keep(*name, Arc::clone(&entry));
            Some(entry)
        })
    }

    /// Keeps what was found.
    pub fn put(&self, name: Name, entry: Arc<Entry>) {
        self.with(&name, |shard| {
            shard.old.remove(&name);
            shard.keep(name, entry);
        });
    }

    /// Forgets a cookie.
    pub fn forget(&self, name: &Name) {
        self.with(name, |shard| {
            shard.young.remove(name);
            shard.old.remove(name);
        });
    }

    fn with<T>(&self, name: &Name, act: impl FnOnce(&mut Shard) -> T) -> T {
        let [first, ..] = name;
        let [zero, rest @ ..] = &self.0;
        let at = usize::from(*first) % SHARDS;
        let shard = at.checked_sub(1).and_then(|at| rest.get(at)).unwrap_or(zero);
        // Nothing in here panics halfway; a poisoned shard is as good as before.
        act(&mut shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Shard {
    fn keep(&mut self, name: Name, entry: Arc<Entry>) {
        if self.young.len() >= MAX && !self.young.contains_key(&name) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(name, entry);
    }
}
