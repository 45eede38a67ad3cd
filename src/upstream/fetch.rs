//! Documents over the egress client: what went wrong is told apart from what was said.

use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION},
};
use serde_json::{Map, Value};
use url::Url;

use super::UpstreamError;
use crate::egress::{Egress, EgressError};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Asks, and takes a server's trouble (5xx, 429) for what it is: not an answer.
pub(super) async fn call(egress: &Egress, request: Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, EgressError> {
    let answer = egress.call(request).await?;
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(EgressError::Unreachable(format!("status {}", status.as_u16())));
    }
    Ok(answer)
}

/// A GET for JSON, with the access token in its header and nowhere else (RFC 9700, section 4.3.2).
pub(super) fn get(url: &Url, token: Option<&str>) -> Result<Request<Vec<u8>>, UpstreamError> {
    let mut request = Request::builder().method(Method::GET).uri(url.as_str()).header(ACCEPT, "application/json");
    if let Some(token) = token {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| UpstreamError::Invalid("the access token is not one".into()))?;
        bearer.set_sensitive(true);
        request = request.header(AUTHORIZATION, bearer);
    }
    request.body(Vec::new()).map_err(|_| UpstreamError::Invalid("an address is not one".into()))
}

/// Asks for JSON; `what` names it in errors. Any status that is not trouble comes back with its body.
pub(super) async fn json(
    egress: &Egress,
    what: &'static str,
    request: Request<Vec<u8>>,
) -> Result<(StatusCode, Value), UpstreamError> {
    let answer = call(egress, request).await.map_err(|error| named(what, error))?;
    let value = match serde_json::from_slice(answer.body()) {
        Ok(value) => value,
        Err(_) if answer.status() != StatusCode::OK => Value::Null,
        Err(_) => return Err(UpstreamError::Invalid(format!("{what}: not JSON"))),
    };
    Ok((answer.status(), value))
}

/// Asks for a JSON object with status 200, and takes nothing else.
pub(super) async fn object(
    egress: &Egress,
    what: &'static str,
    request: Request<Vec<u8>>,
) -> Result<Object, UpstreamError> {
    match json(egress, what, request).await? {
        (StatusCode::OK, Value::Object(members)) => Ok(members),
        (StatusCode::OK, _) => Err(UpstreamError::Invalid(format!("{what}: not a JSON object"))),
        (status, _) => Err(UpstreamError::Invalid(format!("{what}: status {}", status.as_u16()))),
    }
}

fn named(what: &str, error: EgressError) -> UpstreamError {
    match UpstreamError::from(error) {
        UpstreamError::Unavailable(why) => UpstreamError::Unavailable(format!("{what}: {why}")),
        UpstreamError::Invalid(why) => UpstreamError::Invalid(format!("{what}: {why}")),
        other => other,
    }
}
