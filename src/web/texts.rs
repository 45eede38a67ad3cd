//! All words that people read, in one place per language: Fluent files under `locales/`, embedded.
//! A text that a language lacks is shown in English; tests see to it that none lacks any.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use super::locale::Locale;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

/// The texts of all languages, built once.
pub struct Texts {
    en: Bundle,
    de: Bundle,
    fr: Bundle,
    es: Bundle,
}

impl Texts {
    /// Reads all files.
    pub fn new() -> Self {
        let [en, de, fr, es] = Locale::ALL.map(read);
        Self { en, de, fr, es }
    }

    /// The texts in `locale`.
    pub const fn words(&self, locale: Locale) -> Words<'_> {
        Words { texts: self, locale }
    }

    const fn bundle(&self, locale: Locale) -> &Bundle {
        match locale {
            Locale::En => &self.en,
            Locale::De => &self.de,
            Locale::Fr => &self.fr,
            Locale::Es => &self.es,
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

/// The texts in one language.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    texts: &'a Texts,
    locale: Locale,
}

impl Words<'_> {
    /// The language tag of these words.
    pub const fn lang(&self) -> &'static str {
        self.locale.tag()
    }

    /// The text `id`, which has no gaps to fill.
    pub fn say(&self, id: &str) -> String {
        self.fill(id, None)
    }

    /// The text `id` with `value` for its one variable.
    pub fn with(&self, id: &str, variable: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(variable.to_owned(), isolated(value));
        self.fill(id, Some(&args))
    }

    /// The text `id` with a number for its one variable, which the text bends to.
    pub fn count(&self, id: &str, variable: &str, number: u64) -> String {
        let mut args = FluentArgs::new();
        args.set(variable.to_owned(), number);
        self.fill(id, Some(&args))
    }

    /// What stands before and after the one variable of the text `id`, where a template gives the value a look of
    /// its own.
    pub fn around(&self, id: &str, variable: &str) -> (String, String) {
        /// A noncharacter (Unicode, section 23.7): no text has it.
        const GAP: &str = "\u{fdd0}";
        let mut args = FluentArgs::new();
        args.set(variable.to_owned(), GAP);
        let text = self.fill(id, Some(&args));
        text.split_once(GAP)
            .map(|(before, after)| (before.to_owned(), after.to_owned()))
            .unwrap_or((text, String::new()))
    }

    fn fill(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let in_language = |bundle: &Bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            let mut faults = Vec::new();
            let text = bundle.format_pattern(pattern, args, &mut faults).into_owned();
            faults.is_empty().then_some(text)
        };
        in_language(self.texts.bundle(self.locale)).or_else(|| in_language(&self.texts.en)).unwrap_or_else(|| {
            tracing::error!(text = id, "a text is missing");
            id.to_owned()
        })
    }
}

/// A name that may run from right to left, or try to turn what follows around, is fenced off by Unicode isolates
/// (UAX #9, section 2.4). Plain ASCII cannot, and stays as it is.
fn isolated(value: &str) -> String {
    if value.is_ascii() { value.to_owned() } else { format!("\u{2068}{value}\u{2069}") }
}

fn read(locale: Locale) -> Bundle {
    let folder = format!("{locale}/");
    let mut bundle = Bundle::new_concurrent(locale.tag().parse::<LanguageIdentifier>().into_iter().collect());
    bundle.set_use_isolating(false);
    for path in Files::iter().filter(|path| path.starts_with(&folder)) {
        let Some(file) = Files::get(&path) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, faults)| {
            tracing::error!(file = %path, faults = faults.len(), "a file of texts has faults");
            resource
        });
        if bundle.add_resource(resource).is_err() {
            tracing::error!(file = %path, "a file of texts repeats one");
        }
    }
    bundle
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Every message of a language and the variables in it.
    pub(in crate::web) fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        let folder = format!("{locale}/");
        for path in Files::iter().filter(|path| path.starts_with(&folder)) {
            let text = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
            assert!(FluentResource::try_new(text.clone()).is_ok(), "{path} does not parse");
            for line in text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase())) {
                let (id, text) = line.split_once(" = ").unwrap_or_else(|| panic!("{path}: {line}"));
                let variables = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned());
                assert!(all.insert(id.to_owned(), variables.collect()).is_none(), "{path}: {id} comes twice");
            }
        }
        all
    }

    #[test]
    fn every_language_says_the_same_things() {
        let english = messages(Locale::En);
        assert!(english.len() > 80);
        for locale in Locale::ALL {
            assert_eq!(messages(locale), english, "{locale}");
        }
    }

    #[test]
    fn a_text_has_one_variable_at_most() {
        for (id, variables) in messages(Locale::En) {
            assert!(variables.len() <= 1, "{id} has {variables:?}");
        }
    }

    #[test]
    fn what_could_turn_the_text_around_is_fenced_off() {
        let texts = Texts::new();
        let words = texts.words(Locale::En);
        assert_eq!(words.with("choose-title", "app", "Notes"), "Sign in to Notes");
        assert_eq!(words.with("choose-title", "app", "\u{202e}setoN"), "Sign in to \u{2068}\u{202e}setoN\u{2069}");
    }

    #[test]
    fn a_value_can_have_a_look_of_its_own() {
        let texts = Texts::new();
        let (before, after) = texts.words(Locale::En).around("consent-host", "host");
        assert_eq!((before.as_str(), after.as_str()), ("You go back to ", " when you have answered."));
    }

    #[test]
    fn a_text_that_is_nowhere_shows_its_name() {
        assert_eq!(Texts::new().words(Locale::Fr).say("no-such-text"), "no-such-text");
    }
}
