//! An authorization request as an object that the app signed (RFC 9101; OpenID Connect Core, section 6).

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::signed::{Bad, Unverified, Validity};
use crate::types::{Timestamp, app_keys::AppKeys};

/// The furthest that an object may be good for (FAPI 2.0 Message Signing, section 5.3.1).
const MAX_LIFE: Duration = Duration::from_secs(60 * 60);

/// What an object must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The `client_id` of the request that it came with.
    pub client_id: &'a str,
    /// What must be among its audiences.
    pub issuer: &'a str,
    /// The algorithms that it may be signed with.
    pub algs: &'a [Algorithm],
    /// The present moment.
    pub now: Timestamp,
}

/// Why an object is not taken: `invalid_request_object`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request object is not taken: {0}")]
pub struct ObjectError(&'static str);

impl From<Bad> for ObjectError {
    fn from(Bad(why): Bad) -> Self {
        Self(why)
    }
}

/// Verifies an object, and gives its members.
///
/// # Errors
/// [`ObjectError`].
pub fn verify(object: &str, keys: &AppKeys, expect: Expect<'_>) -> Result<Map<String, Value>, ObjectError> {
    let token = Unverified::read(object)?;
    if !expect.algs.contains(&token.header.alg) {
        return Err(ObjectError("its algorithm is not one that the app may use"));
    }
    // Other kinds of token that this app signs must not serve here (RFC 9101, section 10.8).
    if token.header.typ.as_deref().is_some_and(|typ| !["JWT", "oauth-authz-req+jwt"].contains(&typ)) {
        return Err(ObjectError("its typ is another token's"));
    }
    let mut fitting = keys.for_kid(token.header.kid.as_deref());
    let claims = fitting.find_map(|key| token.verified_by(key).ok()).ok_or(ObjectError("no key of the app fits"))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expect.client_id) || text("client_id") != Some(expect.client_id) {
        return Err(ObjectError("iss and client_id are not the client_id of the request"));
    }
    if claims.contains_key("sub") {
        return Err(ObjectError("it has a sub, like a client assertion"));
    }
    let is_ours = match claims.get("aud") {
        Some(Value::String(one)) => one == expect.issuer,
        Some(Value::Array(list)) => list.iter().any(|one| one.as_str() == Some(expect.issuer)),
        _ => false,
    };
    if !is_ours {
        return Err(ObjectError("aud is not this server"));
    }
    if ["request", "request_uri"].iter().any(|name| claims.contains_key(*name)) {
        return Err(ObjectError("it holds another request"));
    }
    Validity { now: expect.now, longest: MAX_LIFE }.check(&claims)?;
    Ok(claims)
}
