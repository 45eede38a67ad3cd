//! The mark that instances share: who walks, and how the last walk went.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Sweeper;
use crate::{
    store::{Commit, Guard, Outcome, Partition, RecordKey, StoreError, Version},
    types::{Timestamp, ids::RandomId},
};

/// How long a lease holds if nobody renews it.
const LEASE: Duration = Duration::from_secs(5 * 60);

/// How a walk went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How many records it looked at.
    pub looked_at: u64,
    /// How many of them will end sooner than they would have.
    pub shortened: u64,
    /// How many were over already.
    pub removed: u64,
}

impl LastRun {
    /// How long it took.
    pub fn took(self) -> Duration {
        self.ended.since(self.began)
    }
}

/// What the mark holds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Mark {
    lease: Option<Holder>,
    pub(super) last: Option<LastRun>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Holder {
    by: RandomId,
    until: Timestamp,
}

/// The right to walk, as it was last written.
pub(super) struct Lease {
    mark: Mark,
    version: Version,
    until: Timestamp,
}

fn place() -> (Partition, RecordKey) {
    (Partition::marks(), RecordKey::mark("sweeper"))
}

impl Sweeper {
    /// The mark, and its version if there is one. One that does not open is no mark: a walk too many does no harm.
    pub(super) async fn read_mark(&self) -> Result<(Mark, Option<Version>), StoreError> {
        let (partition, key) = place();
        let stored = self.store.read(&partition, std::slice::from_ref(&key)).await?.pop().flatten();
        let Some(stored) = stored else { return Ok((Mark::default(), None)) };
        let mark = self.codec.open_lasting("sweeper", &partition, &key, &stored.value).unwrap_or_default();
        Ok((mark, Some(stored.version)))
    }

    /// Takes the lease, if nobody else has it.
    pub(super) async fn take_lease(
        &self,
        mark: Mark,
        version: Option<Version>,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        if mark.lease.is_some_and(|lease| lease.by != self.me() && now < lease.until) {
            return Ok(None);
        }
        let until = now.plus(LEASE);
        let mark = Mark { lease: Some(Holder { by: self.me(), until }), ..mark };
        Ok(self.write(mark, version).await?.map(|version| Lease { mark, version, until }))
    }

    /// Renews the lease when half of it is over. `None`: another instance has it by now.
    pub(super) async fn renew(&self, lease: Lease) -> Result<Option<Lease>, StoreError> {
        let now = self.now();
        if now.plus(LEASE / 2) < lease.until {
            return Ok(Some(lease));
        }
        self.take_lease(lease.mark, Some(lease.version), now).await
    }

    /// Writes down how the walk went, and gives the lease back. Whether it still was ours.
    pub(super) async fn give_back(&self, lease: Lease, run: LastRun) -> Result<bool, StoreError> {
        let mark = Mark { lease: None, last: Some(run) };
        Ok(self.write(mark, Some(lease.version)).await?.is_some())
    }

    /// The new version; `None` if somebody else has written since.
    async fn write(&self, mark: Mark, before: Option<Version>) -> Result<Option<Version>, StoreError> {
        let (partition, key) = place();
        let guard = Guard::as_read(key.clone(), before);
        let put = self.codec.put_lasting("sweeper", &partition, key, &mark, None);
        let version = put.version;
        let commit = Commit { guards: vec![guard], puts: vec![put], deletes: vec![] };
        Ok((self.store.commit(&partition, commit).await? == Outcome::Committed).then_some(version))
    }
}
