//! `POST /device_authorization` (RFC 8628, section 3.1): a device begins, if its app is one of those that may.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::{
    devices::{INTERVAL, LIVES},
    limits::RetryAfter,
    oidc::{
        authenticate::Caller,
        parameter::{self, repeated},
    },
    types::{OAuthCode, Scope, app::GrantType, scope::ScopeValue},
    web::{House, api::ApiError, headers, links},
};

/// The answer (section 3.2).
#[derive(Serialize)]
struct Answer<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: &'a str,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u32,
}

/// Begins.
pub async fn begin(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let caller = Caller::meet(&house, &request, &params).await?;
    let app = caller.prove().await?.app();
    if !app.may_use(GrantType::DeviceCode) {
        return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, "not registered for the device grant"));
    }
    let scope = Scope::parse(params.get("scope").map_err(repeated)?.unwrap_or_default());
    if !scope.has(ScopeValue::Openid) {
        return Err(ApiError::bad_request(OAuthCode::InvalidScope, "scope must contain openid"));
    }
    let busy = |wait: RetryAfter| ApiError::busy(wait.as_secs());
    // One that proves who it is may stand for many people behind one address.
    if let Some(address) = house.client_ip(&request).filter(|_| app.is_public()) {
        house.limits.check_address(address).map_err(busy)?;
    }
    house.limits.device_begins(&app.id).map_err(busy)?;
    let begun = house.devices.begin(&app.id, &scope).await?.ok_or_else(|| ApiError::busy(LIVES.as_secs()))?;
    let (user_code, page) = (begun.user_code.to_string(), house.issuer.at(links::DEVICE));
    let answer = Answer {
        device_code: begun.device_code.expose(),
        user_code: &user_code,
        verification_uri: &page,
        verification_uri_complete: format!("{page}?user_code={user_code}"),
        expires_in: LIVES.as_secs(),
        interval: INTERVAL,
    };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(answer))
}
