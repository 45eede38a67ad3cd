//! What must not be used twice. Marked only after it was verified, so that an anonymous request writes nothing.

use std::{sync::Arc, time::Duration};

use crate::{
    store::{Backend, Commit, Guard, Outcome, Partition, Put, RecordKey, StoreError},
    types::{Clock, Random, bytes, random},
};

/// Kept for so much longer, for clocks that differ or are set back.
const LEEWAY: Duration = Duration::from_secs(60);

/// Remembers what was spent, by its hash, until it would be refused anyway.
#[derive(Clone)]
pub struct Spent {
    store: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Spent {
    /// On a store.
    pub fn new(store: Arc<dyn Backend>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// Spends something, named by its kind and its parts. `true` the first time, `false` ever after, whoever asks.
    ///
    /// # Errors
    /// The store's own; then it must count as spent.
    pub async fn spend(&self, kind: &str, parts: &[&[u8]], keep: Duration) -> Result<bool, StoreError> {
        let key = RecordKey::spent();
        let put = Put {
            key: key.clone(),
            version: random::bytes(&*self.random),
            value: Vec::new(),
            expires: Some(self.clock.now().plus(keep).plus(LEEWAY)),
            due: None,
        };
        let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
        Ok(self.store.commit(&named(kind, parts), commit).await? == Outcome::Committed)
    }

    /// Whether something was spent, as far as it is remembered.
    ///
    /// # Errors
    /// The store's own.
    pub async fn is_spent(&self, kind: &str, parts: &[&[u8]]) -> Result<bool, StoreError> {
        let read = self.store.read(&named(kind, parts), &[RecordKey::spent()]).await?;
        Ok(read.into_iter().flatten().next().is_some())
    }
}

/// Each part is hashed by itself, so that no two lists of parts have one name.
fn named(kind: &str, parts: &[&[u8]]) -> Partition {
    let mut named = kind.as_bytes().to_vec();
    for part in parts {
        named.push(0);
        named.extend_from_slice(&bytes::sha256(part));
    }
    Partition::spent(&bytes::sha256(&named))
}
