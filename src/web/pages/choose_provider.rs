use askama::Template;

use super::{Page, Site, Words};

/// How do you want to sign in? Each answer posts to `/login/{id}`.
#[derive(Clone, Debug)]
pub struct ChooseProvider<'a> {
    /// Where the person goes afterwards.
    pub to: Destination<'a>,
    /// Names the attempt; comes back as the field `attempt`.
    pub attempt: String,
    /// Comes back as the field `form_token`.
    pub form_token: String,
    /// The ways in, in the order of the configuration; the page puts the one used last first and those that are
    /// away last.
    pub choices: Vec<ProviderChoice<'a>>,
    /// What just happened, where something did.
    pub notice: Option<Notice<'a>>,
}

/// Where a sign-in leads.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'a> {
    /// To an app.
    App {
        /// What it is called.
        name: &'a str,
        /// Where people go back to, as they would recognise it.
        host: &'a str,
    },
    /// To the person's own page.
    Account,
}

/// One way in.
#[derive(Clone, Copy, Debug)]
pub struct ProviderChoice<'a> {
    /// Its section in the configuration.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Whose mark its button has; see `upstream::About::brand`.
    pub brand: &'static str,
    /// Whether this browser came in this way last time.
    pub last_used: bool,
    /// Whether it does not answer at the moment. It may be tried nevertheless.
    pub unavailable: bool,
}

/// Why the choice is shown (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice<'a> {
    /// The person said no at a provider.
    Cancelled {
        /// Which one.
        provider: &'a str,
    },
    /// A provider does not answer.
    Unavailable {
        /// Which one.
        provider: &'a str,
    },
    /// The person may not come in with that account.
    NotAllowed {
        /// Where the account is.
        provider: &'a str,
    },
    /// The app wants a fresh sign-in although there is a session.
    Again,
}

impl Notice<'_> {
    fn text(&self, t: Words<'_>) -> String {
        match self {
            Self::Cancelled { provider } => t.with("notice-cancelled", "provider", provider),
            Self::Unavailable { provider } => t.with("notice-unavailable", "provider", provider),
            Self::NotAllowed { provider } => t.with("notice-not-allowed", "provider", provider),
            Self::Again => t.say("notice-again"),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/choose_provider.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a ChooseProvider<'a>,
    choices: Vec<ProviderChoice<'a>>,
}

impl View<'_> {
    fn title(&self) -> String {
        match self.page.to {
            Destination::App { name, .. } => self.t.with("choose-title", "app", name),
            Destination::Account => self.t.say("choose-account-title"),
        }
    }

    fn privacy(&self) -> String {
        match self.page.to {
            Destination::App { name, .. } => self.t.with("choose-privacy", "app", name),
            Destination::Account => self.t.say("choose-account-privacy"),
        }
    }
}

impl Page for ChooseProvider<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        let mut choices = self.choices.clone();
        choices.sort_by_key(|choice| (choice.unavailable, !choice.last_used));
        View { site, t, page: self, choices }.render()
    }
}
