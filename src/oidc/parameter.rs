//! Parameters of the endpoints that apps call on their back channel, and who calls.

use actix_web::{HttpMessage, HttpRequest, web};

use crate::{
    types::OAuthCode,
    web::{
        api::ApiError,
        csrf,
        params::{Params, Repeated},
    },
};

/// The form that an app posts.
///
/// # Errors
/// `invalid_request` for anything else, and for one that is too large.
pub(super) fn form(request: &HttpRequest, body: Result<web::Bytes, actix_web::Error>) -> Result<Params, ApiError> {
    if !csrf::is_form(request) {
        return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "the body must be a form"));
    }
    let body = ApiError::body(body)?;
    let params = Params::parse(&body);
    let params = params.map_err(|_| ApiError::bad_request(OAuthCode::InvalidRequest, "too many parameters"))?;
    if params.repeated().any(|name| !SEVERAL.contains(&name)) { Err(twice()) } else { Ok(params) }
}

/// Whether a request says that its body is JSON.
pub(super) fn is_json(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("application/json")
}

/// A parameter that a request must have.
///
/// # Errors
/// `invalid_request` if it is missing, or came more than once.
pub(super) fn required<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, ApiError> {
    let missing = || ApiError::bad_request(OAuthCode::InvalidRequest, format!("{name} is missing"));
    params.get(name).map_err(repeated)?.ok_or_else(missing)
}

/// What may come more than once (RFC 8707, section 2; RFC 8693, section 2.1).
const SEVERAL: [&str; 2] = ["resource", "audience"];

/// A parameter came more than once (RFC 6749, section 3.2).
pub(super) fn repeated(_: Repeated) -> ApiError {
    twice()
}

fn twice() -> ApiError {
    ApiError::bad_request(OAuthCode::InvalidRequest, "a parameter came more than once")
}
