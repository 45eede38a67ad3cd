//! Withdrawing at a provider what a person allowed us there: the one use of an upstream token after a sign-in, for
//! somebody who deletes everything. Asked once.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Parting, UpstreamError, answer, client::Registration, fetch};
use crate::{egress::Egress, types::Timestamp};

/// How a provider wants to be asked (RFC 7009, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// By the book: the token, and who we are, as at the token endpoint.
    Standard,
    /// The token alone (Google).
    TokenAlone,
}

/// Who we are there: our registration, whether our secret travels in the body, and the moment to make one for.
pub(super) type Client<'a> = (&'a Registration, bool, Timestamp);

/// Asks an endpoint of RFC 7009.
pub(super) async fn ask(
    egress: &Egress,
    at: &Url,
    manner: Manner,
    client: Client<'_>,
    parting: &Parting,
) -> Result<(), UpstreamError> {
    let answer = fetch::call(egress, request(at, manner, client, parting)?).await?;
    if answer.status() == StatusCode::OK {
        return Ok(());
    }
    Err(refused(answer.status(), &serde_json::from_slice(answer.body()).unwrap_or_default()))
}

fn request(at: &Url, manner: Manner, client: Client<'_>, parting: &Parting) -> Result<Request<Vec<u8>>, UpstreamError> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(at.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", parting.token());
    if manner == Manner::Standard {
        let (registration, secret_in_body, now) = client;
        form.append_pair("token_type_hint", "access_token");
        match registration.secret(now)? {
            Some(secret) if !secret_in_body => {
                // Both halves are form-encoded first (RFC 6749, section 2.3.1).
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let secret = basic(&encoded(&registration.client_id), &encoded(secret.expose()))?;
                request = request.header(header::AUTHORIZATION, secret);
            }
            secret => {
                form.append_pair("client_id", &registration.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.expose());
                }
            }
        }
    }
    request.body(form.finish().into_bytes()).map_err(|_| bad_address())
}

/// `Authorization: Basic`, never to be shown.
pub(super) fn basic(id: &str, secret: &str) -> Result<HeaderValue, UpstreamError> {
    let pair = zeroize::Zeroizing::new(format!("{id}:{secret}"));
    let mut value =
        HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes()))).map_err(|_| bad_address())?;
    value.set_sensitive(true);
    Ok(value)
}

/// What an answer that is no success comes to.
pub(super) fn refused(status: StatusCode, said: &Value) -> UpstreamError {
    match said.get("error").and_then(Value::as_str) {
        Some(code) => UpstreamError::Refused(answer::cut(code)),
        None => UpstreamError::Invalid(format!("revocation: status {}", status.as_u16())),
    }
}

fn bad_address() -> UpstreamError {
    UpstreamError::Invalid("revocation: an address or a secret is not one".into())
}
