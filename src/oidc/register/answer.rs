//! What an app is told of its registration (RFC 7591, section 3.2.1; RFC 7592, section 3).

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    registry::Registered,
    types::{
        App, SecretText,
        app::{AppAuth, GrantType, SecretMethod},
        scope::ScopeValue,
    },
    web::{House, headers, links},
};

/// All that is registered, with the token by which it is managed, and a secret that was just made.
pub(super) fn answer(
    house: &House,
    status: StatusCode,
    (registered, app): (&Registered, &App),
    token: &SecretText,
    secret: Option<&SecretText>,
) -> HttpResponse {
    let mut said = registered.said();
    let mut put = |name: &str, value: Value| said.insert(name.to_owned(), value);
    put("client_id", json!(registered.id.as_str()));
    put("client_id_issued_at", json!(registered.since.as_secs()));
    put("registration_access_token", json!(token.expose()));
    put("registration_client_uri", json!(house.issuer.at(&links::registration(&registered.id))));
    put("grant_types", json!(app.grant_types.iter().map(|grant| grant.as_str()).collect::<Vec<_>>()));
    put("response_types", json!(["code"]));
    put("scope", json!(scope(app)));
    put("subject_type", json!("pairwise"));
    put("id_token_signed_response_alg", json!(app.id_token_alg.as_str()));
    match &app.auth {
        AppAuth::Public => drop(put("token_endpoint_auth_method", json!("none"))),
        AppAuth::Secret { method, .. } => {
            let post = *method == Some(SecretMethod::Post);
            put("token_endpoint_auth_method", json!(if post { "client_secret_post" } else { "client_secret_basic" }));
            put("client_secret_expires_at", json!(0));
        }
        _ => {}
    }
    if let Some(secret) = secret {
        put("client_secret", json!(secret.expose()));
    }
    let mut response = HttpResponse::build(status);
    headers::no_store(&mut response);
    response.json(said)
}

/// The scope values that give it something (RFC 7591, section 2). Others are no mistake, and change nothing.
fn scope(app: &App) -> String {
    let claims: BTreeSet<_> = app.claims.keys().map(|claim| ScopeValue::of(*claim)).collect();
    let refreshes = app.grant_types.contains(&GrantType::RefreshToken);
    let gives = |value: &ScopeValue| match value {
        ScopeValue::Openid => true,
        ScopeValue::OfflineAccess => refreshes,
        value => claims.contains(value),
    };
    let names: Vec<_> = ScopeValue::ALL.iter().filter(|value| gives(value)).map(|value| value.as_str()).collect();
    names.join(" ")
}
