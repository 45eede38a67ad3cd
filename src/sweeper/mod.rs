//! Keeping every retention. What has expired vanishes by itself, in the store. The sweeper walks all records besides,
//! one page after the other at a low pace, and ends what stayed too long: what was written when the operator allowed
//! longer, what a deletion that broke off left behind, and the traces that a store keeps of the names of what has expired.
//!
//! One instance at a time walks: it holds a lease in a mark that all share, where the last run is written, too. An
//! instance that stops in the middle loses the lease after a few minutes, and another begins anew; a store that is
//! away ends a walk, and the next look tries again.

mod mark;
mod walk;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwapOption;

pub use mark::LastRun;

use crate::{
    accounts::Accounts,
    config::Lifetimes,
    partition::Codec,
    store::{Backend, StoreError},
    telemetry::metrics,
    types::{Clock, Timestamp, ids::RandomId},
};

/// How often an instance looks whether a walk is due. The first look comes so long after the start, too.
const LOOK: Duration = Duration::from_secs(60);

/// From the end of one walk to the beginning of the next.
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// After so long without a walk somebody should look why.
const OVERDUE: Duration = Duration::from_secs(24 * 3600);

/// Walks the store. One for each instance.
pub struct Sweeper {
    store: Arc<dyn Backend>,
    accounts: Accounts,
    codec: Codec,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    /// This instance, among those that share the store; named when it first walks, since the first random bytes of a
    /// process take longer than all the rest of its start.
    me: OnceLock<RandomId>,
    last: ArcSwapOption<LastRun>,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing is due.
    Rests,
    /// Another instance walks, or took over.
    Elsewhere,
    /// Every record was looked at.
    Swept(LastRun),
}

impl Sweeper {
    /// On a store.
    pub fn new(
        store: Arc<dyn Backend>,
        accounts: Accounts,
        codec: Codec,
        clock: Arc<dyn Clock>,
        lifetimes: Lifetimes,
    ) -> Self {
        Self { store, accounts, codec, clock, lifetimes, me: OnceLock::new(), last: ArcSwapOption::empty() }
    }

    fn me(&self) -> RandomId {
        *self.me.get_or_init(|| RandomId::generate(self.codec.sealer().random()))
    }

    /// The last walk that ended, by whichever instance, as this one knows it.
    pub fn last_run(&self) -> Option<LastRun> {
        self.last.load().as_deref().copied()
    }

    /// What an operator should be told, if walks have stopped.
    pub fn warning(&self) -> Option<String> {
        let last = self.last_run().filter(|last| self.clock.now().age_of(last.ended) > OVERDUE)?;
        Some(format!(
            "the last sweep ended at {}: look in the log for why no other did, since retention depends on it",
            last.ended
        ))
    }

    /// Looks every minute, for as long as it is polled. A failure is logged when it begins and when it ends.
    pub async fn watch(self: Arc<Self>) {
        let mut failing = false;
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look().await {
                Ok(look) => {
                    if std::mem::take(&mut failing) {
                        tracing::info!("the sweeper reaches the store again");
                    }
                    if let Look::Swept(run) = look {
                        let LastRun { looked_at, shortened, removed, .. } = run;
                        tracing::info!(looked_at, shortened, removed, seconds = run.took().as_secs(), "swept");
                    }
                }
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(%error, "the sweeper cannot go on");
                }
                Err(_) => {}
            }
        }
    }

    /// Walks all records if that is due and nobody else does.
    ///
    /// # Errors
    /// The store's own; what was done until then is done.
    pub async fn look(&self) -> Result<Look, StoreError> {
        let (mark, version) = self.read_mark().await?;
        self.remember(mark.last);
        let now = self.clock.now();
        if mark.last.is_some_and(|last| now.age_of(last.ended) < EVERY) {
            return Ok(Look::Rests);
        }
        let Some(lease) = self.take_lease(mark, version, now).await? else { return Ok(Look::Elsewhere) };
        let Some(run) = self.walk(lease, now).await? else { return Ok(Look::Elsewhere) };
        self.remember(Some(run));
        Ok(Look::Swept(run))
    }

    fn remember(&self, last: Option<LastRun>) {
        if let Some(last) = last {
            metrics::swept(last.ended.as_secs(), last.took(), last.looked_at);
        }
        self.last.store(last.map(Arc::new));
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
