//! The privacy page: what is known, who gets it, where somebody is signed in, and what they may do about each.

mod apps;
mod history;
mod note;
mod preview;

use std::time::Duration;

use askama::Template;
use serde_json::Value;

pub use apps::{AppCard, AppClaim, AppState, AppsPage, Shelf};
pub use history::{HistoryLine, HistoryPage, Lines};
pub use note::{Note, Said, Section};
pub use preview::Preview;

use super::{Page, Site, Words, value::initial};
use crate::{
    partition::Deed,
    session::Device,
    types::{Claim, Timestamp},
};

/// `GET /account`: all of it on one page.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// Comes back as the field `form_token` of every form but those that add a way to sign in.
    pub form_token: String,
    /// The same for those.
    pub link_token: String,
    /// How what was just done came out.
    pub note: Option<Note<'a>>,
    /// What is known, with its values.
    pub known: Vec<(Claim, &'a Value)>,
    /// What people call the provider that it comes from.
    pub source: &'a str,
    /// When it is gone in any case.
    pub until: Timestamp,
    /// How long a browser may stay away before it is gone sooner.
    pub idle: Duration,
    /// The apps that know the person, those used last first.
    pub apps: Shelf<'a>,
    /// The browsers that are signed in, the one seen last first.
    pub browsers: Vec<Browser<'a>>,
    /// How many there are beside these.
    pub more_browsers: u64,
    /// How the person may sign in.
    pub ways: Vec<Way<'a>>,
    /// What may be added.
    pub addable: Vec<Addable<'a>>,
    /// The latest lines of history.
    pub history: Lines<'a>,
    /// How long a line is kept.
    pub history_keeps: Duration,
    /// Every app that is set up here: id and name.
    pub registered: Vec<(&'a str, &'a str)>,
}

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    /// Names the session.
    pub id: String,
    /// What it is.
    pub device: Option<Device>,
    /// What people call the provider.
    pub provider: &'a str,
    /// When it signed in first.
    pub since: Timestamp,
    /// When it was seen last.
    pub seen: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// A way to sign in.
#[derive(Clone, Debug)]
pub struct Way<'a> {
    /// Names the identity.
    pub id: String,
    /// What people call the provider.
    pub name: &'a str,
    /// Whose mark stands beside it.
    pub brand: &'a str,
}

/// A provider that may become one.
#[derive(Clone, Copy, Debug)]
pub struct Addable<'a> {
    /// Its section's name.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Whose mark stands beside it.
    pub brand: &'a str,
}

#[derive(Template)]
#[template(path = "pages/account.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a Account<'a>,
}

impl View<'_> {
    /// The way through the page: anchors and headlines.
    fn contents(&self) -> [(&'static str, String); 9] {
        [
            ("known", "account-known-title"),
            ("subs", "account-subs-title"),
            ("apps", "account-apps-title"),
            ("browsers", "account-browsers-title"),
            ("ways", "account-ways-title"),
            ("history", "account-history-title"),
            ("export", "account-export-title"),
            ("preview", "account-preview-title"),
            ("delete", "account-delete-title"),
        ]
        .map(|(anchor, id)| (anchor, self.t.say(id)))
    }

    fn device(&self, browser: &Browser<'_>) -> String {
        browser.device.as_ref().map_or_else(|| self.t.say("account-browser-unknown"), ToString::to_string)
    }

    fn sooner(&self) -> String {
        self.t.lasting("account-known-sooner", self.page.idle)
    }

    fn history_keeps(&self) -> String {
        self.t.lasting("account-history", self.page.history_keeps)
    }

    fn more_browsers(&self) -> String {
        self.t.count("account-browsers-more", "count", self.page.more_browsers)
    }

    /// What is to be said in a section.
    fn note(&self, section: Section) -> Option<String> {
        self.page.note.as_ref().filter(|note| note.said.section() == section).map(|note| note.text(&self.t))
    }

    fn initial(&self, name: &str) -> String {
        initial(name)
    }

    fn deed(&self, line: &HistoryLine<'_>) -> String {
        history::in_words(line, &self.t)
    }
}

impl Page for Account<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
