//! Redis or Valkey. One round trip a verb: a read is one `MGET`, a commit one script, so that it happens whole or
//! not at all; the index by which a partition is listed and wiped changes in the same script.

mod address;
mod health;
mod keys;
mod link;
mod scan;
mod scripts;
mod value;

use std::sync::Arc;

use async_trait::async_trait;
use redis::{ErrorKind, FromRedisValue, RedisError, Value};
use tokio::time::timeout;

use self::{
    link::{Link, PATIENCE, Question},
    scripts::Scripts,
};
use super::{
    Backend, Commit, Cursor, Entry, Health, Kind, OpenStoreError, Outcome, Partition, RecordKey, StoreError, Stored,
};
use crate::types::{Clock, Timestamp};

/// At most this many records come from one call of [`Backend::list`], [`Backend::due`] or [`Backend::scan`].
const MAX_PAGE: usize = 1000;

/// A store in Redis. A clone has a connection of its own.
pub struct Redis {
    link: Link,
    scripts: Arc<Scripts>,
    clock: Arc<dyn Clock>,
}

impl Clone for Redis {
    fn clone(&self) -> Self {
        Self { link: self.link.another(), scripts: Arc::clone(&self.scripts), clock: Arc::clone(&self.clock) }
    }
}

impl Redis {
    /// Understands an address; connects when something is asked.
    ///
    /// # Errors
    /// [`OpenStoreError::Address`] if it is none.
    pub fn open(address: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenStoreError> {
        Ok(Self { link: Link::new(Arc::new(address::parse(address)?)), scripts: Arc::default(), clock })
    }

    /// Asks for a commit. The answer may get lost with the connection; the script, asked again, knows whether it
    /// has happened. Only where a guard then does not hold, and the puts do not stand there, is nothing known: it
    /// may be a conflict, or what was written is already replaced.
    async fn commit_for_sure(&self, question: &Question<'_>) -> Result<i64, RedisError> {
        match self.link.ask(question).await {
            Err(lost) if lost.is_connection_dropped() => match answer(self.link.ask(question).await?)? {
                0 => Err(lost),
                known => Ok(known),
            },
            other => answer(other?),
        }
    }
}

#[async_trait]
impl Backend for Redis {
    async fn read(&self, partition: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("MGET");
        for key in keys {
            command.arg(keys::record(partition, key));
        }
        let values = self.link.ask_again(&Question::Command(&command)).await.map_err(unavailable)?;
        let values: Vec<Option<Vec<u8>>> = answer(values).map_err(unavailable)?;
        if values.len() != keys.len() {
            return Err(unavailable(no_answer()));
        }
        let now = self.clock.now();
        let stored = values.into_iter().map(|value| value.map(value::decode).transpose());
        stored.map(|stored| stored.map(|stored| stored.filter(|stored| lives(stored, now)))).collect()
    }

    async fn commit(&self, partition: &Partition, commit: Commit) -> Result<Outcome, StoreError> {
        let script = self.scripts.commit(partition, &commit, self.clock.now());
        match timeout(PATIENCE, self.commit_for_sure(&Question::Script(&script))).await {
            Ok(Ok(1)) => Ok(Outcome::Committed),
            Ok(Ok(0)) => Ok(Outcome::Conflict),
            Ok(Ok(_)) => Err(value::foreign()),
            Ok(Err(error)) => Err(unavailable(error)),
            Err(elapsed) => Err(StoreError::Unavailable(Box::new(elapsed))),
        }
    }

    async fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let script = self.scripts.list(partition, kind, after, limit.min(MAX_PAGE), self.clock.now());
        entries(partition, self.link.ask_again(&Question::Script(&script)).await)
    }

    async fn due(&self, partition: &Partition, now: Timestamp, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let script = self.scripts.due(partition, now, limit.min(MAX_PAGE), self.clock.now());
        entries(partition, self.link.ask_again(&Question::Script(&script)).await)
    }

    async fn wipe(&self, partition: &Partition, keep: &[RecordKey]) -> Result<(), StoreError> {
        let script = self.scripts.wipe(partition, keep, self.clock.now());
        let wiped: Result<i64, RedisError> = self.link.ask_again(&Question::Script(&script)).await.and_then(answer);
        wiped.map(drop).map_err(unavailable)
    }

    async fn scan(&self, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        let now = self.clock.now();
        let (mut entries, next) = scan::page(&self.link, from, limit.clamp(1, MAX_PAGE)).await?;
        entries.retain(|entry| lives(&entry.stored, now));
        Ok((entries, next))
    }

    async fn health(&self) -> Result<Health, StoreError> {
        health::check(&self.link).await.map_err(unavailable)
    }
}

fn lives(stored: &Stored, now: Timestamp) -> bool {
    stored.expires.is_none_or(|at| at > now)
}

/// Nothing that is asked here is answered by nothing at all, which would read as an empty list: as if no record were there.
fn answer<T: FromRedisValue>(value: Value) -> Result<T, RedisError> {
    if value == Value::Nil {
        return Err(no_answer());
    }
    redis::from_redis_value(value).map_err(RedisError::from)
}

fn no_answer() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "not an answer to what was asked").into()
}

fn unavailable(error: RedisError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// What a script found: name, bytes, name, bytes …
fn entries(partition: &Partition, found: Result<Value, RedisError>) -> Result<Vec<Entry>, StoreError> {
    let found: Vec<(String, Vec<u8>)> = found.and_then(answer).map_err(unavailable)?;
    let entry = |(name, bytes): (String, Vec<u8>)| {
        let stored = value::decode(bytes)?;
        Ok(Entry { partition: partition.clone(), key: RecordKey::from_store(name), stored })
    };
    found.into_iter().map(entry).collect()
}
