//! The questions that a person is asked on their own behalf, and how far a deletion is.

use askama::Template;

use super::{Page, Site, Words, contact_href};
use crate::{partition::Withdrawn, types::Timestamp};

/// Shall this identity open the account from now on? Answered by the field `answer`: `yes` or `no`.
#[derive(Clone, Debug)]
pub struct LinkQuestion<'a> {
    /// What the provider is called.
    pub provider: &'a str,
    /// What the person is called there.
    pub called: Option<&'a str>,
    /// Names the visit; comes back as the field `attempt`.
    pub attempt: String,
    /// Comes back as the field `form_token`.
    pub form_token: String,
}

/// Delete everything? Answered by the field `answer`, and by `provider` where there are several ways to sign in once
/// more.
#[derive(Clone, Debug)]
pub struct DeleteQuestion<'a> {
    /// What the apps are called that are told.
    pub apps: Vec<String>,
    /// The ways to sign in once more.
    pub ways: Vec<DeleteWay<'a>>,
    /// Comes back as the field `form_token`.
    pub form_token: String,
}

/// A way to sign in once more.
#[derive(Clone, Copy, Debug)]
pub struct DeleteWay<'a> {
    /// Its section in the configuration.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
}

/// How far a deletion is.
#[derive(Clone, Debug)]
pub struct DeletionStatus<'a> {
    /// When it was asked for.
    pub received: Timestamp,
    /// Who asked.
    pub origin: StatusOrigin<'a>,
    /// When everything here was gone.
    pub gone: Option<Timestamp>,
    /// Whether the account goes on by other ways to sign in.
    pub goes_on: bool,
    /// What came of it at the provider where the person signed in once more.
    pub farewell: Option<StatusFarewell<'a>>,
    /// What became of telling each app.
    pub apps: Vec<StatusApp<'a>>,
}

/// Who asked for a deletion.
#[derive(Clone, Copy, Debug)]
pub enum StatusOrigin<'a> {
    /// The person.
    Person,
    /// The operator, for them.
    Operator,
    /// A provider, for them.
    Provider {
        /// What it is called.
        name: &'a str,
    },
}

/// What the person had allowed us at a provider.
#[derive(Clone, Copy, Debug)]
pub struct StatusFarewell<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What became of it.
    pub withdrawn: Withdrawn,
}

/// An app that has to be told.
#[derive(Clone, Copy, Debug)]
pub struct StatusApp<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Whom to ask there: addresses to write to, or pages.
    pub contacts: &'a [String],
    /// Its privacy policy.
    pub policy: Option<&'a str>,
    /// What became of it.
    pub told: StatusTold,
}

/// What became of telling an app.
#[derive(Clone, Copy, Debug)]
pub enum StatusTold {
    /// Not yet.
    Waiting,
    /// It said that it understood.
    Acknowledged(Timestamp),
    /// It said that it will not take the message.
    Refused(Timestamp),
    /// We gave up.
    NotReachable(Timestamp),
    /// There was no way to.
    NoChannel,
}

impl StatusTold {
    fn text(&self, t: &Words<'_>) -> String {
        match self {
            Self::Waiting => t.say("status-waiting"),
            Self::Acknowledged(at) => t.with("status-acknowledged", "date", &t.date(*at)),
            Self::Refused(at) => t.with("status-refused", "date", &t.date(*at)),
            Self::NotReachable(at) => t.with("status-not-reachable", "date", &t.date(*at)),
            Self::NoChannel => t.say("status-no-channel"),
        }
    }

    /// Whether the person has to do something.
    const fn is_up_to_them(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NotReachable(_) | Self::NoChannel)
    }
}

#[derive(Template)]
#[template(path = "pages/link_question.html")]
struct LinkView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a LinkQuestion<'a>,
}

impl Page for LinkQuestion<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        LinkView { site, t, page: self }.render()
    }
}

#[derive(Template)]
#[template(path = "pages/delete_question.html")]
struct DeleteView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a DeleteQuestion<'a>,
}

impl Page for DeleteQuestion<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        DeleteView { site, t, page: self }.render()
    }
}

#[derive(Template)]
#[template(path = "pages/deletion_status.html")]
struct StatusView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a DeletionStatus<'a>,
}

impl StatusView<'_> {
    fn received(&self) -> String {
        self.t.with("status-received", "date", &self.t.date(self.page.received))
    }

    fn gone(&self) -> String {
        match self.page.gone {
            Some(at) if self.page.goes_on => self.t.with("status-one-way", "date", &self.t.date(at)),
            Some(at) => self.t.with("status-gone", "date", &self.t.date(at)),
            None => self.t.say("status-going"),
        }
    }

    fn href(&self, contact: &str) -> Option<String> {
        contact_href(contact)
    }

    fn farewell(&self, farewell: &StatusFarewell<'_>) -> String {
        let id = match farewell.withdrawn {
            Withdrawn::Done => "status-withdrawn",
            Withdrawn::Failed => "status-not-withdrawn",
            Withdrawn::NoWay => "status-no-withdrawal",
        };
        self.t.with(id, "provider", farewell.name)
    }

    fn origin(&self) -> Option<String> {
        match self.page.origin {
            StatusOrigin::Person => None,
            StatusOrigin::Operator => Some(self.t.say("status-by-operator")),
            StatusOrigin::Provider { name } => Some(self.t.with("status-by-provider", "provider", name)),
        }
    }
}

impl Page for DeletionStatus<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        StatusView { site, t, page: self }.render()
    }
}
