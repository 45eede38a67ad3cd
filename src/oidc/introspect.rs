//! Introspection (RFC 7662): whether a token is good at this moment, for the app that it was issued to, and no other.
//! It says nothing of the person but their pairwise subject; claims are UserInfo's.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;

use super::{
    access::AccessToken,
    authenticate,
    parameter::{self, repeated},
};
use crate::{
    grant::Asking,
    keyring::VerifyError,
    seal::Sector,
    types::OAuthCode,
    web::{House, api::ApiError, headers},
};

/// The answer (section 2.2). Of a token that is not good, or not the caller's, nothing else is said.
#[derive(Default, Serialize)]
struct Introspection {
    active: bool,
    #[serde(flatten)]
    token: Option<Facts>,
}

/// What is said of a good token.
#[derive(Serialize)]
struct Facts {
    iss: String,
    client_id: String,
    sub: String,
    scope: String,
    exp: u64,
    iat: u64,
    auth_time: u64,
    #[serde(flatten)]
    access: Option<AccessFacts>,
}

/// What an access token has besides.
#[derive(Serialize)]
struct AccessFacts {
    token_type: &'static str,
    aud: Value,
    jti: String,
}

/// `POST /introspect`.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let directory = house.directory();
    let app = authenticate::app(&house, &request, &params, &directory.apps)?.app();
    if app.is_public() {
        // Whoever proves nothing could try tokens that it found (section 2.1).
        return Err(ApiError::invalid_client());
    }
    let token = params.get("token").map_err(repeated)?;
    let token = token.ok_or_else(|| ApiError::bad_request(OAuthCode::InvalidRequest, "token is missing"))?;
    params.get("token_type_hint").map_err(repeated)?;
    let asking = directory.asking(app);
    let token = match refresh_token(&house, token, asking).await? {
        Some(facts) => Some(facts),
        None => access_token(&house, token, asking).await?,
    };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(Introspection { active: token.is_some(), token }))
}

async fn refresh_token(house: &House, token: &str, asking: Asking<'_>) -> Result<Option<Facts>, ApiError> {
    let found = house.grants.look(token, asking).await?;
    Ok(found.map(|found| Facts {
        iss: house.issuer.as_str().to_owned(),
        client_id: asking.app.id.to_string(),
        sub: house.pseudonyms.subject(Sector::of(asking.app), found.live.who.account).to_string(),
        scope: found.live.scope.to_string(),
        exp: found.expires.as_secs(),
        iat: found.issued.as_secs(),
        auth_time: found.live.auth_time.as_secs(),
        access: None,
    }))
}

async fn access_token(house: &House, token: &str, asking: Asking<'_>) -> Result<Option<Facts>, ApiError> {
    let access = match AccessToken::verify(house, token, None) {
        Ok(access) if access.client_id == asking.app.id.as_str() => access,
        Err(VerifyError::NotReady) => return Err(ApiError::unavailable()),
        Ok(_) | Err(_) => return Ok(None),
    };
    let live = house.grants.find(access.handle(), asking).await?;
    Ok(live.map(|_| Facts {
        iss: house.issuer.as_str().to_owned(),
        client_id: access.client_id,
        sub: access.sub,
        scope: access.scope,
        exp: access.exp,
        iat: access.iat,
        auth_time: access.auth_time,
        access: Some(AccessFacts { token_type: "Bearer", aud: access.aud, jti: access.jti }),
    }))
}
