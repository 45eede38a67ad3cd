//! UserInfo (OpenID Connect Core, section 5.3; RFC 6750): what the app may see at this moment.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web};
use serde::Serialize;

use super::access::{AccessToken, Behind};
use crate::{
    keyring::VerifyError,
    seal::Sector,
    types::{Claims, Scope, ids::Subject, scope::ScopeValue},
    web::{House, api::ApiError, csrf, headers, params::Params},
};

#[derive(Serialize)]
struct UserInfo {
    sub: Subject,
    #[serde(flatten)]
    visible: Claims,
}

/// Why a token is not taken (RFC 6750, section 3).
#[derive(Clone, Copy)]
enum Refused {
    /// None was sent.
    NoToken,
    /// `invalid_request`: two at once, or not as the standard says.
    InvalidRequest,
    /// `invalid_token`.
    InvalidToken,
    /// `insufficient_scope`: a token that its app asked for without `openid`.
    InsufficientScope,
}

/// `GET /userinfo`. A token in the query is not looked at (RFC 9700, section 4.3.2).
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    match in_header(&request) {
        Ok(token) => answer(&house, token).await,
        Err(refused) => Ok(refuse(refused)),
    }
}

/// `POST /userinfo`: the token in the header or in the form (RFC 6750, section 2.2).
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let body = body.map_err(|_| ApiError::too_large())?;
    let form = if csrf::is_form(&request) { Params::parse(&body).ok() } else { Some(Params::default()) };
    let in_form = form.as_ref().map(|form| form.get("access_token"));
    match (in_header(&request), in_form) {
        (Ok(token), Some(Ok(None))) => answer(&house, token).await,
        (Err(Refused::NoToken), Some(Ok(Some(token)))) => answer(&house, token).await,
        (Err(refused), Some(Ok(None))) => Ok(refuse(refused)),
        _ => Ok(refuse(Refused::InvalidRequest)),
    }
}

fn in_header(request: &HttpRequest) -> Result<&str, Refused> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let first = all.next().ok_or(Refused::NoToken)?;
    if all.next().is_some() {
        return Err(Refused::InvalidRequest);
    }
    let (scheme, token) = first.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Refused::InvalidRequest)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Refused::NoToken) }
}

async fn answer(house: &House, token: &str) -> Result<HttpResponse, ApiError> {
    let access = match AccessToken::verify(house, token, Some(house.issuer.as_str())) {
        Ok(access) => access,
        Err(VerifyError::NotReady) => return Err(ApiError::unavailable()),
        Err(_) => return Ok(refuse(Refused::InvalidToken)),
    };
    let directory = house.directory();
    let Some(app) = directory.apps.find(&access.client_id) else { return Ok(refuse(Refused::InvalidToken)) };
    let Some(Behind::Person(live)) = access.behind(house, &directory).await? else {
        return Ok(refuse(Refused::InvalidToken));
    };
    // What the token was issued for, which may be less than its grant was.
    let scope = Scope::parse(&access.scope);
    if !scope.has(ScopeValue::Openid) {
        return Ok(refuse(Refused::InsufficientScope));
    }
    let sub = house.pseudonyms.subject(Sector::of(app), live.who.account);
    let visible = live.visible(app, &scope);
    house.grants.shown(&live, &visible).await?;
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(UserInfo { sub, visible }))
}

fn refuse(refused: Refused) -> HttpResponse {
    let (status, challenge) = match refused {
        Refused::NoToken => (StatusCode::UNAUTHORIZED, r#"Bearer realm="vestibule""#),
        Refused::InvalidRequest => (StatusCode::BAD_REQUEST, r#"Bearer realm="vestibule", error="invalid_request""#),
        Refused::InvalidToken => (StatusCode::UNAUTHORIZED, r#"Bearer realm="vestibule", error="invalid_token""#),
        Refused::InsufficientScope => {
            (StatusCode::FORBIDDEN, r#"Bearer realm="vestibule", error="insufficient_scope", scope="openid""#)
        }
    };
    let mut response = HttpResponse::build(status);
    headers::no_store(&mut response);
    response.insert_header((header::WWW_AUTHENTICATE, challenge)).finish()
}
