//! `[lifetimes]`: how long things live.

use std::time::Duration;

use super::{Lifetimes, section::Section};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

pub(super) fn read(section: &Section<'_>) -> Option<Lifetimes> {
    let default = Lifetimes::default();
    let span = |key, default, shortest, longest| within(section, key, default, shortest, longest);
    let lifetimes = (
        span("attempt", default.attempt, MINUTE, HOUR),
        // RFC 6749, section 4.1.2: ten minutes at most.
        span("code", default.code, SECOND, 10 * MINUTE),
        span("access_token", default.access_token, SECOND, HOUR),
        span("id_token", default.id_token, SECOND, HOUR),
        span("session_idle", default.session_idle, MINUTE, YEAR),
        // Browsers keep no cookie for longer than 400 days.
        span("session", default.session, MINUTE, 400 * DAY),
        span("refresh_idle", default.refresh_idle, MINUTE, 2 * YEAR),
        span("refresh", default.refresh, MINUTE, 5 * YEAR),
        span("refresh_grace", default.refresh_grace, Duration::ZERO, 10 * MINUTE),
        span("consent", default.consent, DAY, 5 * YEAR),
        span("history", default.history, DAY, 5 * YEAR),
    );
    let lifetimes = Lifetimes {
        attempt: lifetimes.0?,
        code: lifetimes.1?,
        access_token: lifetimes.2?,
        id_token: lifetimes.3?,
        session_idle: lifetimes.4?,
        session: lifetimes.5?,
        refresh_idle: lifetimes.6?,
        refresh: lifetimes.7?,
        refresh_grace: lifetimes.8?,
        consent: lifetimes.9?,
        history: lifetimes.10?,
    };
    not_longer(section, "session_idle", lifetimes.session_idle, "session", lifetimes.session);
    not_longer(section, "refresh_idle", lifetimes.refresh_idle, "refresh", lifetimes.refresh);
    Some(lifetimes)
}

/// A duration between two bounds; `default` where there is none.
pub(super) fn within(
    section: &Section<'_>,
    key: &str,
    default: Duration,
    shortest: Duration,
    longest: Duration,
) -> Option<Duration> {
    let Some(value) = section.get(key) else { return Some(default) };
    let span = value.duration()?;
    if span < shortest || span > longest {
        let words = humantime::format_duration;
        value.fault(
            format!("{} makes no sense here", words(span)),
            format!(
                "write something between {} and {}; the default is {}",
                words(shortest),
                words(longest),
                words(default)
            ),
        );
        return None;
    }
    Some(span)
}

fn not_longer(section: &Section<'_>, idle_key: &str, idle: Duration, key: &str, absolute: Duration) {
    if idle > absolute {
        let words = humantime::format_duration;
        // The setting that the file has is the one to change.
        let value = section.get(idle_key).or_else(|| section.get(key));
        let problem = format!("{idle_key} ({}) is longer than {key} ({})", words(idle), words(absolute));
        let remedy = format!("make {idle_key} shorter, or {key} longer");
        match value {
            Some(value) => value.fault(problem, remedy),
            None => section.fault(problem, remedy),
        }
    }
}
