//! Verifying what we signed ourselves: access tokens at UserInfo, ID tokens that come back as hints.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{
    DecodingKey, Header, Validation, decode, decode_header,
    errors::{Error, ErrorKind},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{held::Held, jwk::algorithm, ring::LEEWAY, sign::TokenType};
use crate::types::{Lately, Timestamp, jws::Alg};

/// The longest token that is looked at, in bytes; longer ones are refused before any work.
pub const MAX_TOKEN: usize = 16 * 1024;

/// What a token must be to pass.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The `typ` of its header, exactly.
    pub typ: TokenType,
    /// Its `iss`, exactly.
    pub issuer: &'a str,
    /// What must be in its `aud`. `None` takes any, for a hint that itself says which app it was for; `aud` must be
    /// there all the same.
    pub audience: Option<&'a str>,
    /// What is granted for clocks that differ: at most 60 s.
    pub leeway: Duration,
    /// Whether one that has expired passes.
    pub expired: Expired,
}

/// What becomes of expired tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expired {
    /// They are refused.
    #[default]
    Refused,
    /// They pass: `id_token_hint` (OpenID Connect RP-Initiated Logout, section 2), which names a person and opens
    /// nothing.
    Accepted,
}

/// Why a token is not taken. The wire says `invalid_token` for all; the log may say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a compact JWS of JSON, or too long.
    #[error("not a signed token")]
    Malformed,
    /// No key of ours has that `kid`.
    #[error("the token is signed with a key that is not ours")]
    UnknownKey,
    /// Another algorithm, another type, or a member that no header of ours has.
    #[error("the token has a header that is not ours")]
    Header,
    /// The signature does not fit.
    #[error("the signature does not verify")]
    Signature,
    /// A claim is missing or not of its type.
    #[error("the token lacks a claim, or has one of a wrong type")]
    Claims,
    /// For another issuer.
    #[error("the token has another issuer")]
    Issuer,
    /// For another audience.
    #[error("the token is for another audience")]
    Audience,
    /// Expired, or not yet valid.
    #[error("the token is not valid at this time")]
    Time,
    /// The keys are not there yet.
    #[error("there are no keys yet")]
    NotReady,
}

/// The claims of access tokens that verified, at most 8,192 of them. A table belongs to one version of the ring: what
/// another version verified counts for nothing, so a key that is gone takes its tokens with it. Access tokens come again
/// and again, and say nothing of a person but a pseudonym; no other kind is kept.
pub(super) type Verified = Lately<Value, 256>;

/// Verifies type, signature, issuer, audience and time, in that order, and reads the claims. What these keys have
/// verified before has its header and signature taken for good, and nothing else.
pub(super) fn verify<T: DeserializeOwned>(
    held: &Held,
    token: &str,
    expect: &Expect<'_>,
    now: Timestamp,
) -> Result<T, VerifyError> {
    if token.len() > MAX_TOKEN {
        return Err(VerifyError::Malformed);
    }
    if expect.typ != TokenType::Access {
        let claims = signed_by_us(held, token, expect.typ)?;
        check(&claims, expect, now)?;
        return T::deserialize(claims).map_err(|_| VerifyError::Claims);
    }
    let name = Verified::name(token);
    let known = held.verified.get(&name, now);
    let is_new = known.is_none();
    let claims = known.map_or_else(|| signed_by_us(held, token, expect.typ).map(Arc::new), Ok)?;
    check(&claims, expect, now)?;
    if is_new {
        held.verified.put(name, Arc::clone(&claims), now);
    }
    T::deserialize(&*claims).map_err(|_| VerifyError::Claims)
}

/// The claims of a token that has the very header that we write, and a signature of the key that it names.
fn signed_by_us(held: &Held, token: &str, typ: TokenType) -> Result<Value, VerifyError> {
    let header = decode_header(token).map_err(|_| VerifyError::Malformed)?;
    let kid = header.kid.as_deref().ok_or(VerifyError::UnknownKey)?;
    let (alg, key) = held.verifying(kid).ok_or(VerifyError::UnknownKey)?;
    let ours = Header { typ: Some(typ.as_str().to_owned()), kid: Some(kid.to_owned()), ..Header::new(algorithm(alg)) };
    if header != ours {
        return Err(VerifyError::Header);
    }
    signed(token, alg, key).map_err(|error| reason(error.kind()))
}

/// The claims of a token whose signature fits. Everything else is for [`check`] to say.
fn signed(token: &str, alg: Alg, key: &DecodingKey) -> Result<Value, Error> {
    let mut validation = Validation::new(algorithm(alg));
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    // The crate reads the machine's clock; ours is a parameter.
    validation.validate_exp = false;
    decode(token, key, &validation).map(|token| token.claims)
}

/// Issuer, audience and time (RFC 7519, section 4.1): one issuer, and whole seconds in our own time.
fn check(claims: &Value, expect: &Expect<'_>, now: Timestamp) -> Result<(), VerifyError> {
    let expires = claims.get("exp").and_then(Value::as_u64).ok_or(VerifyError::Claims)?;
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(VerifyError::Claims)?;
    let audiences = audiences(claims).ok_or(VerifyError::Claims)?;
    if issuer != expect.issuer {
        return Err(VerifyError::Issuer);
    }
    if expect.audience.is_some_and(|audience| !audiences.contains(&audience)) {
        return Err(VerifyError::Audience);
    }
    let leeway = expect.leeway.min(LEEWAY);
    if expect.expired == Expired::Refused && Timestamp::from_secs(expires).plus(leeway) <= now {
        return Err(VerifyError::Time);
    }
    for claim in ["iat", "nbf"] {
        match claims.get(claim).map(Value::as_u64) {
            None => {}
            Some(Some(from)) if Timestamp::from_secs(from) <= now.plus(leeway) => {}
            Some(Some(_)) => return Err(VerifyError::Time),
            Some(None) => return Err(VerifyError::Claims),
        }
    }
    Ok(())
}

/// `aud`: one, or a list; `None` where it is missing or not of strings.
fn audiences(claims: &Value) -> Option<Vec<&str>> {
    match claims.get("aud")? {
        Value::Array(all) => all.iter().map(Value::as_str).collect(),
        one => Some(vec![one.as_str()?]),
    }
}

fn reason(kind: &ErrorKind) -> VerifyError {
    match kind {
        ErrorKind::InvalidSignature => VerifyError::Signature,
        ErrorKind::InvalidAlgorithm => VerifyError::Header,
        _ => VerifyError::Malformed,
    }
}
