//! Wakes whoever waits for work, at the moment when this instance has committed some.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Notify, futures::Notified};

use crate::{
    store::{Backend, Commit, Cursor, Entry, Health, Kind, Outcome, Partition, RecordKey, StoreError, Stored},
    types::Timestamp,
};

/// Rings when there is something to tell apps. Clones ring together.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Bells>);

#[derive(Debug, Default)]
struct Bells {
    courier: Notify,
    mailboxes: Notify,
}

impl Bell {
    /// There is something to do. Remembered if nobody waits.
    pub fn ring(&self) {
        self.0.courier.notify_one();
    }

    /// A mailbox has something new.
    pub fn ring_mailboxes(&self) {
        self.0.mailboxes.notify_waiters();
    }

    /// Waits for something to do; for the one who does it.
    pub fn rung(&self) -> Notified<'_> {
        self.0.courier.notified()
    }

    /// Waits for something new in a mailbox, whosever.
    pub fn mailbox(&self) -> Notified<'_> {
        self.0.mailboxes.notified()
    }
}

/// A store that rings a bell when an intent is committed: whoever acts cannot forget to.
pub struct Ringing {
    store: Arc<dyn Backend>,
    bell: Bell,
}

impl Ringing {
    /// Around a store.
    pub fn around(store: Arc<dyn Backend>, bell: Bell) -> Arc<dyn Backend> {
        Arc::new(Self { store, bell })
    }
}

#[async_trait]
impl Backend for Ringing {
    async fn read(&self, partition: &Partition, keys: &[RecordKey]) -> Result<Vec<Option<Stored>>, StoreError> {
        self.store.read(partition, keys).await
    }

    async fn commit(&self, partition: &Partition, commit: Commit) -> Result<Outcome, StoreError> {
        let tells = commit.puts.iter().any(|put| put.key.kind() == Some(Kind::Intent));
        let outcome = self.store.commit(partition, commit).await?;
        if tells && outcome == Outcome::Committed {
            self.bell.ring();
        }
        Ok(outcome)
    }

    async fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.store.list(partition, kind, after, limit).await
    }

    async fn due(&self, partition: &Partition, now: Timestamp, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.store.due(partition, now, limit).await
    }

    async fn wipe(&self, partition: &Partition, keep: &[RecordKey]) -> Result<(), StoreError> {
        self.store.wipe(partition, keep).await
    }

    async fn scan(&self, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
        self.store.scan(from, limit).await
    }

    async fn health(&self) -> Result<Health, StoreError> {
        self.store.health().await
    }
}
