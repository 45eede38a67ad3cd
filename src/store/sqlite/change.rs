//! One change inside a transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::millis;
use crate::{
    store::{Commit, Guard, Outcome, Partition, Put, RecordKey, Version},
    types::Timestamp,
};

const VERSION: &str = "SELECT version FROM record
    WHERE partition = ?1 AND name = ?2 AND (expires IS NULL OR expires > ?3)";

const PUT: &str = "INSERT OR REPLACE INTO record (partition, name, version, value, expires, due)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const DELETE: &str = "DELETE FROM record WHERE partition = ?1 AND name = ?2";

const WIPE: &str = "DELETE FROM record
    WHERE partition = ?1 AND name NOT IN (SELECT value FROM json_each(?2))";

/// A few at a time: the write lock is not held for long, however much has expired.
const SWEEP: &str = "DELETE FROM record WHERE (partition, name) IN
    (SELECT partition, name FROM record WHERE expires <= ?1 LIMIT 500)";

/// Does what the commit says if its guards hold; they are all looked at before anything is written. The caller
/// undoes what an error leaves half done.
pub(super) fn commit(
    tx: &Connection,
    partition: &Partition,
    commit: &Commit,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    for guard in &commit.guards {
        let holds = match guard {
            Guard::Absent(key) => version(tx, partition, key, now)?.is_none(),
            Guard::Version(key, wanted) => version(tx, partition, key, now)?.as_ref() == Some(wanted),
        };
        if !holds {
            let happened = has_happened(tx, partition, &commit.puts, now)?;
            return Ok(if happened { Outcome::Committed } else { Outcome::Conflict });
        }
    }
    for put in &commit.puts {
        tx.prepare_cached(PUT)?.execute(params![
            partition.as_str(),
            put.key.as_str(),
            put.version,
            put.value,
            put.expires.map(millis),
            put.due.map(millis),
        ])?;
    }
    for key in &commit.deletes {
        tx.prepare_cached(DELETE)?.execute(params![partition.as_str(), key.as_str()])?;
    }
    Ok(Outcome::Committed)
}

/// Versions are random: where each put stands already, this commit put it there.
fn has_happened(tx: &Connection, partition: &Partition, puts: &[Put], now: Timestamp) -> rusqlite::Result<bool> {
    for put in puts {
        if version(tx, partition, &put.key, now)? != Some(put.version) {
            return Ok(false);
        }
    }
    Ok(!puts.is_empty())
}

fn version(
    tx: &Connection,
    partition: &Partition,
    key: &RecordKey,
    now: Timestamp,
) -> rusqlite::Result<Option<Version>> {
    tx.prepare_cached(VERSION)?
        .query_row(params![partition.as_str(), key.as_str(), millis(now)], |row| row.get(0))
        .optional()
}

/// Removes all of a partition but `keep`.
pub(super) fn wipe(tx: &Connection, partition: &Partition, keep: &[RecordKey]) -> rusqlite::Result<()> {
    let keep: serde_json::Value = keep.iter().map(RecordKey::as_str).collect();
    tx.prepare_cached(WIPE)?.execute(params![partition.as_str(), keep.to_string()])?;
    Ok(())
}

/// Removes some of what has expired; how many.
pub(super) fn sweep(tx: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    tx.prepare_cached(SWEEP)?.execute([millis(now)])
}
