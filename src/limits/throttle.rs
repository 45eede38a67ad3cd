//! One keyed limit in bounded memory.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use governor::{Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, state::keyed::DefaultKeyedStateStore};

use super::RetryAfter;
use crate::{config::Rate, telemetry::metrics};

/// How many keys are kept count of: some ten megabytes at most.
pub(super) const MAX_KEYS: usize = 100_000;

/// After so many counts, keys that have fully recovered are forgotten.
pub(super) const SWEEP_EVERY: u32 = 1024;

type Limiter<K, C> = RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// A limit for each key.
pub(super) struct Throttle<K: Hash + Eq + Clone, C: Clock + Clone> {
    by: &'static str,
    limiter: Limiter<K, C>,
    clock: C,
    counted: AtomicU32,
    crowded: AtomicBool,
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Throttle<K, C> {
    /// `times` the rate for each key; `by` says in the numbers what the keys are.
    pub(super) fn new(by: &'static str, rate: Rate, times: u32, clock: &C) -> Self {
        let burst = rate.count.saturating_mul(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN));
        // A rate without a period cannot be configured; one a second is the careful reading of it.
        let quota = Quota::with_period(rate.per / burst.get()).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self {
            by,
            limiter: RateLimiter::new(quota.allow_burst(burst), DefaultKeyedStateStore::default(), clock.clone()),
            clock: clock.clone(),
            counted: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
        }
    }

    /// Counts one for `key`.
    pub(super) fn count(&self, key: &K) -> Result<(), RetryAfter> {
        self.sweep_now_and_then();
        self.limiter.check_key(key).map_err(|until| {
            metrics::limited(self.by);
            RetryAfter(until.wait_time_from(self.clock.now()))
        })
    }

    /// Whether there were more keys than are kept count of when it was looked last.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// Forgets, at every so many calls, what is as good as never counted.
    pub(super) fn sweep_now_and_then(&self) {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            let crowded = self.limiter.len() >= MAX_KEYS;
            if self.crowded.swap(crowded, Ordering::Relaxed) && !crowded {
                self.limiter.shrink_to_fit();
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}
