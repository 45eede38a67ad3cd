//! What must not be used twice. Marked only after it was verified, so that an anonymous request writes nothing.

use std::{sync::Arc, time::Duration};

use crate::{
    store::{Backend, Commit, Guard, Outcome, Partition, Put, RecordKey, StoreError},
    types::{Clock, Random, bytes, random},
};

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
        let mut named = kind.as_bytes().to_vec();
        for part in parts {
            named.push(0);
            named.extend_from_slice(&bytes::sha256(part));
        }
        let key = RecordKey::spent();
        let put = Put {
            key: key.clone(),
            version: random::bytes(&*self.random),
            value: Vec::new(),
            expires: Some(self.clock.now().plus(keep)),
            due: None,
        };
        let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
        let partition = Partition::spent(&bytes::sha256(&named));
        Ok(self.store.commit(&partition, commit).await? == Outcome::Committed)
    }
}
