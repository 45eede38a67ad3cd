//! The token endpoint (RFC 6749, section 3.2): one file a grant type. The app proves itself first, for all of them.

mod authenticate;
mod code;
mod mint;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::{
    types::{OAuthCode, app::GrantType},
    web::{House, api::ApiError, csrf, headers, params::Params},
};

/// `POST /token`.
pub async fn post(house: web::Data<House>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, ApiError> {
    if !csrf::is_form(&request) {
        return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "the body must be a form"));
    }
    let params =
        Params::parse(&body).map_err(|_| ApiError::bad_request(OAuthCode::InvalidRequest, "too many parameters"))?;
    let directory = house.directory();
    let app = authenticate::app(&house, &request, &params, &directory.apps)?;
    let grant_type = params.get("grant_type").map_err(repeated)?;
    let grant_type = grant_type
        .ok_or_else(|| ApiError::bad_request(OAuthCode::InvalidRequest, "grant_type is missing"))
        .map(|name| GrantType::ALL.into_iter().find(|grant| grant.as_str() == name))?;
    let tokens = match grant_type {
        Some(grant) if !app.app().grant_types.contains(&grant) => {
            return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, "not registered for this grant_type"));
        }
        Some(GrantType::AuthorizationCode) => code::redeem(&house, app, &params).await?,
        Some(GrantType::RefreshToken) | None => {
            return Err(ApiError::bad_request(OAuthCode::UnsupportedGrantType, "this grant_type is not supported"));
        }
    };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(tokens))
}

fn repeated(_: crate::web::params::Repeated) -> ApiError {
    ApiError::bad_request(OAuthCode::InvalidRequest, "a parameter came more than once")
}
