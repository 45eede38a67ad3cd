//! Pseudonyms: what stands for a person here and at each app. Derived from the pepper, never stored as a table,
//! so that a lost store locks nobody out, and so that apps cannot compare notes.

use aws_lc_rs::hmac;

use super::derive::hmac_parts;
use crate::types::{
    AppId, Secret32, bytes,
    ids::{AccountId, HomeId, IdentityId, RandomId, Subject},
    user_code::UserCode,
};

/// Whom a `sub` is for (OpenID Connect Core, section 8.1): one app, or several that named a common sector. The
/// two kinds are kept apart in the derivation, so that an app cannot pick another's id as its sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sector<'a> {
    /// An app by itself.
    App(&'a AppId),
    /// Apps that share one.
    Shared(&'a str),
}

impl<'a> Sector<'a> {
    /// The sector of an app: the one that it names, or itself.
    pub fn of(app: &'a crate::types::App) -> Self {
        app.sector.as_deref().map_or(Self::App(&app.id), Self::Shared)
    }

    fn parts(self) -> (&'static [u8], &'a [u8]) {
        match self {
            Self::App(id) => (b"app", id.as_str().as_bytes()),
            Self::Shared(name) => (b"sector", name.as_bytes()),
        }
    }
}

/// Derives every pseudonym (HMAC-SHA-256 under the pepper, every input length-prefixed).
pub struct Pseudonyms {
    key: hmac::Key,
}

impl Pseudonyms {
    /// With the operator's pepper, which never changes.
    pub fn new(pepper: &Secret32) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, pepper.expose()) }
    }

    /// The pepper of an operator who named none.
    pub fn pepper_from(master: &Secret32) -> Secret32 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, master.expose());
        Secret32::new(hmac_parts(&key, &[b"pepper"]))
    }

    /// I = ("id", namespace, subject): one subject of one provider.
    pub fn identity(&self, namespace: &str, subject: &str) -> IdentityId {
        IdentityId::new(hmac_parts(&self.key, &[b"id", namespace.as_bytes(), subject.as_bytes()]))
    }

    /// account = ("acct", P, life). A life is empty at first, then random.
    pub fn account(&self, home: HomeId, life: &[u8]) -> AccountId {
        AccountId::new(hmac_parts(&self.key, &[b"acct", home.as_bytes(), life]))
    }

    /// `sub` = ("sub", kind of sector, sector, account).
    pub fn subject(&self, sector: Sector<'_>, account: AccountId) -> Subject {
        let (kind, name) = sector.parts();
        let sub = hmac_parts(&self.key, &[b"sub", kind, name, account.as_bytes()]);
        Subject::new(bytes::to_base64url(&sub))
    }

    /// By what name the store knows what a user code stands for: there are so few codes that a plain hash would tell them.
    pub fn user_code(&self, code: &UserCode) -> [u8; 32] {
        hmac_parts(&self.key, &[b"user code", code.as_bytes()])
    }

    /// What a message that asks for a deletion is confirmed with: 128 bits that tell nothing of the message.
    pub fn confirmation(&self, message: &[u8; 32]) -> [u8; 16] {
        let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hmac_parts(&self.key, &[b"confirm", message]);
        half
    }

    /// `sid`: one per session and sector; a common one would let apps compare notes.
    pub fn sid(&self, sector: Sector<'_>, session: RandomId) -> String {
        let (kind, name) = sector.parts();
        bytes::to_base64url(&hmac_parts(&self.key, &[b"sid", kind, name, session.as_bytes()]))
    }

    /// What the browser itself calls an account (FedCM). It keeps that to itself: apps get the pairwise `sub`.
    pub fn browser_account(&self, account: AccountId) -> String {
        bytes::to_base64url(&hmac_parts(&self.key, &[b"browser account", account.as_bytes()]))
    }

    /// What tells one session from the next to a frame of ours (Session Management 1.0, section 3); no app is given it.
    pub fn browser_state(&self, session: RandomId) -> String {
        bytes::to_base64url(&hmac_parts(&self.key, &[b"browser state", session.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(byte: u8) -> Pseudonyms {
        Pseudonyms::new(&Secret32::new([byte; 32]))
    }

    #[test]
    fn a_fresh_start_with_the_same_pepper_gives_the_same_subjects() {
        let app = "notes".parse().unwrap();
        let sub = |p: &Pseudonyms| {
            let home = p.identity("google", "1234").home();
            p.subject(Sector::App(&app), p.account(home, b""))
        };
        assert_eq!(sub(&pseudonyms(1)), sub(&pseudonyms(1)));
        assert_ne!(sub(&pseudonyms(1)), sub(&pseudonyms(2)));
    }

    #[test]
    fn everything_that_should_tell_apart_does() {
        let p = pseudonyms(1);
        let (notes, wiki): (AppId, AppId) = ("notes".parse().unwrap(), "wiki".parse().unwrap());
        let home = p.identity("google", "1").home();
        let (first, second) = (p.account(home, b""), p.account(home, b"x"));
        let subs = [
            p.subject(Sector::App(&notes), first),
            p.subject(Sector::App(&wiki), first),
            p.subject(Sector::App(&notes), second),
            p.subject(Sector::Shared("notes"), first),
        ];
        for (i, a) in subs.iter().enumerate() {
            assert!(subs.iter().skip(i + 1).all(|b| a != b));
        }
        assert_eq!(p.subject(Sector::Shared("s"), first), p.subject(Sector::Shared("s"), first));
        assert_ne!(p.identity("goog", "le1"), p.identity("google", "1"));
    }
}
