//! Transmitter metadata (SSF 1.0, section 7.1): how apps are told what happens. Streams are what the configuration says
//! of each app, so there are no endpoints to manage them.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use serde_json::json;

use crate::web::{House, links};

/// `GET /.well-known/ssf-configuration`.
pub async fn get(house: web::Data<House>) -> HttpResponse {
    let document = json!({
        "spec_version": "1_0",
        "issuer": house.issuer.as_str(),
        "jwks_uri": house.issuer.at(links::JWKS),
        "delivery_methods_supported": ["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"],
        "default_subjects": "ALL",
    });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .json(document)
}
