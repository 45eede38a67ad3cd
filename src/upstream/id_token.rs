//! An ID token, verified step by step (OpenID Connect Core, sections 2, 3.1.3.7 and 3.1.3.8). `openidconnect` does the
//! cryptography. The claims are checked here: the verifier of that library refuses a whole token for one profile
//! claim of an odd type, as real providers send them, and leaves out `azp`, `nbf`, the age of `iat` and `sub`.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    Held, UpstreamError, UpstreamSubject,
    cache::Cache,
    fetch::Object,
    jwks::{Key, Keys, NoKey},
    jws::{self, Flaw, LEEWAY, Parts},
    metadata::{Issuers, TENANT},
};
use crate::types::{
    Timestamp,
    bytes::{constant_time_eq, from_base64url},
    jws::Alg,
};

/// How old a token may be: it came just now, for a code that was new.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);

/// What a token must be.
pub(super) struct Expect<'a> {
    pub(super) alg: Alg,
    pub(super) client_id: &'a str,
    pub(super) issuers: &'a Issuers,
    /// The issuer that the provider's metadata states.
    pub(super) issuer: &'a str,
    pub(super) access_token: &'a str,
    /// Whether `auth_time` must be there when a fresh login was asked for.
    pub(super) auth_time_promised: bool,
    pub(super) now: Timestamp,
}

/// A verified token.
pub(super) struct Verified {
    pub(super) claims: Object,
    pub(super) subject: UpstreamSubject,
    pub(super) auth_time: Option<Timestamp>,
}

/// Verifies `token`. Any fault ends the sign-in.
pub(super) async fn verify(
    token: &str,
    keys: &Arc<Cache<Keys>>,
    expect: &Expect<'_>,
    held: &Held,
) -> Result<Verified, UpstreamError> {
    let parts = Parts::split(token).ok_or_else(|| fault("not a signed token"))?;
    let key = parts.verify(keys, expect.alg, &["jwt"]).await.map_err(|flaw| match flaw {
        Flaw::Header(what) => fault(what),
        Flaw::Key(NoKey::Unknown) => fault("no key of the provider fits"),
        Flaw::Key(NoKey::Ambiguous) => fault("several keys of the provider fit"),
        Flaw::Signature => fault("the signature does not verify"),
        Flaw::Keys(error) => error,
    })?;
    check_issuer(&parts.claims, &key, expect)?;
    check_audience(&parts.claims, expect.client_id)?;
    check_times(&parts.claims, expect.now)?;
    check_nonce(&parts.claims, held)?;
    check_at_hash(&parts.claims, &key, expect)?;
    let subject = parts.claims.get("sub").and_then(Value::as_str).and_then(UpstreamSubject::new);
    let subject = subject.ok_or_else(|| fault("sub"))?;
    let auth_time = check_auth_time(&parts.claims, expect, held)?;
    Ok(Verified { claims: parts.claims, subject, auth_time })
}

fn fault(what: &str) -> UpstreamError {
    UpstreamError::Invalid(format!("ID token: {what}"))
}

/// Step 2, with Microsoft's rule that a key may be for one issuer alone.
fn check_issuer(claims: &Object, key: &Key, expect: &Expect<'_>) -> Result<(), UpstreamError> {
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or_else(|| fault("iss"))?;
    let tenant = claims.get("tid").and_then(Value::as_str);
    if !expect.issuers.in_token(expect.issuer, issuer, tenant) {
        return Err(fault("iss"));
    }
    let keys_own = key.issuer.as_ref().map(|own| own.replace(TENANT, tenant.unwrap_or_default()));
    if keys_own.is_some_and(|own| own != issuer) {
        return Err(fault("signed with a key of another issuer"));
    }
    Ok(())
}

/// Steps 3 to 5. We trust no other audience, since any could replay the token as its own.
fn check_audience(claims: &Object, client_id: &str) -> Result<(), UpstreamError> {
    let us = |value: &Value| value.as_str() == Some(client_id);
    let for_us = match claims.get("aud") {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(us),
        Some(one) => us(one),
        None => false,
    };
    if !for_us {
        return Err(fault("aud"));
    }
    if !claims.get("azp").is_none_or(us) {
        return Err(fault("azp"));
    }
    Ok(())
}

/// Steps 9 and 10, and `nbf` (RFC 7519, section 4.1.5).
fn check_times(claims: &Object, now: Timestamp) -> Result<(), UpstreamError> {
    let expires = time(claims, "exp")?.ok_or_else(|| fault("exp"))?;
    if now >= expires.plus(LEEWAY) {
        return Err(fault("exp"));
    }
    let issued = time(claims, "iat")?.ok_or_else(|| fault("iat"))?;
    if issued > now.plus(LEEWAY) || now.since(issued) > MAX_AGE.saturating_add(LEEWAY) {
        return Err(fault("iat"));
    }
    if time(claims, "nbf")?.is_some_and(|from| from > now.plus(LEEWAY)) {
        return Err(fault("nbf"));
    }
    Ok(())
}

fn time(claims: &Object, name: &'static str) -> Result<Option<Timestamp>, UpstreamError> {
    jws::time(claims, name).map_err(fault)
}

/// Step 11.
fn check_nonce(claims: &Object, held: &Held) -> Result<(), UpstreamError> {
    let Some(expected) = held.nonce.as_deref().filter(|nonce| !nonce.is_empty()) else { return Err(fault("nonce")) };
    let given = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    if constant_time_eq(given.as_bytes(), expected.as_bytes()) { Ok(()) } else { Err(fault("nonce")) }
}

/// Section 3.1.3.8: where there is one, it belongs to the access token that came along.
fn check_at_hash(claims: &Object, key: &Key, expect: &Expect<'_>) -> Result<(), UpstreamError> {
    let Some(given) = claims.get("at_hash") else { return Ok(()) };
    let given = given.as_str().and_then(from_base64url);
    match (given, key.half_hash(expect.alg, expect.access_token)) {
        (Some(given), Some(own)) if constant_time_eq(&given, &own) => Ok(()),
        _ => Err(fault("at_hash")),
    }
}

/// Step 13: the provider's word about when the person signed in goes before our clock.
fn check_auth_time(claims: &Object, expect: &Expect<'_>, held: &Held) -> Result<Option<Timestamp>, UpstreamError> {
    let at = time(claims, "auth_time")?;
    if at.is_some_and(|at| at > expect.now.plus(LEEWAY)) {
        return Err(fault("auth_time"));
    }
    match (at, held.not_before) {
        (Some(at), Some(oldest)) if at.plus(LEEWAY) < oldest => Err(UpstreamError::NotFresh),
        (None, Some(_)) if expect.auth_time_promised => Err(UpstreamError::NotFresh),
        _ => Ok(at),
    }
}
