//! One message for one app.

use serde::{Deserialize, Serialize};

use super::LEASE;
use crate::{
    partition::{By, intent::KEPT},
    types::{
        AppId, Claim, Timestamp, bytes,
        ids::{RandomId, Subject},
    },
};

/// What an app is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The account is gone for good (RISC 1.0, `account-purged`).
    Purged,
    /// A session ended, or all of them where the letter names none (CAEP 1.0, `session-revoked`).
    Revoked {
        /// Who ended it.
        by: By,
    },
    /// The person disconnected the app: an event of our own, since no standard has it.
    Withdrawn,
    /// What the app may see has changed (CAEP 1.0, `token-claims-change`).
    Changed {
        /// What it may see from now on.
        on: Vec<Claim>,
        /// What it may see no longer.
        off: Vec<Claim>,
    },
    /// Sign the person out (OpenID Connect Back-Channel Logout 1.0).
    LogOut,
}

impl News {
    /// A word for it, for operators and programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Purged => "account-purged",
            Self::Revoked { .. } => "session-revoked",
            Self::Withdrawn => "consent-withdrawn",
            Self::Changed { .. } => "token-claims-change",
            Self::LogOut => "logout",
        }
    }
}

/// A message on its way. Which account it is about, nothing in it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Names it, here and on the wire (`jti`), however often it is sent.
    pub id: RandomId,
    /// For whom.
    pub app: AppId,
    /// What that app calls the person.
    pub subject: Subject,
    /// What it calls the session, if it is about one.
    pub session: Option<String>,
    /// What happened.
    pub news: News,
    /// When it happened.
    pub at: Timestamp,
    /// The page of the deletion that waits for the app's answer, by its code's hash.
    pub status: Option<[u8; 32]>,
    /// How often it was sent in vain.
    pub attempts: u32,
    /// When it is to be sent next.
    pub next: Timestamp,
}

impl Letter {
    /// A fresh one, to be sent at once. Its name follows from what it says in which case, and tells nothing of either:
    /// a case is random and known here alone.
    pub fn new(
        case: RandomId,
        app: AppId,
        subject: Subject,
        session: Option<String>,
        news: News,
        at: Timestamp,
    ) -> Self {
        let parts =
            [app.as_str().as_bytes(), news.word().as_bytes(), session.as_deref().unwrap_or_default().as_bytes()];
        // None of the parts has a NUL, so the list has one spelling.
        let hash = bytes::sha256(&[&case.as_bytes()[..], &parts.join(&0)].concat());
        let mut id = [0; 16];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        let id = RandomId::new(id);
        Self { id, app, subject, session, news, at, status: None, attempts: 0, next: at }
    }

    /// When nobody waits for it any more.
    pub fn ends(&self) -> Timestamp {
        self.at.plus(KEPT)
    }

    /// Whether it can still be sent at `next`.
    pub fn has_time_left(&self, next: Timestamp) -> bool {
        next < last_call(self)
    }
}

/// When a letter that nobody took is given up: a little before its record ends by itself.
pub(super) fn last_call(letter: &Letter) -> Timestamp {
    letter.ends().minus(LEASE * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_named_by_what_it_says() {
        let (case, other) = (RandomId::new([1; 16]), RandomId::new([2; 16]));
        let letter = |case, app: &str, session: Option<&str>, news| {
            let (app, session) = (app.parse().unwrap(), session.map(str::to_owned));
            Letter::new(case, app, Subject::new("sub".into()), session, news, Timestamp::from_secs(7)).id
        };
        let id = letter(case, "notes", Some("s"), News::LogOut);
        assert_eq!(id, letter(case, "notes", Some("s"), News::LogOut));
        for different in [
            letter(other, "notes", Some("s"), News::LogOut),
            letter(case, "wiki", Some("s"), News::LogOut),
            letter(case, "notes", Some("t"), News::LogOut),
            letter(case, "notes", None, News::LogOut),
            letter(case, "notes", Some("s"), News::Purged),
        ] {
            assert_ne!(id, different);
        }
    }
}
