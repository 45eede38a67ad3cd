//! `resource` (RFC 8707, section 2): the services that an access token is to be for.

use crate::{
    types::{App, OAuthCode, OAuthError},
    web::{House, api::ApiError, links, params::Params},
};

/// The most services that one token is for.
const MOST: usize = 8;

/// What is said to whoever names a service that the app is not registered for.
const UNKNOWN: &str = "resource is none of the audiences that this client is registered for";

/// The services that a request names, in its order, each once; all of them among those that the app may name.
///
/// # Errors
/// `invalid_target`.
fn registered<'a>(app: &App, asked: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, OAuthError> {
    let mut named: Vec<&str> = Vec::new();
    for resource in asked {
        if !app.audiences.iter().any(|audience| audience == resource) {
            return Err(OAuthError::new(OAuthCode::InvalidTarget, UNKNOWN));
        }
        if !named.contains(&resource) {
            named.push(resource);
        }
    }
    if named.len() > MOST {
        return Err(OAuthError::new(OAuthCode::InvalidTarget, "too many resources at once"));
    }
    Ok(named)
}

/// The services that a request names where no person is behind it. We ourselves are none: what opens UserInfo has a
/// person behind it.
///
/// # Errors
/// `invalid_target`.
pub(super) fn resources<'a>(house: &House, app: &App, params: &'a Params) -> Result<Vec<&'a str>, ApiError> {
    let named = registered(app, params.all("resource")).map_err(ApiError::from)?;
    if named.contains(&house.issuer.as_str()) {
        return Err(ApiError::bad_request(OAuthCode::InvalidTarget, UNKNOWN));
    }
    Ok(named)
}

/// The same where a person is behind it. UserInfo (RFC 9728 tells its name) is meant by `openid` already.
///
/// # Errors
/// `invalid_target`.
pub(in crate::oidc) fn named<'a>(house: &House, app: &App, params: &'a Params) -> Result<Vec<&'a str>, OAuthError> {
    let userinfo = house.issuer.at(links::USERINFO);
    let own = |resource: &&str| *resource == house.issuer.as_str() || *resource == userinfo;
    registered(app, params.all("resource").filter(|resource| !own(resource)))
}
