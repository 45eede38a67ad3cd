//! The public keys (RFC 7517), rendered once for each version of the ring.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};

use crate::web::{House, api::ApiError};

/// `GET /jwks`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let jwks = house.keyring.jwks().ok_or_else(ApiError::unavailable)?;
    let known =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|etag| etag.as_bytes() == jwks.etag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, jwks.etag.as_str()))
        .insert_header((header::CACHE_CONTROL, house.jwks_cache_control.as_str()))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    if known {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .body(jwks.json.clone()))
}
