//! An ID token, verified step by step (OpenID Connect Core, sections 2, 3.1.3.7 and 3.1.3.8). `openidconnect` does the
//! cryptography. The claims are checked here: the verifier of that library refuses a whole token for one profile
//! claim of an odd type, as real providers send them, and leaves out `azp`, `nbf`, the age of `iat` and `sub`.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    Held, UpstreamError, UpstreamSubject,
    cache::Cache,
    fetch::Object,
    jwks::{self, Key, Keys},
    metadata::{Issuers, TENANT},
};
use crate::types::{
    Timestamp,
    bytes::{constant_time_eq, from_base64url},
    jws::Alg,
};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;
/// What is granted for clocks that differ.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);
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
    let kid = check_header(&parts.header, expect.alg)?;
    let key = jwks::find(keys, kid, expect.alg).await?;
    if !key.verifies(expect.alg, parts.signed, &parts.signature) {
        return Err(fault("the signature does not verify"));
    }
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

/// A compact JWS (RFC 7515, section 7.1), taken apart. Nothing of it is believed yet.
struct Parts<'t> {
    header: Object,
    claims: Object,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Parts<'t> {
    fn split(token: &'t str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| serde_json::from_slice(&from_base64url(part)?).ok();
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: from_base64url(signature).filter(|bytes| !bytes.is_empty())?,
        })
    }
}

/// The header chooses no algorithm and brings no key: it must name the configured algorithm, and may name one of the
/// provider's keys. `jwk`, `jku`, `x5u` and `x5c` are not looked at.
fn check_header(header: &Object, alg: Alg) -> Result<Option<&str>, UpstreamError> {
    if header.get("alg").and_then(Value::as_str) != Some(alg.as_str()) {
        return Err(fault("not signed with the configured algorithm"));
    }
    if ["crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
        return Err(fault("a header that changes its meaning"));
    }
    let plain = |typ: &str| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("application/jwt");
    if !header.get("typ").is_none_or(|typ| typ.as_str().is_some_and(plain)) {
        return Err(fault("a token of another type"));
    }
    match header.get("kid") {
        None => Ok(None),
        Some(kid) => kid.as_str().map(Some).ok_or_else(|| fault("kid")),
    }
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

/// A NumericDate (RFC 7519, section 2): a number, in whole seconds or with fractions. Text that looks like one is
/// none.
fn time(claims: &Object, name: &str) -> Result<Option<Timestamp>, UpstreamError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_u64().or_else(|| {
        let whole = value.as_f64().filter(|number| number.is_finite() && *number >= 0.0)?.trunc();
        format!("{whole:.0}").parse().ok()
    });
    seconds.map(|seconds| Some(Timestamp::from_secs(seconds))).ok_or_else(|| fault(name))
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
