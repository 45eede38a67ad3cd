//! `grant_type=client_credentials` (RFC 6749, section 4.4): a service speaks for itself. There is no person, so there
//! is no ID token, nothing at UserInfo, and nothing to refresh.

use serde::Serialize;

use super::{mint::Tokens, target};
use crate::{
    apps::Authenticated,
    keyring::TokenType,
    oidc::{dpop, jwt, parameter::repeated},
    proof::Possession,
    types::{OAuthCode, Scope, app::GrantType, ids::RandomId, jws::Alg},
    web::{House, access_token::Confirmation, api::ApiError, params::Params},
};

/// An access token of a service (RFC 9068, section 2.2): its subject is the service itself.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Vec<&'a str>,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

pub(super) async fn token(
    house: &House,
    app: Authenticated<'_>,
    params: &Params,
    proof: Option<&Possession>,
) -> Result<Tokens, ApiError> {
    let app = app.app();
    if app.is_public() {
        let why = "client_credentials is for clients with a secret";
        return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, why));
    }
    let asked = params.get("scope").map_err(repeated)?;
    if asked.is_some_and(|asked| !Scope::parse(asked).is_empty()) {
        let why = "every scope here asks for something of a person, and with client_credentials there is none";
        return Err(ApiError::bad_request(OAuthCode::InvalidScope, why));
    }
    let mut aud = target::resources(house, app, params)?;
    if aud.is_empty() {
        aud.push(app.id.as_str());
    }
    if !dpop::spend(house, proof).await? {
        return Err(dpop::invalid(dpop::REPLAYED));
    }
    let key = proof.map(|proof| &proof.key);
    let signer = house.keyring.current(Alg::ES256).ok_or_else(ApiError::unavailable)?;
    let (now, lives) = (house.clock.now(), house.lifetimes.access_token);
    let claims = Claims {
        iss: house.issuer.as_str(),
        sub: app.id.as_str(),
        aud,
        client_id: app.id.as_str(),
        iat: now.as_secs(),
        exp: now.plus(lives).as_secs(),
        jti: RandomId::generate(house.sealer.random()).to_string(),
        cnf: key.cloned().map(|jkt| Confirmation { jkt }),
    };
    let token = jwt::sign(signer.as_ref(), TokenType::Access, &claims)?;
    house.witness.tokens(&app.id, GrantType::ClientCredentials.as_str());
    // What was asked for and is not known here was not granted, which has to be said (section 5.1).
    Ok(Tokens::access_alone(token, lives, asked.map(|_| String::new())).bound_to(key))
}
