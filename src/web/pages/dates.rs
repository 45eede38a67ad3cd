//! Dates and periods in words, in the language of the reader.

use std::time::Duration;

use super::Words;
use crate::types::Timestamp;

/// Day and month; the year follows.
const MONTHS: [&str; 12] = [
    "date-1", "date-2", "date-3", "date-4", "date-5", "date-6", "date-7", "date-8", "date-9", "date-10", "date-11",
    "date-12",
];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// A date in the middle of a sentence; `partials/dated.html` shows it.
pub(super) struct Dated {
    pub before: String,
    pub date: String,
    pub rfc3339: String,
    pub after: String,
}

impl Words<'_> {
    /// A date, such as "3 March 2027", in UTC. Beyond the year 9999 it is the RFC 3339 text.
    pub fn date(&self, at: Timestamp) -> String {
        let Some(at) = at.date_time() else { return at.rfc3339() };
        let month = MONTHS.get(usize::from(u8::from(at.month())).saturating_sub(1)).copied().unwrap_or("date-1");
        let day = match (self.lang(), at.day()) {
            ("fr", 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        format!("{} {}", self.with(month, "day", &day), at.year())
    }

    /// A date and the time of day, such as "3 March 2027, 14:05 UTC".
    pub fn moment(&self, at: Timestamp) -> String {
        let date = self.date(at);
        at.date_time().map(|at| format!("{date}, {:02}:{:02} UTC", at.hour(), at.minute())).unwrap_or(date)
    }

    /// The text `id` with a date in it.
    pub(super) fn dated(&self, id: &str, at: &Timestamp) -> Dated {
        self.in_time(id, *at, self.date(*at))
    }

    /// The text `id` with a date and the time of day in it.
    pub(super) fn timed(&self, id: &str, at: &Timestamp) -> Dated {
        self.in_time(id, *at, self.moment(*at))
    }

    fn in_time(&self, id: &str, at: Timestamp, date: String) -> Dated {
        let (before, after) = self.around(id, "date");
        Dated { before, date, rfc3339: at.rfc3339(), after }
    }

    /// A sentence about a period. The period is in our own words, so nothing fences it off.
    pub fn lasting(&self, id: &str, span: Duration) -> String {
        let (before, after) = self.around(id, "period");
        format!("{before}{}{after}", self.period(span))
    }

    /// A period, such as "90 days", in the largest unit that it is a whole number of; in seconds if it is none.
    pub fn period(&self, span: Duration) -> String {
        let secs = span.as_secs();
        let units = [(YEAR, "period-years"), (DAY, "period-days"), (HOUR, "period-hours"), (MINUTE, "period-minutes")];
        let fits = |(unit, _): &&(u64, &str)| secs >= *unit && secs.is_multiple_of(*unit);
        let (unit, id) = units.iter().find(fits).copied().unwrap_or((1, "period-seconds"));
        self.count(id, "count", secs / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{Locale, texts::Texts};

    #[test]
    fn a_date_is_in_the_language_of_the_reader() {
        let texts = Texts::new();
        let say = |locale, secs| texts.words(locale).date(Timestamp::from_secs(secs));
        let christmas = 1_829_692_800;
        for (locale, date) in [
            (Locale::En, "25 December 2027"),
            (Locale::De, "25. Dezember 2027"),
            (Locale::Fr, "25 décembre 2027"),
            (Locale::Es, "25 de diciembre de 2027"),
        ] {
            assert_eq!(say(locale, christmas), date);
        }
        assert_eq!(say(Locale::Fr, 1_798_761_600), "1er janvier 2027");
        assert_eq!(say(Locale::En, u64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn a_period_is_in_the_largest_unit_that_fits() {
        let texts = Texts::new();
        for (secs, english, german) in [
            (60, "one minute", "eine Minute"),
            (90, "90 seconds", "90 Sekunden"),
            (12 * HOUR, "12 hours", "12 Stunden"),
            (DAY, "one day", "einen Tag"),
            (395 * DAY, "395 days", "395 Tage"),
            (YEAR, "one year", "ein Jahr"),
            (2 * YEAR, "2 years", "2 Jahre"),
            (36 * HOUR, "36 hours", "36 Stunden"),
        ] {
            assert_eq!(texts.words(Locale::En).period(Duration::from_secs(secs)), english);
            assert_eq!(texts.words(Locale::De).period(Duration::from_secs(secs)), german);
        }
    }
}
