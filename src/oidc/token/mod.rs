//! The token endpoint (RFC 6749, section 3.2): one file a grant type. The app proves itself first, for all of them.

mod code;
mod device;
mod exchange;
mod machine;
mod mint;
mod refresh;
pub(super) mod target;

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{
    authenticate::Caller,
    dpop,
    parameter::{self, required},
};
use crate::{
    types::{OAuthCode, app::GrantType},
    web::{House, api::ApiError, headers},
};

/// `POST /token`.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let caller = Caller::meet(&house, &request, &params).await?;
    let app = caller.prove().await?;
    let proof = dpop::demanded(&house, &request, app.app())?;
    let proof = proof.as_ref();
    let grant_type = required(&params, "grant_type")?;
    let answer = match GrantType::ALL.into_iter().find(|known| known.as_str() == grant_type) {
        Some(grant) if !app.app().may_use(grant) => {
            return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, "not registered for this grant_type"));
        }
        Some(GrantType::AuthorizationCode) if app.app().gate.is_some() => {
            let why = "the gate alone redeems what people bring for this client";
            return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, why));
        }
        Some(GrantType::AuthorizationCode) => code::redeem(&house, app, &params, proof).await?.to_json()?.into(),
        Some(GrantType::RefreshToken) => refresh::refresh(&house, app, &params, proof).await?,
        Some(GrantType::ClientCredentials) => machine::token(&house, app, &params, proof).await?.to_json()?.into(),
        Some(GrantType::TokenExchange) => {
            exchange::exchange((&house, &request), app, &params, proof).await?.to_json()?.into()
        }
        Some(GrantType::DeviceCode) => device::redeem(&house, app, &params, proof).await?.to_json()?.into(),
        None => {
            return Err(ApiError::bad_request(OAuthCode::UnsupportedGrantType, "this grant_type is not supported"));
        }
    };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    dpop::next_nonce(&house, proof, &mut response);
    Ok(response.insert_header((header::CONTENT_TYPE, "application/json")).body(answer))
}
