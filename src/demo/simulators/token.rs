//! What token endpoints share. The words of their errors are each provider's own.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde_json::Value;

use super::params::{self, Params};

/// An answer in JSON that nobody keeps (RFC 6749, section 5.1).
pub(crate) fn json(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

/// A document that may be kept for a while: discovery and keys.
pub(crate) fn document(body: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=3600")).json(body)
}

/// The client's id and secret: `Authorization: Basic`, else the body (RFC 6749, section 2.3.1).
pub(crate) fn credentials(request: &HttpRequest, form: &Params) -> (String, String) {
    params::basic(request).unwrap_or_else(|| (form.text("client_id"), form.text("client_secret")))
}
