//! Google's RISC API: who sends security events, and the stream that a service account sets up.

use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::Jwk};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    Broken,
    desk::Desk,
    keys::SigningKey,
    params, tell,
    token::{document, json},
};

/// The audience of what a service account signs.
const AUDIENCE: &str = "https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService";
/// The name of the service account.
const EMAIL: &str = "risc@simulated.iam.gserviceaccount.com";

/// The one service account that may set up the stream. Its key is made at the first use.
#[derive(Default)]
pub(crate) struct ServiceAccount(OnceLock<Option<(String, SigningKey)>>);

impl ServiceAccount {
    fn made(&self) -> Result<&(String, SigningKey), Broken> {
        let made = self.0.get_or_init(|| {
            let pem = SigningKey::fresh_pem().ok()?;
            let key = SigningKey::of_pem(&pem).ok()?;
            Some((pem, key))
        });
        made.as_ref().ok_or(Broken::Key)
    }

    /// The file that Google's console gives out for it.
    pub(crate) fn file(&self) -> Result<String, Broken> {
        let (pem, key) = self.made()?;
        let file = json!({
            "type": "service_account",
            "project_id": "simulated",
            "private_key_id": key.kid(),
            "private_key": pem,
            "client_email": EMAIL,
            "client_id": "100000000000000000001",
            "token_uri": "https://oauth2.googleapis.com/token",
        });
        Ok(file.to_string())
    }

    fn public(&self) -> Result<&Jwk, Broken> {
        self.made().map(|(_, key)| key.public())
    }
}

/// What a stream is set up with, in the names of before the final standard.
#[derive(Clone, Deserialize)]
pub(crate) struct Stream {
    delivery: DeliveryTo,
    events_requested: Vec<String>,
}

#[derive(Clone, Deserialize)]
struct DeliveryTo {
    delivery_method: String,
    url: Url,
}

/// `{"state": "…"}`.
#[derive(Deserialize)]
pub(crate) struct Verify {
    state: String,
}

/// `GET /.well-known/risc-configuration`: the issuer has a slash at its end here.
pub(crate) async fn configuration(desk: web::Data<Desk>) -> HttpResponse {
    document(&json!({
        "issuer": format!("{}/", desk.base),
        "jwks_uri": format!("{}/oauth2/v3/certs", desk.base),
        "delivery_methods_supported": ["https://schemas.openid.net/secevent/risc/delivery-method/push"],
        "add_subject_endpoint": "https://risc.googleapis.com/v1beta/stream/subjects:add",
    }))
}

/// `POST /v1beta/stream:update`.
pub(crate) async fn update(
    desk: web::Data<Desk>,
    request: HttpRequest,
    stream: web::Json<Stream>,
) -> Result<HttpResponse, Broken> {
    if !is_the_service_account(&desk, &request)? {
        return Ok(refused());
    }
    if !stream.delivery.delivery_method.ends_with("/risc/delivery-method/push") || stream.events_requested.is_empty() {
        return Ok(json(400, &json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT" } })));
    }
    desk.memory(|memory| memory.stream = Some(stream.into_inner()));
    Ok(json(200, &json!({})))
}

/// `GET /v1beta/stream`.
pub(crate) async fn get(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    if !is_the_service_account(&desk, &request)? {
        return Ok(refused());
    }
    Ok(match desk.memory(|memory| memory.stream.clone()) {
        Some(stream) => json(
            200,
            &json!({
                "iss": format!("{}/", desk.base),
                "aud": [desk.client.id],
                "events_requested": stream.events_requested,
                "delivery": { "delivery_method": stream.delivery.delivery_method, "url": stream.delivery.url },
                "status": "enabled",
            }),
        ),
        None => json(404, &json!({ "error": { "code": 404, "status": "NOT_FOUND" } })),
    })
}

/// `POST /v1beta/stream:verify`: a trial event goes to the stream, before the answer here.
pub(crate) async fn verify(
    desk: web::Data<Desk>,
    request: HttpRequest,
    verify: web::Json<Verify>,
) -> Result<HttpResponse, Broken> {
    if !is_the_service_account(&desk, &request)? {
        return Ok(refused());
    }
    let Some(stream) = desk.memory(|memory| memory.stream.clone()) else {
        return Ok(json(404, &json!({ "error": { "code": 404, "status": "NOT_FOUND" } })));
    };
    let state = url::form_urlencoded::byte_serialize(verify.state.as_bytes()).collect::<String>();
    let event = tell::security_event(&desk, None, &format!("risc/event-type/verification?state={state}"), |_| ())?;
    let (status, _) = tell::deliver(&stream.delivery.url, tell::set(event)).await;
    desk.memory(|memory| memory.delivered.push(status));
    Ok(json(200, &json!({})))
}

fn refused() -> HttpResponse {
    json(401, &json!({ "error": { "code": 401, "status": "UNAUTHENTICATED" } }))
}

/// Whether the bearer token is one that the service account signed for this API, for an hour at most.
fn is_the_service_account(desk: &Desk, request: &HttpRequest) -> Result<bool, Broken> {
    let key = DecodingKey::from_jwk(desk.service_account.public()?).map_err(|_| Broken::Key)?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[EMAIL]);
    rules.sub = Some(EMAIL.to_owned());
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    rules.validate_exp = false;
    let token = params::bearer(request).unwrap_or_default();
    let named = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
    let now = desk.now();
    let of = |claims: &Value, name: &str| claims.get(name).and_then(Value::as_u64).unwrap_or_default();
    Ok(named.is_some()
        && decode::<Value>(token, &key, &rules).is_ok_and(|token| {
            let (issued, expires) = (of(&token.claims, "iat"), of(&token.claims, "exp"));
            expires > now && issued <= now.saturating_add(60) && expires.saturating_sub(issued) <= 3600
        }))
}
