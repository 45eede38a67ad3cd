//! Time is a parameter: whatever needs to know the hour takes a [`Clock`].

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How far the clocks of machines that work together may differ.
const SKEW: Duration = Duration::from_secs(60);

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Arithmetic saturates, so that a clock or a stored
/// value that lies cannot overflow anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch, as `iat`, `exp` and `auth_time` carry them.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down (RFC 7519, NumericDate).
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// This moment and `span` later.
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    /// This moment and `span` earlier, not before the epoch.
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long ago `earlier` was; zero when it lies in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// How old what happened at `earlier` is, for whoever lets it count for a while. What lies further ahead than clocks
    /// differ is as old as can be: once a clock that was ahead is set right, nothing counts for as long as it was.
    pub fn age_of(self, earlier: Self) -> Duration {
        if earlier > self.plus(SKEW) { Duration::MAX } else { self.since(earlier) }
    }

    /// As RFC 3339 in UTC, for logs, exports and `<time datetime>`.
    pub fn rfc3339(self) -> String {
        self.date_time().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| "9999-12-31T23:59:59Z".into())
    }

    /// As a calendar date and time in UTC; `None` beyond the year 9999.
    pub fn date_time(self) -> Option<OffsetDateTime> {
        i64::try_from(self.as_secs()).ok().and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since_epoch)
    }
}

/// A clock that stands until it is moved: for tests of whatever takes time.
#[derive(Debug)]
pub struct SetClock(AtomicU64);

impl SetClock {
    /// One that shows `at`.
    pub const fn at(at: Timestamp) -> Self {
        Self(AtomicU64::new(at.as_millis()))
    }

    /// Moves it on.
    pub fn forward(&self, span: Duration) {
        self.0.store(self.now().plus(span).as_millis(), Ordering::SeqCst);
    }

    /// Moves it back, as a corrected machine clock does.
    pub fn back(&self, span: Duration) {
        self.0.store(self.now().minus(span).as_millis(), Ordering::SeqCst);
    }
}

impl Default for SetClock {
    /// 25 November 2025, midnight.
    fn default() -> Self {
        Self::at(Timestamp::from_secs(1_764_028_800))
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Timestamp::from_secs(u64::MAX).plus(Duration::MAX), Timestamp::from_millis(u64::MAX));
        assert_eq!(Timestamp::from_secs(1).minus(Duration::from_secs(5)), Timestamp::default());
        assert_eq!(Timestamp::from_secs(1).since(Timestamp::from_secs(9)), Duration::ZERO);
        assert_eq!(Timestamp::from_millis(u64::MAX).rfc3339(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_to_come_is_not_young() {
        let now = Timestamp::from_secs(1_000);
        for (earlier, age) in [(990, 10), (1_000, 0), (1_060, 0)] {
            assert_eq!(now.age_of(Timestamp::from_secs(earlier)), Duration::from_secs(age));
        }
        assert_eq!(now.age_of(Timestamp::from_secs(1_061)), Duration::MAX);
    }

    #[test]
    fn seconds_round_down() {
        assert_eq!(Timestamp::from_millis(1999).as_secs(), 1);
        assert_eq!(Timestamp::from_secs(1_764_028_800).rfc3339(), "2025-11-25T00:00:00Z");
    }
}
