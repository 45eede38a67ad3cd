//! Introspection (RFC 7662; signed, RFC 9701): whether a token is good at this moment, for the app that it was issued
//! to or that it is aimed at, and no other. It says nothing of the person but their pairwise subject; claims are
//! UserInfo's.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;
use serde_json::Value;

use super::{
    authenticate::Caller,
    jwt,
    parameter::{self, repeated, required},
};
use crate::{
    grant::Asking,
    keyring::{TokenType, VerifyError},
    seal::Sector,
    types::{App, jws::Alg},
    web::{
        House,
        access_token::{AccessToken, Confirmation},
        api::ApiError,
        headers,
    },
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
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(flatten)]
    access: Option<AccessFacts>,
}

/// What an access token has besides.
#[derive(Serialize)]
struct AccessFacts {
    token_type: &'static str,
    aud: Value,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// `POST /introspect`.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let caller = Caller::meet(&house, &request, &params).await?;
    let app = caller.prove().await?.app();
    if app.is_public() {
        // Whoever proves nothing could try tokens that it found (section 2.1).
        return Err(ApiError::invalid_client());
    }
    let token = required(&params, "token")?;
    params.get("token_type_hint").map_err(repeated)?;
    let asking = caller.directory.asking(app);
    let token = match refresh_token(&house, token, asking).await? {
        Some(facts) => Some(facts),
        None => access_token(&house, &request, token, app).await?,
    };
    let answer = Introspection { active: token.is_some(), token };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    response.insert_header((header::VARY, "Accept"));
    if wants_signed(&request) {
        let signed = signed(&house, app, answer)?;
        return Ok(response.insert_header((header::CONTENT_TYPE, SIGNED)).body(signed));
    }
    Ok(response.json(answer))
}

/// The media type of a signed answer (RFC 9701, section 5), and what follows `typ` in its header.
const SIGNED: &str = "application/token-introspection+jwt";

/// Asked for by name: who accepts anything gets JSON.
fn wants_signed(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let types = accepted.flat_map(|list| list.split(',')).map(|item| item.split(';').next().unwrap_or_default().trim());
    types.into_iter().any(|name| name.eq_ignore_ascii_case(SIGNED))
}

/// A signed answer has neither `sub` nor `exp` of its own, so that nobody takes it for an access token.
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: u64,
    token_introspection: Introspection,
}

fn signed(house: &House, app: &App, answer: Introspection) -> Result<String, ApiError> {
    let signer = house.keyring.current(Alg::RS256).ok_or_else(ApiError::unavailable)?;
    let iat = house.clock.now().as_secs();
    let claims = Signed { iss: house.issuer.as_str(), aud: app.id.as_str(), iat, token_introspection: answer };
    jwt::sign(signer.as_ref(), TokenType::Introspection, &claims)
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
        auth_time: Some(found.live.auth_time.as_secs()),
        access: None,
    }))
}

async fn access_token(house: &House, request: &HttpRequest, token: &str, app: &App) -> Result<Option<Facts>, ApiError> {
    let access = match AccessToken::verify(house, token, None) {
        Ok(access) if access.concerns(app) => access,
        Err(VerifyError::NotReady) => return Err(ApiError::unavailable()),
        Ok(_) | Err(_) => return Ok(None),
    };
    Ok(access.behind(house, request).await?.map(|_| Facts {
        iss: house.issuer.as_str().to_owned(),
        client_id: access.client_id,
        sub: access.sub,
        scope: access.scope,
        exp: access.exp,
        iat: access.iat,
        auth_time: access.auth_time,
        access: Some(AccessFacts {
            token_type: if access.cnf.is_some() { "DPoP" } else { "Bearer" },
            aud: access.aud,
            jti: access.jti,
            cnf: access.cnf,
        }),
    }))
}
