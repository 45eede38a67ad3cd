//! The language of a page: what the app asks for, then what the person chose, then what the browser prefers.
//! Reads a bounded part of what it is given, once from left to right, whatever was sent.

use std::{fmt, str::FromStr};

use actix_web::http::header::{LanguageTag, Quality, QualityItem};

/// A language that every page is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

/// So much of a preference is read; what comes after is ignored. Real ones have fewer than 200 bytes.
const MAX_BYTES: usize = 1000;

impl Locale {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// Its language tag (BCP 47), for `lang` and for the cookie that remembers a choice.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// What it calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
        }
    }

    /// The language for one request: the first that we speak among `ui_locales` (OpenID Connect Core, section
    /// 3.1.2.1: space-separated, in order of preference), else what the person `chosen`, else the best of
    /// `Accept-Language` (RFC 9110, section 12.5.4), else English. Whatever cannot be read is passed over.
    pub fn choose(ui_locales: Option<&str>, chosen: Option<&str>, accept_language: Option<&str>) -> Self {
        ui_locales
            .and_then(|list| start_of(list).split_ascii_whitespace().find_map(|tag| tag.parse().ok()))
            .or_else(|| chosen.and_then(|tag| start_of(tag).parse().ok()))
            .or_else(|| accept_language.and_then(best_of))
            .unwrap_or_default()
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Locale {
    type Err = NotSpoken;

    /// From any language tag, by its primary language: `de-AT` is German.
    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        let tag = LanguageTag::parse(text).map_err(|_| NotSpoken)?;
        let spoken = |locale: &Self| locale.tag().eq_ignore_ascii_case(tag.primary_language());
        Self::ALL.into_iter().find(spoken).ok_or(NotSpoken)
    }
}

/// Not a tag of a language that our pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of en, de, fr, es")]
pub struct NotSpoken;

/// The highest weight wins; among equals the first. A weight of 0 means *not this one*.
fn best_of(header: &str) -> Option<Locale> {
    let mut best: Option<(Quality, Locale)> = None;
    for item in start_of(header).split(',') {
        let Ok(QualityItem { item: tag, quality }) = item.trim().parse::<QualityItem<String>>() else { continue };
        let Ok(locale) = tag.trim().parse::<Locale>() else { continue };
        if quality > best.map_or(Quality::ZERO, |(quality, _)| quality) {
            best = Some((quality, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// The first [`MAX_BYTES`] of it, or a few less where a character would be cut.
fn start_of(text: &str) -> &str {
    (0..=text.len().min(MAX_BYTES)).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_app_goes_before_the_person_and_the_person_before_the_browser() {
        for (ui_locales, chosen, accept, expected) in [
            (Some("it fr-CA de"), Some("es"), Some("de"), Locale::Fr),
            (Some("it ja"), Some("es"), Some("de"), Locale::Es),
            (Some(""), Some("xx"), Some("de"), Locale::De),
            (None, None, None, Locale::En),
            (Some("DE-at"), None, Some("en"), Locale::De),
        ] {
            assert_eq!(Locale::choose(ui_locales, chosen, accept), expected);
        }
    }

    #[test]
    fn weights_decide_and_order_decides_among_equals() {
        for (header, expected) in [
            ("de-DE,de;q=0.9,en;q=0.8", Locale::De),
            ("en;q=0.1, fr;q=0.9, de;q=0.5", Locale::Fr),
            ("es;q=0.5,fr;q=0.5", Locale::Es),
            ("de;q=0, fr;q=0.001", Locale::Fr),
            ("it, *;q=0.5", Locale::En),
            ("de;q=nonsense, es", Locale::Es),
            (",,;q=1,, fr ; q=0.3", Locale::Fr),
            ("dé, fr", Locale::Fr),
        ] {
            assert_eq!(Locale::choose(None, None, Some(header)), expected, "{header}");
        }
    }

    #[test]
    fn only_the_start_of_a_long_header_is_read() {
        let header = format!("{}de", "x-".repeat(MAX_BYTES));
        assert_eq!(Locale::choose(None, None, Some(&header)), Locale::En);
        assert!(start_of(&"ü".repeat(MAX_BYTES)).len() <= MAX_BYTES);
    }

    /// C-74, AC-72: the work does not grow faster than the input.
    #[test]
    fn choosing_takes_linear_time() {
        let time = |length: usize| {
            let header = "a-b-c-d,;q=0.1,".repeat(length);
            let begun = std::time::Instant::now();
            for _ in 0..20 {
                assert_eq!(Locale::choose(Some(&header), Some(&header), Some(&header)), Locale::En);
            }
            begun.elapsed()
        };
        time(100);
        assert!(time(200_000) < std::time::Duration::from_millis(1000));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_some_language_is_chosen(a in ".{0,2000}", b in ".{0,40}", c in "[a-z;=0-9.,* -]{0,2000}") {
            let chosen = Locale::choose(Some(&a), Some(&b), Some(&c));
            prop_assert!(Locale::ALL.contains(&chosen));
        }

        #[test]
        fn a_lone_language_is_found_in_any_region(locale in proptest::sample::select(&Locale::ALL[..]), region in "[A-Z]{2}") {
            prop_assert_eq!(Locale::choose(None, None, Some(&format!("{locale}-{region};q=0.4"))), locale);
        }
    }
}
