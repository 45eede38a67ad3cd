use askama::Template;

use super::{Page, Site, Words};
use crate::web::links;

/// Something did not work: what happened, and what to do now.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// What it is.
    pub kind: ProblemKind,
    /// The number under which the log has more.
    pub reference: Option<&'a str>,
    /// Where to go from here: the first is the button of the page, the others stand below it.
    pub ways_on: Vec<WayOn>,
}

/// What can go wrong for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// No app has that `client_id`.
    UnknownApp,
    /// The app did not register that redirect URI.
    BadRedirect,
    /// Something in the request is missing or wrong.
    BadRequest,
    /// The attempt is too old, or gave way to newer ones.
    AttemptExpired,
    /// The answer came back to another browser than the one that began.
    AttemptForeign,
    /// This sign-in has been completed before.
    AlreadyDone,
    /// The person said no there.
    CancelledAtProvider {
        /// What it is called.
        provider: String,
    },
    /// It does not answer, or is too slow.
    ProviderDown {
        /// What it is called.
        provider: String,
    },
    /// It answered in a way that we do not accept.
    ProviderWrong {
        /// What it is called.
        provider: String,
    },
    /// The person may not come in with that account.
    NotAllowed {
        /// What it is called.
        provider: String,
    },
    /// It did not ask the person to sign in anew, which the app requires.
    NotFresh {
        /// What it is called.
        provider: String,
    },
    /// What the person began for themselves took too long, or their session ended meanwhile.
    VisitOver,
    /// The provider vouches for somebody else than the person whose page it is.
    SomebodyElse {
        /// What it is called.
        provider: String,
    },
    /// That account at the provider opens another account here.
    LinkedElsewhere {
        /// What it is called.
        provider: String,
    },
    /// The account has as many ways to sign in as one may have.
    TooManyWays,
    /// The store is away.
    StoreAway,
    /// No page has that address.
    NotFound,
    /// A form came from elsewhere, or is out of date.
    FormRefused,
    /// Too many requests.
    TooMany,
    /// Another method was needed.
    MethodNotAllowed,
    /// A fault of ours.
    Internal,
}

/// Where to go from a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayOn {
    /// The same once more.
    TryAgain {
        /// Where it begins.
        href: String,
    },
    /// Back to the choice of a provider.
    ChooseAgain {
        /// Where the choice is.
        href: String,
    },
    /// To the app, with the outcome.
    BackToApp {
        /// Where the app is.
        href: String,
        /// What it is called.
        name: String,
    },
    /// To the privacy page.
    Account,
    /// To our start page.
    Home,
}

impl WayOn {
    fn href(&self) -> &str {
        match self {
            Self::TryAgain { href } | Self::ChooseAgain { href } | Self::BackToApp { href, .. } => href,
            Self::Account => links::ACCOUNT,
            Self::Home => links::HOME,
        }
    }
}

/// The ids of the three texts of a problem: a sentence that a child understands, what happened, what to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextIds {
    pub title: &'static str,
    pub what: &'static str,
    pub now: &'static str,
}

macro_rules! text_ids {
    ($name:literal) => {
        TextIds {
            title: concat!("problem-", $name, "-title"),
            what: concat!("problem-", $name, "-what"),
            now: concat!("problem-", $name, "-now"),
        }
    };
}

impl ProblemKind {
    pub(super) const fn text_ids(&self) -> TextIds {
        match self {
            Self::UnknownApp => text_ids!("unknown-app"),
            Self::BadRedirect => text_ids!("bad-redirect"),
            Self::BadRequest => text_ids!("bad-request"),
            Self::AttemptExpired => text_ids!("attempt-expired"),
            Self::AttemptForeign => text_ids!("attempt-foreign"),
            Self::AlreadyDone => text_ids!("already-done"),
            Self::CancelledAtProvider { .. } => text_ids!("cancelled"),
            Self::ProviderDown { .. } => text_ids!("provider-down"),
            Self::ProviderWrong { .. } => text_ids!("provider-wrong"),
            Self::NotAllowed { .. } => text_ids!("not-allowed"),
            Self::NotFresh { .. } => text_ids!("not-fresh"),
            Self::VisitOver => text_ids!("visit-over"),
            Self::SomebodyElse { .. } => text_ids!("somebody-else"),
            Self::LinkedElsewhere { .. } => text_ids!("linked-elsewhere"),
            Self::TooManyWays => text_ids!("too-many-ways"),
            Self::StoreAway => text_ids!("store-away"),
            Self::NotFound => text_ids!("not-found"),
            Self::FormRefused => text_ids!("form-refused"),
            Self::TooMany => text_ids!("too-many"),
            Self::MethodNotAllowed => text_ids!("method"),
            Self::Internal => text_ids!("internal"),
        }
    }

    fn provider(&self) -> &str {
        match self {
            Self::CancelledAtProvider { provider }
            | Self::ProviderDown { provider }
            | Self::ProviderWrong { provider }
            | Self::NotAllowed { provider }
            | Self::NotFresh { provider }
            | Self::SomebodyElse { provider }
            | Self::LinkedElsewhere { provider } => provider,
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    title: String,
    what: String,
    now: String,
    reference: Option<&'a str>,
    ways_on: Vec<(&'a str, String)>,
}

impl Page for Problem<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        let ids = self.kind.text_ids();
        let say = |id| t.with(id, "provider", self.kind.provider());
        let link = |way: &'_ WayOn| match way {
            WayOn::TryAgain { .. } => t.say("way-try-again"),
            WayOn::ChooseAgain { .. } => t.say("way-choose-again"),
            WayOn::BackToApp { name, .. } => t.with("way-back", "app", name),
            WayOn::Account => t.say("way-account"),
            WayOn::Home => t.say("way-home"),
        };
        let ways_on = self.ways_on.iter().map(|way| (way.href(), link(way))).collect();
        let (title, what, now) = (say(ids.title), say(ids.what), say(ids.now));
        View { site, t, title, what, now, reference: self.reference, ways_on }.render()
    }
}
