//! Access tokens of ours that come back (RFC 9068, section 4).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    grant::Access,
    keyring::{Expect, Expired, TokenType, VerifyError},
    types::{Thumbprint, Timestamp},
    web::House,
};

/// `cnf`: what whoever uses the token must prove to hold (RFC 9449, section 6.1).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Confirmation {
    /// The key.
    pub jkt: Thumbprint,
}

/// What an access token says, its signature, issuer, audience and time being verified.
#[derive(Debug, Deserialize)]
pub(super) struct AccessToken {
    pub sub: String,
    pub aud: Value,
    pub client_id: String,
    pub iat: u64,
    pub exp: u64,
    pub jti: String,
    pub auth_time: u64,
    pub scope: String,
    pub cnf: Option<Confirmation>,
    #[serde(rename = "vst")]
    locator: String,
}

impl AccessToken {
    /// Verifies one; `audience` must be among its own, where one is named.
    ///
    /// # Errors
    /// [`VerifyError`] says what does not fit.
    pub fn verify(house: &House, token: &str, audience: Option<&str>) -> Result<Self, VerifyError> {
        let expect = Expect {
            typ: TokenType::Access,
            issuer: house.issuer.as_str(),
            audience,
            leeway: Duration::ZERO,
            expired: Expired::Refused,
        };
        house.keyring.verify(token, &expect)
    }

    /// By which its grant is found.
    pub fn handle(&self) -> Access<'_> {
        Access { locator: &self.locator, id: &self.jti }
    }

    /// When it expires.
    pub const fn expires(&self) -> Timestamp {
        Timestamp::from_secs(self.exp)
    }
}
