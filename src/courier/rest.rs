//! An app that does not answer is left alone for a while with all that waits for it, so that a long outage of one costs
//! the others nothing. Each instance finds that out for itself.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::desk::{WAITS, backoff};
use crate::types::{AppId, Random, Timestamp};

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
        self.apps().get(app).map(|rest| rest.until).filter(|until| *until > now)
    }

    /// An app did not answer; what failed is tried again at `next`.
    pub(super) fn failed(&self, app: &AppId, next: Timestamp, now: Timestamp, random: &dyn Random) {
        let mut apps = self.apps();
        let failures = apps.get(app).map_or(0, |rest| rest.failures);
        let (first, longest) = WAITS;
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
