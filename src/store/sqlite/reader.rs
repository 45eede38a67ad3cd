//! Reading: a connection that can do nothing else, opened when it is first needed and again after an error.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, Row, ToSql, params, types::Type};

use super::{file, millis, store_error};
use crate::{
    store::{Cursor, Entry, Kind, Partition, RecordKey, StoreError, Stored},
    types::Timestamp,
};

const READ: &str = "SELECT version, value, expires FROM record
    WHERE partition = ?1 AND name = ?2 AND (expires IS NULL OR expires > ?3)";

/// A kind's one name, or those with its prefix and a colon; see [`Kind::end_of_names`].
const LIST: &str = "SELECT version, value, expires, partition, name FROM record
    WHERE partition = ?1 AND name > ?2 AND name < ?3 AND (name = ?4 OR name >= ?5)
      AND (expires IS NULL OR expires > ?6)
    ORDER BY name LIMIT ?7";

const DUE: &str = "SELECT version, value, expires, partition, name FROM record
    WHERE partition = ?1 AND due <= ?2 AND (expires IS NULL OR expires > ?3)
    ORDER BY due, name LIMIT ?4";

const SCAN: &str = "SELECT version, value, expires, partition, name FROM record
    WHERE (partition, name) > (?1, ?2) AND (expires IS NULL OR expires > ?3)
    ORDER BY partition, name LIMIT ?4";

pub(super) struct Reader {
    path: Arc<PathBuf>,
    connection: Mutex<Option<Connection>>,
}

impl Reader {
    pub(super) const fn new(path: Arc<PathBuf>) -> Self {
        Self { path, connection: Mutex::new(None) }
    }

    pub(super) fn read(
        &self,
        partition: &Partition,
        keys: &[RecordKey],
        now: Timestamp,
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        self.with(|connection| {
            // A transaction, so that all are as of one moment; it ends by rolling back nothing.
            let moment = connection.unchecked_transaction()?;
            let mut statement = moment.prepare_cached(READ)?;
            keys.iter()
                .map(|key| {
                    let mut rows = statement.query(params![partition.as_str(), key.as_str(), millis(now)])?;
                    rows.next()?.map(stored).transpose()
                })
                .collect()
        })
    }

    pub(super) fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        let after = after.map_or("", RecordKey::as_str);
        self.entries(
            LIST,
            params![
                partition.as_str(),
                after,
                kind.end_of_names(),
                kind.first_name(),
                kind.first_of_several(),
                millis(now),
                rows(limit)
            ],
        )
    }

    pub(super) fn due(
        &self,
        partition: &Partition,
        due: Timestamp,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.entries(DUE, params![partition.as_str(), millis(due), millis(now), rows(limit)])
    }

    pub(super) fn scan(
        &self,
        from: &Cursor,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        let (partition, name) = split(from).ok_or(StoreError::Corrupt("a cursor that was not made here"))?;
        let entries = self.entries(SCAN, params![partition, name, millis(now), rows(limit)])?;
        let next = entries.last().filter(|_| entries.len() == limit).map(|last| join(&last.partition, &last.key));
        Ok((entries, next))
    }

    fn entries(&self, statement: &str, parameters: &[&dyn ToSql]) -> Result<Vec<Entry>, StoreError> {
        self.with(|connection| connection.prepare_cached(statement)?.query_map(parameters, entry)?.collect())
    }

    /// Asks, and lets go of a connection that failed: the next one is opened anew.
    fn with<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => file::open_reader(&self.path).map_err(store_error)?,
        };
        let answer = ask(&connection).map_err(store_error)?;
        *slot = Some(connection);
        Ok(answer)
    }
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let expires: Option<i64> = row.get(2)?;
    Ok(Stored { version: row.get(0)?, value: row.get(1)?, expires: expires.map(|at| moment(2, at)).transpose()? })
}

fn moment(column: usize, at: i64) -> rusqlite::Result<Timestamp> {
    u64::try_from(at)
        .map(Timestamp::from_millis)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, Box::new(error)))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        partition: Partition::from_store(row.get(3)?),
        key: RecordKey::from_store(row.get(4)?),
        stored: stored(row)?,
    })
}

/// A cursor is the last name that was given: names have no NUL.
fn join(partition: &Partition, key: &RecordKey) -> Cursor {
    Cursor([partition.as_str(), key.as_str()].join("\0").into_bytes())
}

fn split(cursor: &Cursor) -> Option<(&str, &str)> {
    if cursor.0.is_empty() {
        return Some(("", ""));
    }
    std::str::from_utf8(&cursor.0).ok()?.split_once('\0')
}
