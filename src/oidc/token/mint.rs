//! Tokens: the ID token (OpenID Connect Core, section 2) and the access token (RFC 9068).

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use crate::{
    grant::Live,
    keyring::{Signer, TokenType},
    oidc::{authorize::ACR, jwt},
    seal::Sector,
    types::{
        App, Claims, Scope, SecretText, Thumbprint, Timestamp, bytes,
        ids::{RandomId, Subject},
        jws::Alg,
        scope::ScopeValue,
    },
    web::access_token::Confirmation,
    web::{House, api::ApiError},
};

/// The answer of the token endpoint (RFC 6749, section 5.1).
#[derive(Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
}

impl Tokens {
    /// An access token alone.
    pub const fn access_alone(access_token: String, lives: Duration, scope: Option<String>) -> Self {
        Self {
            access_token,
            token_type: "Bearer",
            expires_in: lives.as_secs(),
            refresh_token: None,
            id_token: None,
            scope,
            issued_token_type: None,
        }
    }

    /// The same, saying what was issued (RFC 8693, section 2.2.1).
    #[must_use]
    pub fn issued_as(self, token_type: &'static str) -> Self {
        Self { issued_token_type: Some(token_type), ..self }
    }

    /// The same where its access token is bound to a key.
    pub const fn bound_to(mut self, key: Option<&Thumbprint>) -> Self {
        if key.is_some() {
            self.token_type = "DPoP";
        }
        self
    }

    /// As it goes out.
    pub fn to_json(&self) -> Result<Vec<u8>, ApiError> {
        jwt::json(self)
    }
}

/// What tokens are minted for.
pub struct Ticket<'a> {
    /// The grant.
    pub live: &'a Live,
    /// What of its scope.
    pub scope: &'a Scope,
    /// The claims that go into the ID token.
    pub shown: &'a Claims,
    /// The refresh token that goes with them.
    pub refresh: Option<&'a SecretText>,
    /// The services that the access token is for; the app's own where there are none.
    pub resources: &'a [String],
    /// The key that the access token is bound to (RFC 9449, section 6).
    pub key: Option<&'a Thumbprint>,
}

/// What signs the two tokens.
pub struct Signers {
    access: Arc<dyn Signer>,
    id: Arc<dyn Signer>,
}

/// The signers for an app. Asked for before a code is spent, so that a first start does not burn one.
pub fn signers(house: &House, app: &App) -> Result<Signers, ApiError> {
    let signer = |alg| house.keyring.current(alg).ok_or_else(ApiError::unavailable);
    Ok(Signers { access: signer(Alg::ES256)?, id: signer(app.id_token_alg)? })
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Vec<&'a str>,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    auth_time: u64,
    scope: &'a str,
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    /// Where UserInfo finds the grant: sealed, and different in each token.
    #[serde(rename = "vst")]
    locator: String,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
    auth_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    at_hash: String,
    sid: &'a str,
    amr: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
    #[serde(flatten)]
    shown: &'a Claims,
}

/// Mints the tokens of an answer: an access token, and with `openid` an ID token.
pub fn tokens(house: &House, app: &App, ticket: &Ticket<'_>, signers: &Signers) -> Result<Tokens, ApiError> {
    let (now, live) = (house.clock.now(), ticket.live);
    let sector = Sector::of(app);
    let names = (house.pseudonyms.subject(sector, live.who.account), house.pseudonyms.sid(sector, live.session));
    let (scope, aud) = (ticket.scope.to_string(), audiences(house, app, ticket));
    // Only what UserInfo takes opens claims.
    let opens = aud.contains(&house.issuer.as_str());
    let locator = if opens { house.grants.hand_out(live) } else { house.grants.hand_out_without_claims(live) };
    let access = AccessClaims {
        iss: house.issuer.as_str(),
        sub: names.0.as_str(),
        aud,
        client_id: app.id.as_str(),
        iat: now.as_secs(),
        exp: now.plus(house.lifetimes.access_token).as_secs(),
        jti: RandomId::generate(house.sealer.random()).to_string(),
        auth_time: live.auth_time.as_secs(),
        scope: &scope,
        sid: &names.1,
        cnf: ticket.key.cloned().map(|jkt| Confirmation { jkt }),
        locator,
    };
    let access_token = jwt::sign(signers.access.as_ref(), TokenType::Access, &access)?;
    let id_token = ticket.scope.has(ScopeValue::Openid).then(|| {
        let id = id_claims(house, app, ticket, &access_token, &names, now);
        jwt::sign(signers.id.as_ref(), TokenType::Jwt, &id)
    });
    Ok(Tokens {
        access_token,
        token_type: if ticket.key.is_some() { "DPoP" } else { "Bearer" },
        expires_in: house.lifetimes.access_token.as_secs(),
        refresh_token: ticket.refresh.map(|token| token.expose().to_owned()),
        id_token: id_token.transpose()?,
        scope: Some(scope),
        issued_token_type: None,
    })
}

/// With services named, those, and with `openid` ourselves, for UserInfo; else the app itself and we.
fn audiences<'a>(house: &'a House, app: &'a App, ticket: &Ticket<'a>) -> Vec<&'a str> {
    let issuer = house.issuer.as_str();
    if ticket.resources.is_empty() {
        return vec![app.id.as_str(), issuer];
    }
    let own = ticket.scope.has(ScopeValue::Openid).then_some(issuer);
    ticket.resources.iter().map(String::as_str).chain(own).collect()
}

fn id_claims<'a>(
    house: &'a House,
    app: &'a App,
    ticket: &Ticket<'a>,
    access_token: &str,
    (sub, sid): &'a (Subject, String),
    now: Timestamp,
) -> IdClaims<'a> {
    let live = ticket.live;
    IdClaims {
        iss: house.issuer.as_str(),
        sub: sub.as_str(),
        aud: app.id.as_str(),
        iat: now.as_secs(),
        exp: now.plus(house.lifetimes.id_token).as_secs(),
        auth_time: live.auth_time.as_secs(),
        nonce: live.nonce.as_ref().map(|nonce| nonce.as_str()),
        at_hash: at_hash(app.id_token_alg, access_token),
        sid,
        amr: ["fed"],
        acr: live.claims.acr.then_some(ACR),
        shown: ticket.shown,
    }
}

/// The left half of the token's hash under the ID token's algorithm (OpenID Connect Core, section 3.1.3.6): SHA-256 for
/// RS256 and ES256, SHA-512 for Ed25519.
fn at_hash(alg: Alg, access_token: &str) -> String {
    let algorithm = match alg {
        Alg::RS256 | Alg::ES256 => &aws_lc_rs::digest::SHA256,
        Alg::EdDSA => &aws_lc_rs::digest::SHA512,
    };
    let digest = aws_lc_rs::digest::digest(algorithm, access_token.as_bytes());
    let (left, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
    bytes::to_base64url(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_the_left_half() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Alg::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Alg::EdDSA, token).len(), 43);
    }
}
