//! A store in memory, for this room's tests: one partition, three verbs, and a switch that takes it away.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;

use crate::{
    store::{Backend, Commit, Cursor, Entry, Guard, Health, Kind, Outcome, Partition, RecordKey, StoreError, Stored},
    types::Timestamp,
};

#[derive(Default)]
pub(super) struct Memory {
    records: Mutex<BTreeMap<RecordKey, Stored>>,
    pub(super) away: AtomicBool,
    pub(super) commits: AtomicUsize,
}

impl Memory {
    fn there(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }

    /// Every byte that the store holds.
    pub(super) fn dump(&self) -> Vec<u8> {
        self.records.lock().unwrap().values().flat_map(|stored| stored.value.clone()).collect()
    }
}

#[async_trait]
impl Backend for Memory {
    async fn read(&self, _: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError> {
        self.there()?;
        tokio::task::yield_now().await;
        let records = self.records.lock().unwrap();
        Ok(keys.iter().map(|key| records.get(key).cloned()).collect())
    }

    async fn commit(&self, _: &Partition, commit: Commit) -> Result<Outcome, StoreError> {
        self.there()?;
        tokio::task::yield_now().await;
        let mut records = self.records.lock().unwrap();
        let holds = |guard: &Guard| match guard {
            Guard::Absent(key) => !records.contains_key(key),
            Guard::Version(key, version) => records.get(key).is_some_and(|stored| stored.version == *version),
        };
        if !commit.guards.iter().all(holds) {
            return Ok(Outcome::Conflict);
        }
        for put in commit.puts {
            records.insert(put.key, Stored { version: put.version, value: put.value, expires: put.expires });
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(Outcome::Committed)
    }

    async fn list(&self, _: &Partition, _: Kind, _: Option<&RecordKey>, _: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(vec![])
    }

    async fn due(&self, _: &Partition, _: Timestamp, _: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(vec![])
    }

    async fn wipe(&self, _: &Partition, _: &[RecordKey]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn scan(&self, _: &Cursor, _: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        Ok((vec![], None))
    }

    async fn health(&self) -> Result<Health, StoreError> {
        Ok(Health::default())
    }
}
