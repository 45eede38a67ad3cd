//! What is written down about each kind of record, for the person, the operator and a regulator: what it is for, whose
//! data it is, why it may be kept, where it comes from, who opens it, how long it stays. A kind without such words does
//! not compile; tests hold what the store really keeps to them.

mod access;
mod account;
mod decisions;
mod machines;
mod news;
mod upkeep;

use std::time::Duration;

use access::{GATE, GRANT, SESSION};
use account::{HEAD, HISTORY, IDENTITY};
use decisions::{CONSENT, RECEIPT, SERVED};
use machines::{APP, DEVICE, PLACE, PUSHED};
use news::{EVENT, INTENT, OUTBOX, STATUS};
use upkeep::{KEYRING, MARK, SPENT};

use super::Kind;
use crate::config::Lifetimes;

/// What is said about one kind of record.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it is called.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// Whose data it is.
    pub whose: Whose,
    /// Why it may be kept.
    pub basis: Basis,
    /// Where it comes from.
    pub sources: &'static [Source],
    /// What it takes to open it.
    pub seal: Seal,
    /// How long it stays.
    pub keep: Keep,
    /// Who else is given what it holds.
    pub recipients: Recipients,
}

/// Whose data a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Somebody's who signs in.
    Person,
    /// Nobody's: hashes of what was used, keys, what instances tell each other.
    Nobody,
}

/// The legal basis (GDPR, Art. 6(1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// (b): without it nobody could be signed in.
    Contract,
    /// (a) for what is optional, (b) for what the app cannot do without.
    ConsentOrContract,
    /// (c): something must be provable, or others must be told.
    Obligation,
    /// (f): nobody else gets in.
    Security,
    /// Not personal data.
    None,
}

/// Where the content of a record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The provider that the person signed in with.
    Provider,
    /// The person, by what they chose.
    Person,
    /// The browser.
    Browser,
    /// The app, by what it asked.
    App,
    /// This place itself.
    Here,
}

/// What it takes to open a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The master secret.
    Master,
    /// A key of the account, which dies with it.
    AccountKey,
    /// The master secret and the cookie of the person's browser.
    Browser,
    /// The master secret and a code or a token that the app alone holds.
    App,
    /// Nothing is in it but its name.
    Empty,
}

/// Who is given what a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Nobody.
    Nobody,
    /// The app that it is about.
    App,
}

/// A length of time.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    /// The same everywhere.
    Fixed(Duration),
    /// As the operator sets it.
    Set {
        /// The setting.
        key: &'static str,
        /// What it comes to.
        of: fn(&Lifetimes) -> Duration,
    },
}

impl Span {
    /// How long it is.
    pub fn of(self, lifetimes: &Lifetimes) -> Duration {
        match self {
            Self::Fixed(span) => span,
            Self::Set { of, .. } => of(lifetimes),
        }
    }

    /// The setting that changes it.
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::Fixed(_) => None,
            Self::Set { key, .. } => Some(key),
        }
    }
}

/// How long a record stays.
#[derive(Clone, Copy, Debug)]
pub enum Keep {
    /// As long as the account.
    Account,
    /// So long from when it is written.
    For(Span),
    /// So long unused; each use begins it anew.
    Unused {
        /// How long.
        idle: Span,
        /// And so long in all, however much it is used.
        most: Option<Span>,
    },
    /// Until its work is done, and so long at most.
    UntilDone(Option<Span>),
    /// As long as this place.
    Place,
}

impl Keep {
    /// The longest that a record may live on from any moment, by itself, with a minute for clocks that differ; `None`
    /// where something else ends it.
    pub fn longest(self, lifetimes: &Lifetimes) -> Option<Duration> {
        match self {
            Self::For(span) | Self::Unused { idle: span, .. } => Some(span.of(lifetimes).saturating_add(LEEWAY)),
            Self::Account | Self::UntilDone(_) | Self::Place => None,
        }
    }
}

/// What clocks that differ are allowed.
const LEEWAY: Duration = Duration::from_secs(60);

impl Kind {
    /// What is written down about records of this kind.
    pub const fn about(self) -> About {
        match self {
            Self::Head => HEAD,
            Self::Identity => IDENTITY,
            Self::Consent => CONSENT,
            Self::Served => SERVED,
            Self::History => HISTORY,
            Self::Session => SESSION,
            Self::Gate => GATE,
            Self::Grant => GRANT,
            Self::Receipt => RECEIPT,
            Self::Intent => INTENT,
            Self::Outbox => OUTBOX,
            Self::Status => STATUS,
            Self::Event => EVENT,
            Self::Spent => SPENT,
            Self::Device => DEVICE,
            Self::App => APP,
            Self::Place => PLACE,
            Self::Pushed => PUSHED,
            Self::Keyring => KEYRING,
            Self::Mark => MARK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_something_of_its_own() {
        for kind in Kind::ALL {
            let about = kind.about();
            for text in [about.name, about.purpose, about.holds] {
                assert!(!text.is_empty() && !text.contains("  "), "{kind:?}: {text}");
            }
            assert!(!about.sources.is_empty(), "{kind:?}");
            assert_eq!(Kind::ALL.iter().filter(|other| other.about().name == about.name).count(), 1, "{kind:?}");
        }
    }

    /// What has no legal basis is nobody's, and what is somebody's does not stay for ever.
    #[test]
    fn what_is_somebodys_has_a_basis_and_an_end() {
        for kind in Kind::ALL {
            let About { whose, basis, keep, .. } = kind.about();
            assert_eq!(whose == Whose::Nobody, basis == Basis::None, "{kind:?}");
            assert!(whose == Whose::Nobody || !matches!(keep, Keep::Place), "{kind:?}");
        }
    }

    #[test]
    fn what_a_provider_said_is_opened_by_the_browser_or_the_app_alone() {
        for kind in Kind::ALL {
            let About { seal, holds, .. } = kind.about();
            let has_values = holds.contains("with values") || holds.contains("said of the person");
            assert_eq!(has_values, matches!(seal, Seal::Browser | Seal::App), "{kind:?}");
        }
    }
}
