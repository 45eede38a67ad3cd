//! An app proves who it is with a key of its own: `private_key_jwt` (RFC 7523, section 3; OpenID Connect Core, section
//! 9).

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::signed::{Bad, Unverified, Validity};
use crate::types::{Timestamp, app_keys::AppKeys, json::Members};

/// `client_assertion_type`.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The furthest that an assertion may be good for: so long its `jti` is remembered.
const MAX_LIFE: Duration = Duration::from_secs(60 * 60);
/// The longest `jti` that is taken.
const MAX_JTI: usize = 256;

/// What an assertion must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The `client_id` of whoever presents it.
    pub client_id: &'a str,
    /// What its audience may be; one of them, and nothing else beside it.
    pub audiences: &'a [&'a str],
    /// Whether a list of that one audience will do, too.
    pub listed: bool,
    /// The algorithms that it may be signed with.
    pub algs: &'a [Algorithm],
    /// The present moment.
    pub now: Timestamp,
}

/// An assertion that fits. It is good once: spend `jti` until `until` before anything comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// Names it, together with the app.
    pub jti: String,
    /// How long it could be presented.
    pub until: Timestamp,
}

/// Why an assertion is not taken: `invalid_client`; which of them, only the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AssertionError(&'static str);

impl From<Bad> for AssertionError {
    fn from(Bad(why): Bad) -> Self {
        Self(why)
    }
}

/// Whose an assertion says it is, before it is verified: to find the keys.
pub fn claimed_by(assertion: &str) -> Option<String> {
    let body = assertion.split('.').nth(1).and_then(crate::types::bytes::from_base64url)?;
    Members::read(&body)?.get("sub").and_then(Value::as_str).map(str::to_owned)
}

/// Verifies an assertion.
///
/// # Errors
/// [`AssertionError`].
pub fn verify(assertion: &str, keys: &AppKeys, expect: Expect<'_>) -> Result<Asserted, AssertionError> {
    let token = Unverified::read(assertion)?;
    if !expect.algs.contains(&token.header.alg) {
        return Err(AssertionError("its algorithm is not one that the app may use"));
    }
    // Other kinds of token that this app signs must not serve here (RFC 8725, section 3.11).
    if token.header.typ.as_deref().is_some_and(|typ| !["JWT", "client-authentication+jwt"].contains(&typ)) {
        return Err(AssertionError("its typ is another token's"));
    }
    let mut fitting = keys.for_kid(token.header.kid.as_deref());
    let claims = fitting.find_map(|key| token.verified_by(key).ok()).ok_or(AssertionError("no key of the app fits"))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expect.client_id) || text("sub") != Some(expect.client_id) {
        return Err(AssertionError("iss and sub are not the client_id"));
    }
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(list)) if expect.listed => match list.as_slice() {
            [Value::String(one)] => Some(one.as_str()),
            _ => None,
        },
        _ => None,
    };
    if !audience.is_some_and(|audience| expect.audiences.contains(&audience)) {
        return Err(AssertionError("aud is not this server alone"));
    }
    let until = Validity { now: expect.now, longest: MAX_LIFE }.check(&claims)?;
    let jti = text("jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    let jti = jti.ok_or(AssertionError("jti is missing or too long"))?.to_owned();
    Ok(Asserted { jti, until })
}
