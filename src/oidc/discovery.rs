//! Metadata (OpenID Connect Discovery, section 3; RFC 8414): true to what is implemented, rendered once.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use serde_json::{Map, Value, json};

use super::authorize::ACR;
use crate::{
    config::Registration,
    proof::ALGORITHMS,
    types::{Claim, app::GrantType, jws::Alg, response_mode::ResponseMode, scope::ScopeValue, urls::Issuer},
    web::{Locale, links},
};

/// The document, as bytes that are sent as they are.
#[derive(Clone)]
pub struct Document(web::Bytes);

impl Document {
    /// For this issuer, and how apps may come by themselves.
    pub fn new(issuer: &Issuer, registration: &Registration) -> Self {
        let parts = [endpoints(issuer, registration), requests(), proofs(), answers(), sessions(issuer)];
        let members = parts.into_iter().filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        });
        let document: Map<String, Value> = members.flatten().collect();
        Self(Value::from(document).to_string().into())
    }
}

fn endpoints(issuer: &Issuer, registration: &Registration) -> Value {
    let mut named = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.at(links::AUTHORIZE),
        "token_endpoint": issuer.at(links::TOKEN),
        "userinfo_endpoint": issuer.at(links::USERINFO),
        "jwks_uri": issuer.at(links::JWKS),
        "revocation_endpoint": issuer.at(links::REVOKE),
        "introspection_endpoint": issuer.at(links::INTROSPECT),
        "pushed_authorization_request_endpoint": issuer.at(links::PAR),
        "device_authorization_endpoint": issuer.at(links::DEVICE_AUTHORIZATION),
    });
    if let Some(members) = named.as_object_mut() {
        if registration.is_open() {
            members.insert("registration_endpoint".into(), issuer.at(links::REGISTER).into());
        }
        if registration.client_id_documents {
            members.insert("client_id_metadata_document_supported".into(), true.into());
        }
    }
    named
}

/// What an app may ask.
fn requests() -> Value {
    json!({
        "scopes_supported": ScopeValue::ALL.map(ScopeValue::as_str),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page"],
        "ui_locales_supported": Locale::ALL.map(Locale::tag),
        "acr_values_supported": [ACR],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "require_pushed_authorization_requests": false,
    })
}

/// How it proves itself.
fn proofs() -> Value {
    let auth = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let proven = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    let signed = ALGORITHMS.map(|alg| format!("{alg:?}"));
    json!({
        "token_endpoint_auth_methods_supported": auth,
        "token_endpoint_auth_signing_alg_values_supported": signed,
        "revocation_endpoint_auth_methods_supported": auth,
        "revocation_endpoint_auth_signing_alg_values_supported": signed,
        "introspection_endpoint_auth_methods_supported": proven,
        "introspection_endpoint_auth_signing_alg_values_supported": signed,
        "request_object_signing_alg_values_supported": signed,
        "dpop_signing_alg_values_supported": signed,
    })
}

/// What it gets.
fn answers() -> Value {
    let own = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "amr", "acr"];
    let claims: Vec<&str> = own.into_iter().chain(Claim::ALL.map(Claim::as_str)).collect();
    json!({
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": Alg::ALL.map(Alg::as_str),
        "userinfo_signing_alg_values_supported": Alg::ALL.map(Alg::as_str),
        "introspection_signing_alg_values_supported": [Alg::RS256.as_str()],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// How it hears that somebody signed out, and asks for it.
fn sessions(issuer: &Issuer) -> Value {
    json!({
        "end_session_endpoint": issuer.at(links::LOGOUT),
        "check_session_iframe": issuer.at(links::SESSION_CHECK),
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`.
pub async fn get(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .body(document.0.clone())
}
