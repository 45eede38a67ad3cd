//! What the provider tells the client unasked, signed as the real one signs it: Facebook's `signed_request`, Google's
//! Security Event Tokens, Apple's notifications. Armed faults spoil the signature as they do that of an ID token.

use actix_web::{HttpResponse, web};
use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::{Broken, Kind, desk::Desk, people::Person};
use crate::{
    egress::{Egress, Opening},
    types::bytes,
};

/// What every type of Google's events begins with.
const EVENTS: &str = "https://schemas.openid.net/secevent/";

/// A message, and how it is delivered.
pub(crate) struct Delivery {
    content_type: &'static str,
    body: String,
}

/// `{"person": "ada", "news": "risc/event-type/sessions-revoked", "to": "http://localhost:8600/events/google/risc"}`.
#[derive(Deserialize)]
pub(crate) struct Tell {
    person: String,
    news: String,
    to: Url,
}

/// `POST /_simulator/tell`: makes a message and delivers it over HTTP; answers with what came back.
pub(crate) async fn tell(desk: web::Data<Desk>, tell: web::Json<Tell>) -> Result<HttpResponse, Broken> {
    let message = match (desk.kind, desk.person(&tell.person)) {
        (_, None) => None,
        (Kind::Facebook, Some(person)) => Some(form(signed_request(&desk, person, |_| ()))),
        (Kind::Google, Some(person)) => Some(set(security_event(&desk, Some(person), &tell.news, |_| ())?)),
        (Kind::Apple, Some(person)) => Some(posted(&notification(&desk, person, &tell.news, |_| ())?)),
        (Kind::Github | Kind::Microsoft, Some(_)) => None,
    };
    let Some(message) = message else {
        return Ok(HttpResponse::BadRequest().json(json!({ "error": "no such person, or nothing is told here" })));
    };
    let (status, body) = deliver(&tell.to, message).await;
    Ok(HttpResponse::Ok().json(json!({ "status": status, "body": body })))
}

/// Facebook's: what it says, an HMAC of that beside it.
pub(crate) fn signed_request(desk: &Desk, person: &Person, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut said = Map::new();
    for (name, value) in
        [("algorithm", json!("HMAC-SHA256")), ("issued_at", json!(desk.now())), ("user_id", json!(person.subject))]
    {
        said.insert(name.to_owned(), value);
    }
    change(&mut said);
    let payload = bytes::to_base64url(Value::Object(said).to_string().as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, desk.client.secret.as_bytes());
    format!("{}.{payload}", bytes::to_base64url(hmac::sign(&key, payload.as_bytes()).as_ref()))
}

/// Google's: `kind` is the end of the event's type, with `?reason=…` where the event has one.
pub(crate) fn security_event(
    desk: &Desk,
    person: Option<&Person>,
    kind: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Result<String, Broken> {
    let (kind, members) = kind.split_once('?').unwrap_or((kind, ""));
    let mut event: Map<String, Value> = form_urlencoded::parse(members.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    if let Some(person) = person {
        let issuer = format!("{}/", desk.base);
        event.insert("subject".to_owned(), json!({ "subject_type": "iss-sub", "iss": issuer, "sub": person.subject }));
    }
    let mut claims = signed(desk, &format!("{}/", desk.base));
    claims.insert("events".to_owned(), json!({ format!("{EVENTS}{kind}"): event }));
    change(&mut claims);
    desk.key.sign("secevent+jwt", &claims, &desk.armed())
}

/// Apple's: `events` is JSON in a text, times in it are milliseconds.
pub(crate) fn notification(
    desk: &Desk,
    person: &Person,
    kind: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Result<String, Broken> {
    let mut event = json!({ "type": kind, "sub": person.subject, "event_time": desk.clock.now().as_millis() });
    if let (true, Some(members)) = (kind.starts_with("email-"), event.as_object_mut()) {
        members.insert("email".to_owned(), json!(person.email));
        members.insert("is_private_email".to_owned(), json!("true"));
    }
    let mut claims = signed(desk, &desk.base);
    claims.insert("exp".to_owned(), json!(desk.now().saturating_add(86_400)));
    claims.insert("events".to_owned(), json!(event.to_string()));
    change(&mut claims);
    desk.key.sign("JWT", &claims, &desk.armed())
}

fn signed(desk: &Desk, issuer: &str) -> Map<String, Value> {
    let named = [
        ("iss", json!(issuer)),
        ("aud", json!(desk.client.id)),
        ("iat", json!(desk.now())),
        ("jti", json!(desk.unguessable())),
    ];
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A Security Event Token, as it is pushed (RFC 8935, section 2.1).
pub(crate) const fn set(body: String) -> Delivery {
    Delivery { content_type: "application/secevent+jwt", body }
}

fn form(signed_request: String) -> Delivery {
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", &signed_request).finish();
    Delivery { content_type: "application/x-www-form-urlencoded", body }
}

fn posted(payload: &str) -> Delivery {
    Delivery { content_type: "application/json", body: json!({ "payload": payload }).to_string() }
}

/// Delivers a message; status 0 when nobody was there.
pub(crate) async fn deliver(to: &Url, message: Delivery) -> (u16, String) {
    let egress = Egress::default().opening(Opening::of(to, true, false).into_iter().collect());
    let request = http::Request::builder()
        .method(http::Method::POST)
        .uri(to.as_str())
        .header(http::header::CONTENT_TYPE, message.content_type)
        .header(http::header::ACCEPT, "application/json")
        .body(message.body.into_bytes());
    let Ok(request) = request else { return (0, "not an address".to_owned()) };
    match egress.call(request).await {
        Ok(answer) => (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned()),
        Err(error) => (0, error.to_string()),
    }
}
