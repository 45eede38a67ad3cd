//! The ring as it is stored: every key with its state, and a rotation that was asked for and is not yet due.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    config::{Keys, Lifetimes},
    types::{Timestamp, jws::Alg},
};

/// How long after a commit another instance may still show the ring from before it: it looks every two seconds.
pub(super) const SPREAD: Duration = Duration::from_secs(3);

/// What verifiers grant each other for clocks that differ (RFC 7519, section 4.1.4).
pub(super) const LEEWAY: Duration = Duration::from_secs(60);

/// How long a logout token lives (OpenID Connect Back-Channel Logout, section 2.4): the shortest-lived thing that
/// no configuration names.
const LOGOUT_TOKEN: Duration = Duration::from_secs(120);

/// The times that govern the life of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long a key signs before the next one takes over.
    pub rotate: Duration,
    /// For how long others may keep our JWKS.
    pub jwks_max_age: Duration,
    /// The longest that any signed token lives.
    pub token: Duration,
}

impl Policy {
    /// As the configuration has it.
    pub fn new(keys: &Keys, lifetimes: &Lifetimes) -> Self {
        let token = lifetimes.access_token.max(lifetimes.id_token).max(LOGOUT_TOKEN);
        Self { rotate: keys.rotate, jwks_max_age: keys.jwks_max_age, token }
    }

    /// How long a key is published before every verifier that honours `max-age` knows it.
    pub(super) fn settling(&self) -> Duration {
        self.jwks_max_age.saturating_add(SPREAD)
    }

    /// How long a key stays published after it signed last.
    pub(super) fn afterglow(&self) -> Duration {
        self.token.saturating_add(self.jwks_max_age).saturating_add(LEEWAY)
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Published, so that verifiers know it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; published until the last token that it signed has expired.
    Previous,
}

impl KeyState {
    /// As the command line shows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

/// A private key as PKCS#8 (RFC 5958): in memory that is wiped, or sealed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Pkcs8(#[serde(with = "serde_bytes")] Vec<u8>);

impl Pkcs8 {
    pub(super) fn new(der: &[u8]) -> Self {
        Self(der.to_vec())
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Pkcs8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs8([redacted])")
    }
}

/// A key of the ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RingKey {
    /// RFC 7638 thumbprint.
    pub(super) kid: String,
    pub(super) alg: Alg,
    pub(super) state: KeyState,
    /// When it entered that state.
    pub(super) since: Timestamp,
    /// When it is forgotten; for a previous key only.
    pub(super) until: Option<Timestamp>,
    pub(super) private: Pkcs8,
}

/// All keys, and a promotion of the next ones that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ring {
    pub(super) keys: Vec<RingKey>,
    /// When the next keys take over, because somebody asked for it.
    pub(super) promote: Option<Timestamp>,
}

impl Ring {
    /// The key of `alg` in `state`; previous ones may be several, and then it is one of them.
    pub(super) fn find(&self, alg: Alg, state: KeyState) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.alg == alg && key.state == state)
    }

    /// What signs now, for telling whether somebody else has rotated in between.
    pub(super) fn signing(&self) -> Vec<&str> {
        Alg::ALL.iter().filter_map(|alg| self.find(*alg, KeyState::Current)).map(|key| key.kid.as_str()).collect()
    }
}

/// What `vestibule keys list` shows of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// Its name in JWKS and in headers: the RFC 7638 thumbprint.
    pub kid: String,
    /// What it signs with.
    pub alg: Alg,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it entered that state.
    pub since: Timestamp,
    /// When it leaves it, as far as that is known: a next key begins to sign, a current one is due for rotation, a
    /// previous one is forgotten.
    pub until: Option<Timestamp>,
}
