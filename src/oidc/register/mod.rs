//! Apps register themselves (RFC 7591) and manage that (RFC 7592), where the operator handed out a token for it. What
//! they say is held to the rules of the configuration; what only an operator may say is ignored.

mod answer;
mod create;
mod manage;
mod sector;

use actix_web::{HttpRequest, HttpResponse, http::header, middleware::from_fn, web};
use serde_json::{Map, Value};

use super::{cors, parameter::is_json};
use crate::{
    apps::addresses::are_public,
    config::NotRegistered,
    egress::Egress,
    registry::Registry,
    types::{App, OAuthCode, OAuthError, SecretText, bytes, json::Members},
    web::{House, api::ApiError, headers, links},
};

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::REGISTER).wrap(from_fn(cors::open)).post(create::create).route(cors::preflight()))
        .service(
            web::resource(format!("{}/{{client_id}}", links::REGISTER))
                .wrap(from_fn(cors::open))
                .get(manage::read)
                .put(manage::replace)
                .delete(manage::remove)
                .route(cors::preflight()),
        );
}

/// The registered apps, where apps may register themselves.
fn registry(house: &House) -> Result<&Registry, ApiError> {
    house.registry.as_ref().ok_or_else(ApiError::not_found)
}

/// The token that comes with a request (RFC 6750, section 2.1).
fn bearer(request: &HttpRequest) -> Option<SecretText> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let (scheme, token) = all.next()?.to_str().ok()?.split_once(' ')?;
    let alone = all.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    alone.then(|| SecretText::new(token.trim()))
}

/// Whether `token` is one of those with these hashes.
fn is_one_of(token: &SecretText, hashes: &[[u8; 32]]) -> bool {
    let given = bytes::sha256(token.expose().as_bytes());
    hashes.iter().fold(false, |any, hash| any | bytes::constant_time_eq(hash, &given))
}

/// A wrong token: counted, like a wrong secret.
fn refused(house: &House, request: &HttpRequest) -> ApiError {
    match house.count_wrong(request, None) {
        Err(wait) => ApiError::busy(wait.as_secs()),
        Ok(()) => ApiError::invalid_token(),
    }
}

/// The JSON object that an app sends.
fn object(request: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> Result<Map<String, Value>, ApiError> {
    let body = ApiError::body(body)?;
    let object = Members::read(&body).filter(|_| is_json(request));
    object.ok_or_else(|| metadata("the body must be a JSON object in which no name comes twice"))
}

/// 400 `invalid_client_metadata`.
fn metadata(why: impl Into<String>) -> ApiError {
    OAuthError::new(OAuthCode::InvalidClientMetadata, why.into()).into()
}

impl From<NotRegistered> for ApiError {
    fn from(error: NotRegistered) -> Self {
        let code = if error.redirects { OAuthCode::InvalidRedirectUri } else { OAuthCode::InvalidClientMetadata };
        OAuthError::new(code, error.problem).into()
    }
}

/// A name that an app of the operator's has is not free.
fn own_name(house: &House, app: &App) -> Result<(), ApiError> {
    Ok(house.directory().apps.name_is_free(&app.name)?)
}

/// Every address that an app names is one on the web.
fn addresses(egress: &Egress, said: &Map<String, Value>) -> Result<(), ApiError> {
    Ok(are_public(egress, said)?)
}

fn no_content() -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    headers::no_store(&mut response);
    response.finish()
}
