//! SQLite: one file in WAL mode. One thread writes and groups what waits into one transaction; readers see the
//! last commit and never wait for it.
//!
//! Reads run where they are asked for. A read from the WAL and the page cache takes microseconds, less than it
//! would take to hand it to another thread and to be woken again; each worker has its own connection, so that
//! the mutex around it is free but for the odd moment.

mod change;
mod file;
mod reader;
mod writer;

use std::{os::unix::fs::PermissionsExt, path::Path, path::PathBuf, sync::Arc};

use async_trait::async_trait;

use self::{
    reader::Reader,
    writer::{Work, Writer},
};
use super::{
    Backend, Commit, Cursor, Entry, Health, Kind, OpenStoreError, Outcome, Partition, RecordKey, StoreError, Stored,
};
use crate::types::{Clock, Timestamp};

/// At most this many records come from one call of [`Backend::list`], [`Backend::due`] or [`Backend::scan`].
const MAX_PAGE: usize = 1000;

/// A store in a SQLite file. A clone shares the writer and reads through a connection of its own.
pub struct Sqlite {
    path: Arc<PathBuf>,
    clock: Arc<dyn Clock>,
    writer: Arc<Writer>,
    reader: Reader,
}

impl Clone for Sqlite {
    fn clone(&self) -> Self {
        Self {
            path: Arc::clone(&self.path),
            clock: Arc::clone(&self.clock),
            writer: Arc::clone(&self.writer),
            reader: Reader::new(Arc::clone(&self.path)),
        }
    }
}

impl Sqlite {
    /// Opens the file, or creates it, readable and writable by its owner alone.
    ///
    /// # Errors
    /// What is wrong with the file or its folder.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenStoreError> {
        let connection = file::open_writer(path)?;
        let writer = Writer::start(connection, Arc::clone(&clock)).map_err(OpenStoreError::Thread)?;
        let path = Arc::new(path.to_owned());
        Ok(Self { reader: Reader::new(Arc::clone(&path)), path, clock, writer: Arc::new(writer) })
    }

    /// Removes what has expired, now, and wipes what was deleted from the write-ahead log. The writer does so by
    /// itself every half minute, and within a second or two of a change.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        self.writer.ask(Work::Sweep).await.map(drop)
    }
}

#[async_trait]
impl Backend for Sqlite {
    async fn read(&self, partition: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError> {
        self.reader.read(partition, keys, self.clock.now())
    }

    async fn commit(&self, partition: &Partition, commit: Commit) -> Result<Outcome, StoreError> {
        self.writer.ask(Work::Commit(partition.clone(), commit)).await
    }

    async fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.reader.list(partition, kind, after, limit.min(MAX_PAGE), self.clock.now())
    }

    async fn due(&self, partition: &Partition, now: Timestamp, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.reader.due(partition, now, limit.min(MAX_PAGE), self.clock.now())
    }

    async fn wipe(&self, partition: &Partition, keep: &[RecordKey]) -> Result<(), StoreError> {
        self.writer.ask(Work::Wipe(partition.clone(), keep.to_vec())).await.map(drop)
    }

    async fn scan(&self, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        self.reader.scan(from, limit.clamp(1, MAX_PAGE), self.clock.now())
    }

    /// Takes the write lock and gives it back, so that a file that can be read but not written is found out.
    async fn health(&self) -> Result<Health, StoreError> {
        self.writer.ask(Work::Nothing).await.map(drop)?;
        let mode = std::fs::metadata(&*self.path).map(|data| data.permissions().mode()).unwrap_or_default();
        let warnings = if mode & 0o077 == 0 {
            Vec::new()
        } else {
            vec![format!("others than its owner may read {0}: run `chmod 600 {0}`", self.path.display())]
        };
        Ok(Health { warnings })
    }
}

/// A moment as SQLite holds it.
fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// Sorts SQLite's errors by what they mean for who asked.
fn store_error(error: impl Into<Arc<rusqlite::Error>>) -> StoreError {
    let error = error.into();
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::Corrupt("the database file is damaged")
        }
        _ => StoreError::Unavailable(Box::new(error)),
    }
}
