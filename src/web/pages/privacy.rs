use std::time::Duration;

use askama::Template;

use super::{Page, Site, Words, dates::Dated};
use crate::{
    config::Lifetimes,
    store::{
        Kind,
        about::{Keep, Whose},
    },
    types::{Claim, Timestamp, app::Need},
    web::cookies::{Cookies, Held},
};

/// `GET /privacy`: what is kept and why, for anyone. Periods come from what is written down about each kind of record
/// ([`Kind::about`]) and from the lifetimes of the configuration, as periods and as dates.
#[derive(Clone, Debug)]
pub struct Privacy<'a> {
    /// From when dates are counted.
    pub today: Timestamp,
    /// How long things live here.
    pub lifetimes: &'a Lifetimes,
    /// How cookies are named here.
    pub cookies: Cookies,
    /// What people call the services that they may sign in with.
    pub providers: Vec<&'a str>,
    /// The apps.
    pub apps: Vec<PrivacyApp<'a>>,
}

/// An app and what it may get.
#[derive(Clone, Debug)]
pub struct PrivacyApp<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Its own page about privacy.
    pub policy: Option<&'a str>,
    /// Whether it is the operator's own, and nothing is asked.
    pub own: bool,
    /// What it may get.
    pub claims: Vec<PrivacyClaim<'a>>,
}

/// Something that an app may get.
#[derive(Clone, Debug)]
pub struct PrivacyClaim<'a> {
    /// What.
    pub claim: Claim,
    /// Whether it can do without.
    pub need: Need,
    /// What for, in its words.
    pub why: &'a str,
    /// How long it keeps it, in its words.
    pub keep: Option<&'a str>,
}

/// A kind of record in words.
struct Row {
    what: &'static str,
    why: &'static str,
    periods: Vec<String>,
    until: Option<Dated>,
}

#[derive(Template)]
#[template(path = "pages/privacy.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a Privacy<'a>,
}

impl View<'_> {
    /// Every kind of record that is somebody's.
    fn rows(&self) -> Vec<Row> {
        let personal = Kind::ALL.into_iter().filter(|kind| kind.about().whose == Whose::Person);
        personal.map(|kind| self.row(kind)).collect()
    }

    fn row(&self, kind: Kind) -> Row {
        let keep = kind.about().keep;
        let (what, why) = texts(kind);
        let (periods, longest) = self.periods(keep);
        Row { what, why, periods, until: longest.and_then(|span| self.until(kind, span)) }
    }

    /// How long something is kept in sentences, and the longest that it can be.
    fn periods(&self, keep: Keep) -> (Vec<String>, Option<Duration>) {
        let lives = self.page.lifetimes;
        let say = |id, span| self.t.lasting(id, span);
        let at_most = |span: Duration| say("privacy-keep-most", span);
        match keep {
            Keep::Account => (vec![self.t.say("privacy-keep-account")], None),
            Keep::Place => (vec![self.t.say("privacy-keep-place")], None),
            Keep::For(span) => (vec![say("privacy-keep-for", span.of(lives))], Some(span.of(lives))),
            Keep::Unused { idle, most } => {
                let (idle, most) = (idle.of(lives), most.map(|most| most.of(lives)));
                let first = say("privacy-keep-unused", idle);
                (std::iter::once(first).chain(most.map(at_most)).collect(), Some(most.unwrap_or(idle)))
            }
            Keep::UntilDone(most) => {
                let most = most.map(|most| most.of(lives));
                let first = self.t.say("privacy-keep-done");
                (std::iter::once(first).chain(most.map(at_most)).collect(), most)
            }
        }
    }

    /// The date on which something of today is gone. A period of hours has none.
    fn until(&self, kind: Kind, span: Duration) -> Option<Dated> {
        const A_DAY: Duration = Duration::from_secs(24 * 3600);
        if span < A_DAY {
            return None;
        }
        let by_signing_in = matches!(kind, Kind::Session | Kind::Grant | Kind::Consent | Kind::History);
        let id = if by_signing_in { "privacy-until-sign-in" } else { "privacy-until-today" };
        Some(self.t.dated(id, &self.page.today.plus(span)))
    }

    /// Every cookie: its name, what it is for, and how long it stays.
    fn cookies(&self) -> [(String, String, String); 9] {
        Held::ALL.map(|held| {
            let more = if held.is_one_of_several() { "…" } else { "" };
            let name = format!("{}{more}", self.page.cookies.name(held.base()));
            let keep = self.t.lasting("privacy-keep-most", held.lives().of(self.page.lifetimes));
            (name, self.t.say(cookie(held)), keep)
        })
    }
}

/// The texts of a kind of record: what it is, and what it is for.
const fn texts(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Head => ("privacy-head", "privacy-head-why"),
        Kind::Identity => ("privacy-identity", "privacy-identity-why"),
        Kind::Consent => ("privacy-consent", "privacy-consent-why"),
        Kind::Served => ("privacy-served", "privacy-served-why"),
        Kind::History => ("privacy-history", "privacy-history-why"),
        Kind::Session => ("privacy-session", "privacy-session-why"),
        Kind::Gate => ("privacy-gate", "privacy-gate-why"),
        Kind::Grant => ("privacy-grant", "privacy-grant-why"),
        Kind::Receipt => ("privacy-receipt", "privacy-receipt-why"),
        Kind::Intent => ("privacy-intent", "privacy-intent-why"),
        Kind::Outbox => ("privacy-outbox", "privacy-outbox-why"),
        Kind::Status => ("privacy-status", "privacy-status-why"),
        Kind::Event => ("privacy-event", "privacy-event-why"),
        Kind::Device => ("privacy-device", "privacy-device-why"),
        Kind::Pushed => ("privacy-pushed", "privacy-pushed-why"),
        // Nobody's; one sentence is about all of them.
        Kind::Spent | Kind::Place | Kind::App | Kind::Keyring | Kind::Mark => {
            ("privacy-kept-title", "privacy-kept-nobody")
        }
    }
}

/// The text that says what a cookie is for.
const fn cookie(held: Held) -> &'static str {
    match held {
        Held::Session => "privacy-cookie-session",
        Held::Attempt => "privacy-cookie-attempt",
        Held::State => "privacy-cookie-state",
        Held::Last => "privacy-cookie-last",
        Held::Language => "privacy-cookie-language",
        Held::Gate => "privacy-cookie-gate",
        Held::GateAttempt => "privacy-cookie-gate-attempt",
        Held::Fedcm => "privacy-cookie-fedcm",
        Held::Note => "privacy-cookie-note",
    }
}

impl Page for Privacy<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}

/// Every text that is chosen by kind.
#[cfg(test)]
pub(super) fn derived_texts() -> Vec<&'static str> {
    let kinds = Kind::ALL.into_iter().map(texts).flat_map(|(what, why)| [what, why]);
    kinds.chain(Held::ALL.map(cookie)).collect()
}
