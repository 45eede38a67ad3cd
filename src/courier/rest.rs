//! An app that does not answer is left alone for a while with all that waits for it, so that a long outage of one costs
//! the others nothing. Each instance finds that out for itself.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::desk::backoff;
use crate::types::{AppId, Random, Timestamp};

/// The first rest and the longest: long enough to cost nothing, short enough that an app which is back hears soon.
const RESTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The apps that do not answer.
#[derive(Debug, Default)]
pub(super) struct Resting(Mutex<BTreeMap<AppId, Rest>>);

#[derive(Clone, Copy, Debug)]
struct Rest {
    until: Timestamp,
    failures: u32,
}

impl Resting {
    /// Until when an app is left alone, if it is.
    pub(super) fn until(&self, app: &AppId, now: Timestamp) -> Option<Timestamp> {
        // No rest is longer than that, but by a clock that was set back: chance at most doubles it.
        let (_, longest) = RESTS;
        let latest = now.plus(longest.saturating_mul(2));
        self.apps().get(app).map(|rest| rest.until).filter(|until| *until > now && *until <= latest)
    }

    /// An app did not answer; what failed is tried again at `next`.
    pub(super) fn failed(&self, app: &AppId, next: Timestamp, now: Timestamp, random: &dyn Random) {
        let mut apps = self.apps();
        let failures = apps.get(app).map_or(0, |rest| rest.failures);
        let (first, longest) = RESTS;
        let until = now.plus(backoff(first, longest, failures, random)).min(next);
        apps.insert(app.clone(), Rest { until, failures: failures.saturating_add(1) });
    }

    /// An app answered.
    pub(super) fn answered(&self, app: &AppId) {
        self.apps().remove(app);
    }

    fn apps(&self) -> MutexGuard<'_, BTreeMap<AppId, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    #[test]
    fn no_app_rests_for_as_long_as_a_clock_was_ahead() {
        let (resting, app, now) = (Resting::default(), "notes".parse().unwrap(), Timestamp::from_secs(1_000_000));
        for _ in 0..20 {
            resting.failed(&app, Timestamp::from_secs(u64::MAX), now, &SystemRandom);
        }
        assert!(resting.until(&app, now).is_some());
        assert!(resting.until(&app, now.plus(RESTS.1 * 2)).is_none());
        assert!(resting.until(&app, now.minus(RESTS.1 * 2)).is_none(), "AC-79");
    }
}
