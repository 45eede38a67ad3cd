use askama::Template;

use super::{Page, Site, Words, initial};
use crate::types::{Claim, Timestamp, app::Need};

/// Some of the apps that know a person.
#[derive(Clone, Debug)]
pub struct Shelf<'a> {
    /// These.
    pub cards: Vec<AppCard<'a>>,
    /// The number of the page before, and of the page after, where there is one.
    pub before: Option<usize>,
    /// The same.
    pub after: Option<usize>,
}

/// An app that knows a person, and what it gets.
#[derive(Clone, Debug)]
pub struct AppCard<'a> {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The address of its picture, on this host.
    pub logo: Option<String>,
    /// Its privacy policy.
    pub policy: Option<&'a str>,
    /// Its terms.
    pub terms: Option<&'a str>,
    /// What it calls the person; unknown for an app that is set up no more.
    pub sub: Option<String>,
    /// How things stand.
    pub state: AppState,
    /// Whether it is set up here.
    pub registered: bool,
    /// Whether it may still be there, though nothing is heard of it.
    pub away: bool,
    /// Whether it is the operator's own, and nothing is asked.
    pub own: bool,
    /// Since when it knows the person.
    pub since: Timestamp,
    /// When it was used last.
    pub last: Timestamp,
    /// What it asks for.
    pub claims: Vec<AppClaim<'a>>,
    /// What it was given before, and asks for no more.
    pub earlier: Vec<(Claim, Timestamp)>,
    /// Whether its details are to be seen at once.
    pub open: bool,
}

/// How things stand between a person and an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppState {
    /// It gets what it may.
    Connected,
    /// It gets nothing until the person resumes it.
    Paused,
    /// It knew the person.
    Disconnected,
}

/// Something that an app asks for.
#[derive(Clone, Copy, Debug)]
pub struct AppClaim<'a> {
    /// What.
    pub claim: Claim,
    /// Whether it can do without.
    pub need: Need,
    /// What for, in its words.
    pub why: &'a str,
    /// How long it keeps it, in its words.
    pub keep: Option<&'a str>,
    /// Whether it was chosen, on the words of today.
    pub on: bool,
    /// Whether the person has decided, on the words of today.
    pub settled: bool,
    /// When it went out last.
    pub out: Option<Timestamp>,
}

impl AppCard<'_> {
    fn of(&self, need: Need) -> Vec<&AppClaim<'_>> {
        self.claims.iter().filter(|claim| claim.need == need).collect()
    }

    pub(super) fn required(&self) -> Vec<&AppClaim<'_>> {
        self.of(Need::Required)
    }

    pub(super) fn optional(&self) -> Vec<&AppClaim<'_>> {
        self.of(Need::Optional)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.state == AppState::Paused
    }

    pub(super) fn is_connected(&self) -> bool {
        self.state != AppState::Disconnected
    }
}

/// `GET /account/apps`: the apps for which one page has no room.
#[derive(Clone, Debug)]
pub struct AppsPage<'a> {
    /// Comes back as the field `form_token`.
    pub form_token: String,
    /// The apps of this page.
    pub apps: Shelf<'a>,
}

#[derive(Template)]
#[template(path = "pages/account_apps.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a AppsPage<'a>,
}

impl View<'_> {
    fn initial(&self, name: &str) -> String {
        initial(name)
    }
}

impl Page for AppsPage<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
