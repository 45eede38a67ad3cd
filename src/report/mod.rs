//! The record of processing activities (GDPR, Art. 30), and the facts that the public page shows: made from the
//! configuration, and from what is written down about every kind of record and every cookie. Pure: the same
//! configuration gives the same report, to the byte.
//!
//! The report is for an operator and a regulator, and in English. It is a draft that is true to this program; what an
//! operator does besides, such as reading logs, only they can add.

mod gaps;
mod html;
mod parties;
mod sharing;
mod text;
mod words;

use serde::Serialize;

pub use gaps::Gap;
pub use parties::Party;
pub use sharing::{AppRow, ClaimLine, ProviderRow};

use crate::{
    config::{Config, Lifetimes},
    store::Kind,
    web::{
        Locale,
        cookies::{Cookies, Held},
        texts::{Texts, Words},
    },
};

/// The whole of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where this place is.
    pub issuer: String,
    /// Which build says so.
    pub version: &'static str,
    /// Who runs it.
    pub operator: Operator,
    /// What is missing in this report, with a way to add it.
    pub gaps: Vec<Gap>,
    /// Who is meant.
    pub people: &'static str,
    /// Who vouches for people.
    pub providers: Vec<ProviderRow>,
    /// Who asks about people.
    pub apps: Vec<AppRow>,
    /// What is stored.
    pub records: Vec<Kept>,
    /// What browsers keep.
    pub cookies: Vec<CookieRow>,
    /// What is written elsewhere, or held in memory.
    pub streams: Vec<Stream>,
    /// What protects it (Art. 32).
    pub security: Vec<String>,
    /// What to do about backups.
    pub backups: Vec<&'static str>,
    /// How people use their rights (Art. 12 to 22).
    pub rights: Vec<String>,
}

/// The controller (Art. 30(1)(a)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is named as the configuration names it")]
pub struct Operator {
    pub name: Option<String>,
    pub contact: Option<String>,
    pub address: Option<String>,
    pub country: Option<String>,
    pub authority: Option<String>,
}

/// One kind of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What it is called.
    pub name: &'static str,
    /// What stands before its names in the store.
    pub record: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// Whose data it is.
    pub whose: &'static str,
    /// Why it may be kept.
    pub basis: &'static str,
    /// Where it comes from.
    pub sources: Vec<&'static str>,
    /// What it takes to open it.
    pub sealed: &'static str,
    /// How long it stays.
    pub keep: String,
    /// The settings that change that.
    pub settings: Vec<String>,
    /// Who is given what it holds.
    pub recipients: &'static str,
}

/// One cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CookieRow {
    /// Its name; where several share a beginning, that and `…`.
    pub name: String,
    /// What it is for.
    pub purpose: &'static str,
    /// How long it stays.
    pub keep: String,
    /// The setting that changes that.
    pub setting: Option<String>,
}

/// Something that is written elsewhere than to the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// What it is called.
    pub name: &'static str,
    /// Where it goes, and what is in it.
    pub what: String,
}

impl Report {
    /// From a configuration.
    pub fn of(config: &Config) -> Self {
        let texts = Texts::new();
        let english = texts.words(Locale::En);
        let operator = &config.operator;
        Self {
            issuer: config.issuer.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            operator: Operator {
                name: operator.name.clone(),
                contact: operator.contact.clone(),
                address: operator.address.clone(),
                country: operator.country.clone(),
                authority: operator.authority.clone(),
            },
            gaps: gaps::find(config),
            people: "Everybody who signs in here to use an app.",
            providers: config.providers.iter().map(ProviderRow::of).collect(),
            apps: config.apps.values().map(|app| AppRow::of(app, config)).collect(),
            records: Kind::ALL.map(|kind| kept(kind, &config.lifetimes, english)).into(),
            cookies: Held::ALL.map(|held| cookie(held, config, english)).into(),
            streams: words::streams(config),
            security: words::security(config),
            backups: words::BACKUPS.into(),
            rights: words::rights(config),
        }
    }
}

fn kept(kind: Kind, lifetimes: &Lifetimes, english: Words<'_>) -> Kept {
    let about = kind.about();
    Kept {
        name: about.name,
        record: kind.prefix(),
        purpose: about.purpose,
        holds: about.holds,
        whose: words::whose(about.whose),
        basis: words::basis(about.basis),
        sources: about.sources.iter().map(|source| words::source(*source)).collect(),
        sealed: words::seal(about.seal),
        keep: words::keep(about.keep, lifetimes, english),
        settings: words::settings(about.keep),
        recipients: words::recipients(about.recipients),
    }
}

fn cookie(held: Held, config: &Config, english: Words<'_>) -> CookieRow {
    let more = if held.is_one_of_several() { "…" } else { "" };
    CookieRow {
        name: format!("{}{more}", Cookies::of(&config.issuer).name(held.base())),
        purpose: held.purpose(),
        keep: format!("{} at most", english.period(held.lives().of(&config.lifetimes))),
        setting: held.lives().key().map(words::setting),
    }
}
