//! One document of a provider, kept while it is good: fetched at first use, refreshed beside the traffic, so that no
//! sign-in waits for a refresh; a refresh that fails leaves the old one in place.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::UpstreamError;
use crate::types::{Clock, Timestamp};

/// After this age the document is fetched again.
const STALE: Duration = Duration::from_secs(60 * 60);
/// After this age it is no longer used, however often its refresh failed.
const DEAD: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a failed refresh rests.
const RETRY: Duration = Duration::from_secs(60);
/// For how long a first failure is everybody's answer: long enough that a crowd does not hammer a provider that is
/// down, short enough that nobody notices when it is back.
const BACKOFF: Duration = Duration::from_secs(2);
/// How often something that the document lacks may cause another fetch.
const FORCED: Duration = Duration::from_secs(10);

/// Fetches the document.
pub(super) type Fetch<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, UpstreamError>> + Send + Sync>;

/// The document and its keeper.
pub(super) struct Cache<T> {
    fetch: Fetch<T>,
    clock: Arc<dyn Clock>,
    kept: ArcSwapOption<Kept<T>>,
    /// When a refresh in the background began last, in milliseconds.
    refreshed: AtomicU64,
    /// Held while fetching in the foreground, so that a crowd fetches once.
    turn: Mutex<Turn>,
}

struct Kept<T> {
    document: Arc<T>,
    at: Timestamp,
}

#[derive(Default)]
struct Turn {
    failed: Option<(Timestamp, UpstreamError)>,
    forced: Option<Timestamp>,
}

impl<T: Send + Sync + 'static> Cache<T> {
    pub(super) fn new(clock: Arc<dyn Clock>, fetch: Fetch<T>) -> Arc<Self> {
        Arc::new(Self {
            fetch,
            clock,
            kept: ArcSwapOption::empty(),
            refreshed: AtomicU64::new(0),
            turn: Mutex::default(),
        })
    }

    /// The document: the one that is kept, or at first use a fetched one.
    pub(super) async fn get(self: &Arc<Self>) -> Result<Arc<T>, UpstreamError> {
        if let Some(document) = self.usable() {
            return Ok(document);
        }
        let mut turn = self.turn.lock().await;
        if let Some(document) = self.usable() {
            return Ok(document);
        }
        match &turn.failed {
            Some((at, error)) if self.clock.now().age_of(*at) < BACKOFF => return Err(error.clone()),
            _ => {}
        }
        let fetched = (self.fetch)().await;
        turn.failed = fetched.as_ref().err().map(|error| (self.clock.now(), error.clone()));
        Ok(self.keep(fetched?))
    }

    /// A newer document than `seen`, which lacked something; at most one fetch in ten seconds, and `seen` itself
    /// when there was one just now.
    pub(super) async fn newer(self: &Arc<Self>, seen: &Arc<T>) -> Result<Arc<T>, UpstreamError> {
        let mut turn = self.turn.lock().await;
        match self.usable() {
            Some(current) if !Arc::ptr_eq(&current, seen) => return Ok(current),
            _ => {}
        }
        let now = self.clock.now();
        if turn.forced.is_some_and(|at| now.age_of(at) < FORCED) {
            return Ok(seen.clone());
        }
        turn.forced = Some(now);
        Ok(self.keep((self.fetch)().await?))
    }

    fn usable(self: &Arc<Self>) -> Option<Arc<T>> {
        let kept = self.kept.load_full()?;
        let now = self.clock.now();
        if now.age_of(kept.at) >= STALE {
            self.refresh();
        }
        (now.since(kept.at) < DEAD).then(|| kept.document.clone())
    }

    /// Fetches beside the traffic, one at a time.
    fn refresh(self: &Arc<Self>) {
        let (now, last) = (self.clock.now(), self.refreshed.load(Ordering::Acquire));
        let rested = now.age_of(Timestamp::from_millis(last)) >= RETRY;
        let mine =
            || self.refreshed.compare_exchange(last, now.as_millis(), Ordering::AcqRel, Ordering::Acquire).is_ok();
        if rested && mine() {
            let cache = self.clone();
            tokio::spawn(async move {
                match (cache.fetch)().await {
                    Ok(document) => drop(cache.keep(document)),
                    Err(error) => {
                        tracing::warn!(%error, "a provider's document cannot be refreshed; the old one stays")
                    }
                }
            });
        }
    }

    fn keep(&self, document: T) -> Arc<T> {
        let document = Arc::new(document);
        self.kept.store(Some(Arc::new(Kept { document: document.clone(), at: self.clock.now() })));
        document
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex as SyncMutex, atomic::AtomicUsize};

    use super::*;
    use crate::types::SetClock;

    struct Source {
        clock: Arc<SetClock>,
        fetches: Arc<AtomicUsize>,
        answer: Arc<SyncMutex<Result<u32, UpstreamError>>>,
        cache: Arc<Cache<u32>>,
    }

    fn source() -> Source {
        let clock = Arc::new(SetClock::default());
        let fetches = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(SyncMutex::new(Ok(1)));
        let (count, says) = (fetches.clone(), answer.clone());
        let fetch: Fetch<u32> = Box::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            let says = says.lock().unwrap().clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                says
            })
        });
        Source { cache: Cache::new(clock.clone(), fetch), clock, fetches, answer }
    }

    impl Source {
        fn says(&self, answer: Result<u32, UpstreamError>) {
            *self.answer.lock().unwrap() = answer;
        }

        fn fetches(&self) -> usize {
            self.fetches.load(Ordering::SeqCst)
        }

        async fn settles(&self, fetches: usize) {
            while self.fetches() < fetches {
                tokio::task::yield_now().await;
            }
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
    }

    fn down() -> Result<u32, UpstreamError> {
        Err(UpstreamError::Unavailable("down".into()))
    }

    #[tokio::test]
    async fn a_crowd_fetches_once() {
        let source = source();
        let crowd = (0..64).map(|_| source.cache.get());
        assert!(futures_util::future::join_all(crowd).await.into_iter().all(|got| got.is_ok_and(|one| *one == 1)));
        assert_eq!(source.fetches(), 1);
    }

    #[tokio::test]
    async fn a_first_failure_is_forgotten_after_two_seconds() {
        let source = source();
        source.says(down());
        assert!(source.cache.get().await.is_err() && source.cache.get().await.is_err());
        assert_eq!(source.fetches(), 1);
        source.says(Ok(2));
        source.clock.forward(BACKOFF);
        assert_eq!(source.cache.get().await.map(|two| *two), Ok(2));
    }

    #[tokio::test]
    async fn a_refresh_makes_nobody_wait_and_may_fail() {
        let source = source();
        source.cache.get().await.unwrap();
        source.clock.forward(STALE);
        source.says(down());
        assert_eq!(source.cache.get().await.map(|one| *one), Ok(1));
        source.settles(2).await;
        assert_eq!(source.cache.get().await.map(|one| *one), Ok(1), "kept while the refresh fails");
        assert_eq!(source.fetches(), 2, "and a failed one rests");
        source.says(Ok(2));
        source.clock.forward(RETRY);
        source.cache.get().await.unwrap();
        source.settles(3).await;
        assert_eq!(source.cache.get().await.map(|two| *two), Ok(2));
        source.says(down());
        source.clock.forward(DEAD);
        assert!(source.cache.get().await.is_err(), "not for ever");
    }

    /// AC-79: what happened while the clock was ahead holds nothing up once it is set right.
    #[tokio::test]
    async fn a_clock_that_is_set_back_holds_nothing_up() {
        let (source, day) = (source(), Duration::from_secs(24 * 60 * 60));
        source.says(down());
        assert!(source.cache.get().await.is_err());
        source.clock.back(day);
        source.says(Ok(1));
        let seen = source.cache.get().await.expect("a failure of tomorrow is nobody's answer");
        let seen = source.cache.newer(&seen).await.unwrap();
        source.clock.back(day);
        source.says(Ok(2));
        assert_eq!(*source.cache.newer(&seen).await.unwrap(), 2, "a fetch of tomorrow is no fetch just now");
        let fetches = source.fetches();
        source.clock.back(day);
        source.says(Ok(3));
        assert_eq!(source.cache.get().await.map(|two| *two), Ok(2), "kept meanwhile");
        source.settles(fetches + 1).await;
        assert_eq!(source.cache.get().await.map(|three| *three), Ok(3));
    }

    #[tokio::test]
    async fn what_is_missing_is_fetched_once_in_ten_seconds() {
        let source = source();
        let seen = source.cache.get().await.unwrap();
        source.says(Ok(2));
        let newer = source.cache.newer(&seen).await.unwrap();
        assert_eq!((*newer, source.fetches()), (2, 2));
        assert_eq!(*source.cache.newer(&seen).await.unwrap(), 2, "somebody else fetched it");
        assert_eq!(*source.cache.newer(&newer).await.unwrap(), 2);
        assert_eq!(source.fetches(), 2);
        source.clock.forward(FORCED);
        source.cache.newer(&newer).await.unwrap();
        assert_eq!(source.fetches(), 3);
    }
}
