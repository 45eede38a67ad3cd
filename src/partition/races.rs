//! Commits that lose a race are tried again a few times, from what is there then.

use crate::store::{Backend, Commit, Guard, Outcome, Partition, Put, RecordKey, StoreError};

/// How often, before whoever asked is told to come back. Each round one of those who race gets through, so that this is
/// how many may act for one person at once.
pub const TRIES: usize = 32;

/// What is said then: it is as if the store were away for a moment.
pub fn too_many() -> StoreError {
    StoreError::Unavailable("too many changes at once".into())
}

/// Writes a record, whatever its version is by now.
///
/// # Errors
/// The store's own; then nothing is known to have been written.
pub async fn write(store: &dyn Backend, partition: &Partition, put: Put) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let stored = store.read(partition, std::slice::from_ref(&put.key)).await?.pop().flatten();
        let guards = vec![Guard::as_read(put.key.clone(), stored.map(|stored| stored.version))];
        let commit = Commit { guards, puts: vec![put.clone()], deletes: vec![] };
        if store.commit(partition, commit).await? == Outcome::Committed {
            return Ok(());
        }
    }
    Err(too_many())
}

/// Takes a record away, whatever its version is by now. One that is not there is no error.
///
/// # Errors
/// The store's own; then nothing is known to have gone.
pub async fn remove(store: &dyn Backend, partition: &Partition, key: RecordKey) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let Some(stored) = store.read(partition, std::slice::from_ref(&key)).await?.pop().flatten() else {
            return Ok(());
        };
        let guards = vec![Guard::Version(key.clone(), stored.version)];
        let commit = Commit { guards, deletes: vec![key.clone()], ..Commit::default() };
        if store.commit(partition, commit).await? == Outcome::Committed {
            return Ok(());
        }
    }
    Err(too_many())
}
