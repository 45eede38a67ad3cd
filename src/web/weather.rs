//! Which providers did not answer lately: in memory, for the page that offers them. Nothing is decided by it; a
//! provider that was away may be tried at any time.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::types::{ProviderId, Timestamp};

/// For how long a failure is told. It ends sooner when somebody gets through.
const LATELY: Duration = Duration::from_secs(60);

/// When each provider last failed to answer; zero where it did not.
#[derive(Debug, Default)]
pub struct Weather(BTreeMap<ProviderId, AtomicU64>);

impl Weather {
    /// Fair, for these providers.
    pub fn fair(providers: &[ProviderId]) -> Self {
        Self(providers.iter().map(|id| (id.clone(), AtomicU64::new(0))).collect())
    }

    /// A provider did not answer.
    pub fn away(&self, provider: &ProviderId, now: Timestamp) {
        self.set(provider, now.as_millis());
    }

    /// A provider answered.
    pub fn back(&self, provider: &ProviderId) {
        self.set(provider, 0);
    }

    /// Whether a provider did not answer lately.
    pub fn is_away(&self, provider: &ProviderId, now: Timestamp) -> bool {
        let at = self.0.get(provider).map_or(0, |at| at.load(Ordering::Relaxed));
        at > 0 && now.age_of(Timestamp::from_millis(at)) < LATELY
    }

    fn set(&self, provider: &ProviderId, at: u64) {
        if let Some(last) = self.0.get(provider) {
            last.store(at, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Clock, SetClock};

    #[test]
    fn a_failure_is_told_until_somebody_gets_through_or_a_minute_has_gone() {
        let [google, other]: [ProviderId; 2] = ["google", "other"].map(|name| name.parse().unwrap());
        let (weather, clock) = (Weather::fair(std::slice::from_ref(&google)), SetClock::default());
        assert!(!weather.is_away(&google, clock.now()));
        weather.away(&google, clock.now());
        assert!(weather.is_away(&google, clock.now()));
        weather.back(&google);
        assert!(!weather.is_away(&google, clock.now()));
        weather.away(&google, clock.now());
        clock.forward(LATELY);
        assert!(!weather.is_away(&google, clock.now()));
        weather.away(&other, clock.now());
        assert!(!weather.is_away(&other, clock.now()), "nobody asked about it");
    }
}
