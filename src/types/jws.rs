//! Signature algorithms (RFC 7518, section 3.1; RFC 8037) that we sign with or that we accept.

use serde::{Deserialize, Serialize};

/// An asymmetric JWS algorithm. There is no `none` and no HMAC among them, so neither can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named as RFC 7518 and RFC 8037 name it")]
pub enum Alg {
    RS256,
    ES256,
    #[serde(rename = "EdDSA")]
    EdDSA,
}

impl Alg {
    /// All that our keyring holds.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// By its name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == text)
    }
}
