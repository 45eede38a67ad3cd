//! Where records live: seven verbs on bytes with a time to live, and what makes their names.
//!
//! A *partition* holds all records of one account (or of one other thing that must change together): one
//! transaction in SQLite, one slot of a Redis cluster. A *commit* is all or nothing; each of its guards names a
//! record and the version that it must have, or that it must not exist. No unguarded write exists: a "last seen"
//! that crosses a sign-out must not bring the session back.
//!
//! The caller chooses the new version of what it writes, at random: when the answer to a commit is lost, asking
//! for the same commit again tells whether it happened.
//!
//! | file | what it knows |
//! |---|---|
//! | `kind` | what records there are |
//! | `record` | the names of records, made in one place |
//! | `about` | what each kind of record is for, whose it is, how long it stays |
//! | `open` | which store a configured address means; a backend for each worker |
//! | `serve_lock` | that one SQLite file has one `serve` |
//! | `sqlite/` | one file, one writer thread that groups commits |
//! | `redis/` | Redis and Valkey: a single server, behind Sentinel, as a cluster |

use async_trait::async_trait;

use crate::types::Timestamp;

pub mod about;
pub mod kind;
pub mod open;
pub mod record;
pub mod redis;
pub mod serve_lock;
pub mod sqlite;

pub use kind::Kind;
pub use open::{OpenStoreError, Store, open};
pub use record::{Partition, RecordKey};
pub use serve_lock::{ServeLock, ServeLockError};

/// The version of a record: random, chosen by whoever writes it.
pub type Version = [u8; 16];

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which writing this is.
    pub version: Version,
    /// What was written.
    pub value: Vec<u8>,
    /// When it ceases to exist.
    pub expires: Option<Timestamp>,
}

/// What must hold for a commit to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The record must not exist (one that has expired does not).
    Absent(RecordKey),
    /// The record must exist in this version.
    Version(RecordKey, Version),
}

impl Guard {
    /// The record is as it was read: in this version, or not there.
    pub fn as_read(key: RecordKey, version: Option<Version>) -> Self {
        version.map_or_else(|| Self::Absent(key.clone()), |version| Self::Version(key.clone(), version))
    }
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its name.
    pub key: RecordKey,
    /// Its new version.
    pub version: Version,
    /// Its content.
    pub value: Vec<u8>,
    /// When it ceases to exist; never, when absent.
    pub expires: Option<Timestamp>,
    /// When [`Backend::due`] begins to list it, for work that waits.
    pub due: Option<Timestamp>,
}

/// Changes to one partition that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// All of them must hold.
    pub guards: Vec<Guard>,
    /// Written if they do.
    pub puts: Vec<Put>,
    /// Removed if they do.
    pub deletes: Vec<RecordKey>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a conflict means that nothing was written"]
pub enum Outcome {
    /// All of it is written, durably.
    Committed,
    /// A guard did not hold; nothing is written.
    Conflict,
}

/// A record with its full name, as listing and scanning give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its partition.
    pub partition: Partition,
    /// Its name there.
    pub key: RecordKey,
    /// Its content.
    pub stored: Stored,
}

/// Where a scan goes on; opaque.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// What a health check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What an operator should change, each with its remedy; the store works all the same.
    pub warnings: Vec<String>,
}

/// What can go wrong. Neither says what was asked: names of records are nobody's business.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or does not answer in time. Nothing is known of what was asked last.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store holds something that we did not write.
    #[error("the store holds a record that cannot be read: {0}")]
    Corrupt(&'static str),
}

/// A store. Each verb is one round trip (or one transaction).
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Reads up to a few records of one partition, as of one moment, in the order asked for.
    async fn read(&self, partition: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError>;

    /// Changes a partition if every guard holds. When this returns [`Outcome::Committed`], it is on disk
    /// (SQLite), or acknowledged by the primary (Redis).
    ///
    /// After [`StoreError::Unavailable`] the same commit may be asked for again: where a guard no longer holds
    /// because every put already stands there in its version, it has happened, and the answer says so. (A commit
    /// without puts leaves no such trace; asked again, it ends as a conflict.)
    async fn commit(&self, partition: &Partition, commit: Commit) -> Result<Outcome, StoreError>;

    /// Lists records of one kind in a partition in the (bytewise) order of their names, after `after`, at most
    /// `limit`.
    async fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// Lists records of `partition` whose due time has come, the oldest first, at most `limit`.
    async fn due(&self, partition: &Partition, now: Timestamp, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// Removes every record of a partition but those in `keep`.
    async fn wipe(&self, partition: &Partition, keep: &[RecordKey]) -> Result<(), StoreError>;

    /// Walks all records, in no order, each at least once if it exists all the while; `None` ends the walk.
    /// `limit` is about how many come at once; a page may be empty though more follow.
    async fn scan(&self, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError>;

    /// Whether the store answers, and what an operator should know.
    async fn health(&self) -> Result<Health, StoreError>;
}
