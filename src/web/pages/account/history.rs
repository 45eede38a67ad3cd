use std::{collections::BTreeSet, time::Duration};

use askama::Template;

use super::{Deed, Page, Site, Words};
use crate::{
    partition::ProviderWord,
    types::{Claim, Timestamp},
};

/// Some of what happened, the latest first.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    /// These.
    pub lines: Vec<HistoryLine<'a>>,
    /// The number of the page with newer ones, where there is one.
    pub newer: Option<usize>,
    /// The same of the page with older ones.
    pub older: Option<usize>,
}

/// One line of history.
#[derive(Clone, Debug)]
pub struct HistoryLine<'a> {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
    /// What people call the app or the provider that it is about.
    pub name: std::borrow::Cow<'a, str>,
}

impl HistoryLine<'_> {
    pub(super) fn when(&self, t: &Words<'_>) -> String {
        t.moment(self.at)
    }

    /// The headlines of what was turned on and off, and what it was.
    pub(super) fn switched(&self) -> Vec<(&'static str, &BTreeSet<Claim>)> {
        let Deed::Changed { on, off, .. } = &self.deed else { return Vec::new() };
        [("history-on", on), ("history-off", off)].into_iter().filter(|(_, claims)| !claims.is_empty()).collect()
    }
}

/// A line as a person reads it.
pub(super) fn in_words(line: &HistoryLine<'_>, t: &Words<'_>) -> String {
    let app = |id| t.with(id, "app", &line.name);
    let provider = |id| t.with(id, "provider", &line.name);
    match &line.deed {
        Deed::SignedIn { .. } => provider("history-signed-in"),
        Deed::SignedOut => t.say("history-signed-out"),
        Deed::SignedOutEverywhere => t.say("history-signed-out-everywhere"),
        Deed::Agreed { .. } => app("history-agreed"),
        Deed::Declined { .. } => app("history-declined"),
        Deed::Changed { .. } => app("history-changed"),
        Deed::Paused { .. } => app("history-paused"),
        Deed::Resumed { .. } => app("history-resumed"),
        Deed::Disconnected { .. } => app("history-disconnected"),
        Deed::Linked { .. } => provider("history-linked"),
        Deed::Unlinked { .. } => provider("history-unlinked"),
        Deed::Exported => t.say("history-exported"),
        Deed::Blocked => t.say("history-blocked"),
        Deed::Unblocked => t.say("history-unblocked"),
        Deed::Reused { .. } => app("history-reused"),
        Deed::ProviderSaid { word, .. } => provider(said(*word)),
    }
}

const fn said(word: ProviderWord) -> &'static str {
    match word {
        ProviderWord::SessionsRevoked => "history-said-sessions",
        ProviderWord::AccessRevoked => "history-said-access",
        ProviderWord::Disabled => "history-said-disabled",
        ProviderWord::Enabled => "history-said-enabled",
        ProviderWord::Purged => "history-said-purged",
        ProviderWord::CredentialChange => "history-said-change",
        ProviderWord::MailOff => "history-said-mail-off",
        ProviderWord::MailOn => "history-said-mail-on",
    }
}

/// `GET /account/history`: what happened, page by page.
#[derive(Clone, Debug)]
pub struct HistoryPage<'a> {
    /// The lines of this page.
    pub history: Lines<'a>,
    /// How long a line is kept.
    pub keeps: Duration,
}

#[derive(Template)]
#[template(path = "pages/account_history.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a HistoryPage<'a>,
}

impl View<'_> {
    fn keeps(&self) -> String {
        self.t.lasting("account-history", self.page.keeps)
    }

    fn deed(&self, line: &HistoryLine<'_>) -> String {
        in_words(line, &self.t)
    }
}

impl Page for HistoryPage<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
