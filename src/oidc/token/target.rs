//! `resource` (RFC 8707, section 2): the services that an access token is to be for.

use crate::{
    types::{App, OAuthCode},
    web::{House, api::ApiError, params::Params},
};

/// The most services that one token is for.
const MOST: usize = 8;

/// What is said to whoever names a service that the app is not registered for.
const UNKNOWN: &str = "resource is none of the audiences that this client is registered for";

/// The services that a request names, in its order, each once; all of them among those that the app may name. We
/// ourselves are none: what opens UserInfo has a person behind it.
///
/// # Errors
/// `invalid_target`.
pub(super) fn resources<'a>(house: &House, app: &App, params: &'a Params) -> Result<Vec<&'a str>, ApiError> {
    let mut named: Vec<&str> = Vec::new();
    for resource in params.all("resource") {
        let registered = app.audiences.iter().any(|audience| audience == resource);
        if !registered || resource == house.issuer.as_str() {
            return Err(ApiError::bad_request(OAuthCode::InvalidTarget, UNKNOWN));
        }
        if !named.contains(&resource) {
            named.push(resource);
        }
    }
    if named.len() > MOST {
        return Err(ApiError::bad_request(OAuthCode::InvalidTarget, "too many resources at once"));
    }
    Ok(named)
}
