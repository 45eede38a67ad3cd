//! What UserInfo is as a protected resource (RFC 9728): how its tokens come, and who issues them.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use serde_json::json;

use crate::{
    proof::ALGORITHMS,
    types::{jws::Alg, scope::ScopeValue},
    web::{House, links},
};

/// `GET /.well-known/oauth-protected-resource/userinfo` (section 3.1).
pub async fn get(house: web::Data<House>) -> HttpResponse {
    let issuer = &house.issuer;
    let document = json!({
        "resource": issuer.at(links::USERINFO),
        "authorization_servers": [issuer.as_str()],
        "jwks_uri": issuer.at(links::JWKS),
        "scopes_supported": ScopeValue::ALL.map(ScopeValue::as_str),
        "bearer_methods_supported": ["header", "body"],
        "resource_signing_alg_values_supported": Alg::ALL.map(Alg::as_str),
        "dpop_signing_alg_values_supported": ALGORITHMS.map(|alg| format!("{alg:?}")),
        "dpop_bound_access_tokens_required": false,
    });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .json(document)
}
