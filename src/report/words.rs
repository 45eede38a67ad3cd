//! The words of the report, in English.

use super::Stream;
use crate::{
    config::{Config, Lifetimes, StoreUrl},
    store::about::{Basis, Keep, Recipients, Seal, Source, Span, Whose},
    web::{links, texts::Words},
};

pub(super) const fn whose(whose: Whose) -> &'static str {
    match whose {
        Whose::Person => "people who sign in",
        Whose::Nobody => "nobody's",
    }
}

pub(super) const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Contract => "contract (Art. 6(1)(b))",
        Basis::ConsentOrContract => {
            "consent for what is optional (Art. 6(1)(a)), contract for what the app needs (Art. 6(1)(b))"
        }
        Basis::Obligation => "legal obligation (Art. 6(1)(c), with Art. 5(2), 7(1), 15 and 19)",
        Basis::Security => "legitimate interest in security (Art. 6(1)(f))",
        Basis::None => "not personal data",
    }
}

pub(super) const fn source(source: Source) -> &'static str {
    match source {
        Source::Provider => "the provider",
        Source::Person => "the person",
        Source::Browser => "the browser",
        Source::App => "the app",
        Source::Here => "made here",
    }
}

pub(super) const fn seal(seal: Seal) -> &'static str {
    match seal {
        Seal::Master => "the master secret",
        Seal::AccountKey => "a key of the account, which is gone when the account is",
        Seal::Browser => "the master secret together with the browser's cookie",
        Seal::App => "the master secret together with the app's code or token",
        Seal::Empty => "nothing: it is empty",
    }
}

pub(super) const fn recipients(recipients: Recipients) -> &'static str {
    match recipients {
        Recipients::Nobody => "nobody",
        Recipients::App => "the app that it is about",
    }
}

pub(super) fn keep(keep: Keep, lifetimes: &Lifetimes, english: Words<'_>) -> String {
    let period = |span: Span| english.period(span.of(lifetimes));
    match keep {
        Keep::Account => "as long as the account".into(),
        Keep::For(span) => period(span),
        Keep::Unused { idle, most: None } => format!("{} unused", period(idle)),
        Keep::Unused { idle, most: Some(most) } => format!("{} unused, {} at most", period(idle), period(most)),
        Keep::UntilDone(None) => "until it is done".into(),
        Keep::UntilDone(Some(most)) => format!("until it is done, {} at most", period(most)),
        Keep::Place => "as long as this place".into(),
    }
}

/// The settings that change how long something stays.
pub(super) fn settings(keep: Keep) -> Vec<String> {
    let spans = match keep {
        Keep::For(span) | Keep::UntilDone(Some(span)) | Keep::Unused { idle: span, most: None } => [Some(span), None],
        Keep::Unused { idle, most } => [Some(idle), most],
        Keep::Account | Keep::UntilDone(None) | Keep::Place => [None, None],
    };
    spans.into_iter().flatten().filter_map(Span::key).map(setting).collect()
}

/// A setting by its whole name.
pub(super) fn setting(key: &'static str) -> String {
    format!("lifetimes.{key}")
}

pub(super) fn streams(config: &Config) -> Vec<Stream> {
    let audit = config.audit.as_ref().map_or_else(
        || "Off (audit.file).".to_owned(),
        |file| {
            format!(
                "Goes to {}. Decisions with their time, app and provider; the account by a random id that is gone when \
                 the account is. Each line is chained to the one before. How long it stays is up to whoever keeps the \
                 file.",
                if file.as_os_str() == "-" { "standard output".into() } else { file.display().to_string() }
            )
        },
    );
    let stream = |name, what| Stream { name, what };
    vec![
        stream(
            "Log",
            format!(
                "Goes to standard error, from level {} on. No name, no e-mail address, no network address, no secret. \
                 How long it stays is up to whoever keeps it.",
                config.log.level
            ),
        ),
        stream("Audit stream", audit),
        stream("Numbers (/metrics)", "Counts by app, provider and route, for all people together.".into()),
        stream(
            "Network addresses",
            "Counted in memory for a few minutes, so that nobody asks too much. Not stored, not logged.".into(),
        ),
    ]
}

pub(super) fn security(config: &Config) -> Vec<String> {
    let store = match &config.store {
        StoreUrl::Sqlite(_) => {
            "The store is one file that its owner alone may read; what is deleted is overwritten in it."
        }
        StoreUrl::Redis(_) => "The store is a Redis or Valkey; who may reach it, its own rules decide.",
    };
    let tls = if config.listen.tls.is_some() {
        "TLS (1.2 or 1.3) ends here."
    } else {
        "TLS ends at the reverse proxy before this place."
    };
    let pepper = if config.secrets.pepper.is_some() {
        "Pseudonyms are made with a secret of their own, kept apart from the one that seals."
    } else {
        "Pseudonyms are made with a secret derived from the one that seals."
    };
    let always = [
        "What a provider says of a person is sealed (AES-256-GCM) with keys that need a cookie, code or token which only \
         the browser or the app holds: a copy of the store and of the master secret shows no name and no address.",
        "Passwords never come here. Tokens of providers, and their numbers for people, are not stored.",
        "What is asked before anybody signed in is not stored here at all.",
        "Deleting an account, signing out and disconnecting an app take effect at once; apps are told.",
        "A sweeper looks at every record four times a day and ends what stayed too long; /readyz and /metrics show its \
         last run.",
        "Pages run no script, load nothing from elsewhere and send no referrer. There is no tracking.",
    ];
    [pepper, store, tls].into_iter().chain(always).map(str::to_owned).collect()
}

pub(super) const BACKUPS: [&str; 5] = [
    "Back up secrets.pepper, apart from the store: without it everybody is a stranger in every app.",
    "A lost store signs everybody out and nothing else, so a backup of it is a choice, not a need.",
    "A backup keeps what was deleted since: keep none for longer than 35 days.",
    "After restoring one, whoever signed out since is signed in again until their session ends.",
    "After restoring one, what people paused, disconnected or deleted since is there again: tell them, so that they can \
     repeat it on their page.",
];

pub(super) fn rights(config: &Config) -> Vec<String> {
    vec![
        format!("Information: {}, for anyone.", config.issuer.at(links::PRIVACY)),
        format!("Access and copy: {}, by the person who is signed in, at once.", config.issuer.at(links::EXPORT)),
        format!(
            "Seeing what is known and who gets it; changing, pausing and disconnecting an app; signing out; removing a way \
             to sign in; deleting everything: {}, by the person who is signed in, at once.",
            config.issuer.at(links::ACCOUNT)
        ),
        "Correcting: at the provider; the next sign-in brings it here.".into(),
    ]
}
