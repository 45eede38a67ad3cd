//! What a provider tells us unasked: of somebody who signed in through it, in a message that it signed. Each provider
//! has a form of its own; what comes out of a message that verifies is the same for all.

use std::time::Duration;

use super::{
    UpstreamError, UpstreamSubject,
    fetch::Object,
    jwks::NoKey,
    jws::{self, Flaw, LEEWAY},
};
use crate::types::{Timestamp, bytes};

/// How old a message may be that comes for the first time: so long is it remembered that it came, and a provider that
/// could not reach us may take its time.
pub const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);
/// The longest name of a message, in bytes.
const MAX_JTI: usize = 256;

/// The forms in which providers tell us something. Each has a route of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Facebook's `signed_request` at the address for deletion requests.
    Deletion,
    /// The same at the address that hears of removed apps.
    Deauthorization,
    /// A Security Event Token (RFC 8417) of Google's Cross-Account Protection.
    SecurityEvent,
    /// The `payload` of a notification of Sign in with Apple.
    Notification,
    /// A logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4).
    Logout,
}

/// A message as it came. Nothing of it is believed yet.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// By which route.
    pub form: Form,
    /// What was sent there.
    pub text: &'m str,
}

/// A message that verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it among all messages, whichever provider they are of: it is the same however often it is delivered.
    pub name: [u8; 32],
    /// When the provider made it.
    pub issued: Timestamp,
    /// What it says.
    pub news: Vec<News>,
}

/// One thing that a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Of whom; nobody where it is about us, or about something that we never keep.
    pub whom: Option<UpstreamSubject>,
    /// What.
    pub word: Word,
}

/// What a provider can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// The sessions there ended.
    SessionsRevoked,
    /// The person withdrew what we were allowed there.
    AccessRevoked,
    /// The account there was disabled.
    Disabled {
        /// Because somebody else took it.
        hijacked: bool,
    },
    /// It was enabled again.
    Enabled,
    /// It is gone there, or the person wants gone what we have from there.
    Gone,
    /// The person must change how they sign in there.
    CredentialChange,
    /// The relay address no longer forwards.
    MailOff,
    /// It forwards again.
    MailOn,
    /// A token ended that we do not have: none is kept.
    TokenRevoked,
    /// A trial that we asked for, with what we gave along.
    Trial(String),
    /// A kind of event that this build does not know; whoever hears of one ignores it (RFC 8417, section 2).
    Other,
}

/// Why nothing comes of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// This provider does not speak so.
    #[error("this provider tells nothing in this way")]
    NotSpoken,
    /// It cannot be verified now, since the provider's keys cannot be had.
    #[error("the provider's keys are not available: {0}")]
    Unavailable(UpstreamError),
    /// It is not a message of this provider for us.
    #[error("{why}")]
    Wrong {
        /// What is wrong with it, in the words of RFC 8935, section 2.4.
        fault: Fault,
        /// The same for people.
        why: &'static str,
    },
}

/// Error codes of RFC 8935, section 2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as the RFC names it")]
pub enum Fault {
    InvalidRequest,
    InvalidKey,
    InvalidIssuer,
    InvalidAudience,
    AuthenticationFailed,
}

impl Fault {
    /// As it goes on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidKey => "invalid_key",
            Self::InvalidIssuer => "invalid_issuer",
            Self::InvalidAudience => "invalid_audience",
            Self::AuthenticationFailed => "authentication_failed",
        }
    }

    pub(super) const fn because(self, why: &'static str) -> Unheard {
        Unheard::Wrong { fault: self, why }
    }
}

impl From<Flaw> for Unheard {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Header(why) => Fault::InvalidKey.because(why),
            Flaw::Key(NoKey::Unknown) => Fault::InvalidKey.because("no key of the provider fits"),
            Flaw::Key(NoKey::Ambiguous) => Fault::InvalidKey.because("several keys of the provider fit"),
            Flaw::Signature => Fault::AuthenticationFailed.because("the signature does not verify"),
            Flaw::Keys(error) => Self::Unavailable(error),
        }
    }
}

/// A malformed message.
pub(super) const fn malformed(why: &'static str) -> Unheard {
    Fault::InvalidRequest.because(why)
}

/// Names a message. Each part is hashed by itself, so that no two lists of parts have one name.
pub(super) fn name(parts: &[&[u8]]) -> [u8; 32] {
    let hashes: Vec<[u8; 32]> = parts.iter().map(|part| bytes::sha256(part)).collect();
    bytes::sha256(hashes.as_flattened())
}

/// `jti`, which names a message at its issuer.
pub(super) fn jti(claims: &Object) -> Result<&str, Unheard> {
    let jti = claims.get("jti").and_then(serde_json::Value::as_str).filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    jti.ok_or(malformed("jti"))
}

/// `iat`: not to come yet, and not older than `most`.
pub(super) fn issued(claims: &Object, now: Timestamp, most: Duration) -> Result<Timestamp, Unheard> {
    let issued = jws::time(claims, "iat").ok().flatten().ok_or(malformed("iat"))?;
    in_time(issued, now, most)
}

/// The same of a moment that was read already.
pub(super) fn in_time(issued: Timestamp, now: Timestamp, most: Duration) -> Result<Timestamp, Unheard> {
    if issued > now.plus(LEEWAY) {
        return Err(malformed("it is of a time to come"));
    }
    if now.since(issued) > most {
        return Err(malformed("it is too old"));
    }
    Ok(issued)
}

/// Whether `aud` names us, alone or among others.
pub(super) fn check_audience(claims: &Object, client_id: &str) -> Result<(), Unheard> {
    let us = |value: &serde_json::Value| value.as_str() == Some(client_id);
    let named = match claims.get("aud") {
        Some(serde_json::Value::Array(all)) => all.iter().any(us),
        Some(one) => us(one),
        None => false,
    };
    if named { Ok(()) } else { Err(Fault::InvalidAudience.because("it is for somebody else")) }
}

/// A subject as a provider writes it.
pub(super) fn subject(value: Option<&serde_json::Value>) -> Result<UpstreamSubject, Unheard> {
    value.and_then(serde_json::Value::as_str).and_then(UpstreamSubject::new).ok_or(malformed("no subject"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_messages_share_a_name() {
        let all = [name(&[b"a", b"bc"]), name(&[b"ab", b"c"]), name(&[b"abc"]), name(&[b"a", b"bc", b""])];
        assert!(all.iter().enumerate().all(|(i, one)| all.iter().skip(i + 1).all(|other| other != one)));
        assert_eq!(name(&[b"a", b"bc"]), name(&[b"a", b"bc"]));
    }
}
