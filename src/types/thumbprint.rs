//! A key, named by its hash (RFC 7638).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bytes;

/// SHA-256 over a key's required members, in base64url: `jkt`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// From a `dpop_jkt` parameter; `None` for anything that is no SHA-256 in base64url.
    pub fn parse(text: &str) -> Option<Self> {
        bytes::from_base64url(text).filter(|hash| hash.len() == 32).map(|_| Self(text.to_owned()))
    }

    /// As it goes into `cnf`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({})", self.0)
    }
}
