//! The walk: every record is looked at once, and held to what is written down about its kind.

use std::time::Duration;

use super::{LastRun, Sweeper, mark::Lease};
use crate::{
    store::{Commit, Cursor, Entry, Guard, Kind, Outcome, Put, StoreError, about::Whose},
    types::Timestamp,
};

/// How many records are looked at at once.
const PAGE: usize = 100;

/// The pause between pages: a walk takes minutes, so that nobody notices it.
const PAUSE: Duration = Duration::from_millis(50);

/// Instances' clocks may differ by so much before a record counts as too long-lived.
const SLACK: Duration = Duration::from_secs(5 * 60);

impl Sweeper {
    /// Looks at every record. `None`: another instance took over.
    pub(super) async fn walk(&self, mut lease: Lease, began: Timestamp) -> Result<Option<LastRun>, StoreError> {
        let mut run = LastRun { began, ended: began, looked_at: 0, shortened: 0, removed: 0 };
        let mut cursor = Cursor::default();
        loop {
            let (entries, next) = self.store.scan(&cursor, PAGE).await?;
            for entry in &entries {
                self.visit(entry, &mut run).await?;
            }
            let Some(next) = next else { break };
            let Some(renewed) = self.renew(lease).await? else { return Ok(None) };
            (lease, cursor) = (renewed, next);
            tokio::time::sleep(PAUSE).await;
        }
        run.ended = self.now();
        Ok(self.give_back(lease, run).await?.then_some(run))
    }

    async fn visit(&self, entry: &Entry, run: &mut LastRun) -> Result<(), StoreError> {
        // A newer build's record is its own business.
        let Some(kind) = entry.key.kind() else { return Ok(()) };
        run.looked_at += 1;
        if kind == Kind::Head {
            self.finish_deletion(entry, run).await?;
            self.tidy(entry).await?;
        }
        let Some(until) = self.end_of(entry, kind) else { return Ok(()) };
        let is_over = until <= self.now();
        if !is_over && entry.stored.expires.is_some_and(|end| end <= until.plus(SLACK)) {
            return Ok(());
        }
        // A race that is lost is fine: what was written since was written under today's rules, or is looked at next time.
        if self.cut(entry, until, is_over).await? == Outcome::Committed {
            if is_over { run.removed += 1 } else { run.shortened += 1 }
        }
        Ok(())
    }

    /// Each account is visited at its head, which outlives it: what belongs to a life that is over goes, if whoever
    /// ended it was stopped before.
    async fn finish_deletion(&self, head: &Entry, run: &mut LastRun) -> Result<(), StoreError> {
        if let Some(home) = head.partition.as_home() {
            run.removed += u64::try_from(self.accounts.sweep(home).await?).unwrap_or(u64::MAX);
        }
        Ok(())
    }

    /// When a record must be gone, as its kind and today's configuration have it; `None` where something else ends it.
    /// What is nobody's is left alone: a mark of something spent must outlive what it refuses.
    fn end_of(&self, entry: &Entry, kind: Kind) -> Option<Timestamp> {
        let about = kind.about();
        let longest = about.keep.longest(&self.lifetimes).filter(|_| about.whose == Whose::Person)?;
        Some(entry.key.written().unwrap_or_else(|| self.now()).plus(longest))
    }

    async fn cut(&self, entry: &Entry, until: Timestamp, is_over: bool) -> Result<Outcome, StoreError> {
        let (key, stored) = (entry.key.clone(), &entry.stored);
        let guards = vec![Guard::Version(key.clone(), stored.version)];
        let commit = if is_over {
            Commit { guards, deletes: vec![key], ..Commit::default() }
        } else {
            let (version, value) = (self.codec.version(), stored.value.clone());
            let put = Put { key, version, value, expires: Some(until), due: None };
            Commit { guards, puts: vec![put], ..Commit::default() }
        };
        self.store.commit(&entry.partition, commit).await
    }

    /// A commit that changes nothing. A store that keeps an index of names forgets those of what has expired with each
    /// commit; an account that nobody uses sees none, and a name of a line of history holds a time.
    async fn tidy(&self, head: &Entry) -> Result<(), StoreError> {
        let guards = vec![Guard::Version(head.key.clone(), head.stored.version)];
        let _either_way = self.store.commit(&head.partition, Commit { guards, ..Commit::default() }).await?;
        Ok(())
    }
}
