//! A compact JWS by a foreign key (RFC 7515), read and verified.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header,
    jwk::{Jwk, KeyAlgorithm},
};
use serde_json::{Map, Value};

use crate::types::{Timestamp, bytes, json::Members};

/// The longest proof that is looked at, in bytes.
const MAX: usize = 8 * 1024;

/// What is granted for clocks that differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// What we take from others: asymmetric, and named by the standards that use them (RFC 7518; RFC 8037).
pub const ALGORITHMS: [Algorithm; 4] = [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA];

/// Those of them that FAPI 2.0 allows (Security Profile, section 5.4.1).
pub const STRICT: [Algorithm; 3] = [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA];

/// A JWS whose header was read and whose signature was not verified yet.
pub(super) struct Unverified<'a> {
    text: &'a str,
    pub header: Header,
    /// The header as it came, with the members that no type of ours keeps.
    pub raw: Map<String, Value>,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Bad(pub(super) &'static str);

impl<'a> Unverified<'a> {
    pub fn read(text: &'a str) -> Result<Self, Bad> {
        if text.len() > MAX {
            return Err(Bad("it is too long"));
        }
        let header = decode_header(text).map_err(|_| Bad("it is not a signed JWT"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Bad("its algorithm is not accepted"));
        }
        let raw = text.split('.').next().and_then(bytes::from_base64url).ok_or(Bad("it is not a signed JWT"))?;
        let raw = Members::read(&raw).ok_or(Bad("it is not a signed JWT"))?;
        if raw.contains_key("crit") || raw.contains_key("b64") {
            return Err(Bad("its header demands what is not supported"));
        }
        Ok(Self { text, header, raw })
    }

    /// The claims, if the signature is of `key`. Times, issuer and audience are for the caller to check.
    pub fn verified_by(&self, key: &Jwk) -> Result<Map<String, Value>, Bad> {
        // A key may say that it is for one algorithm alone (RFC 7517, section 4.4).
        let is_this = |alg: KeyAlgorithm| alg.to_string().parse::<Algorithm>().is_ok_and(|alg| alg == self.header.alg);
        if !key.common.key_algorithm.is_none_or(is_this) {
            return Err(Bad("its key is for another algorithm"));
        }
        let decoding = DecodingKey::from_jwk(key).map_err(|_| Bad("its key cannot be used"))?;
        let mut validation = Validation::new(self.header.alg);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        decode::<Members>(self.text, &decoding, &validation)
            .map(|token| token.claims.0)
            .map_err(|_| Bad("its signature does not verify"))
    }
}

/// When a statement of an app counts (RFC 7519, section 4.1).
pub(super) struct Validity {
    /// The present moment.
    pub now: Timestamp,
    /// The furthest that it may be good for.
    pub longest: Duration,
}

impl Validity {
    /// Until when a statement could be presented, if it may be now. It has an `exp`.
    pub fn check(&self, claims: &Map<String, Value>) -> Result<Timestamp, Bad> {
        let expires = in_time(claims, &["nbf", "iat"], self.now)?.ok_or(Bad("exp is missing"))?;
        if expires > self.now.plus(self.longest) {
            return Err(Bad("it is good for longer than an hour"));
        }
        Ok(expires.plus(LEEWAY))
    }
}

/// Whether the times that a statement names let it count now: its `exp`, which it may lack, and the beginnings among its
/// claims. Gives back the former.
pub(super) fn in_time(
    claims: &Map<String, Value>,
    beginnings: &[&str],
    now: Timestamp,
) -> Result<Option<Timestamp>, Bad> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or(Bad("a time is no number of seconds")),
    };
    let expires = time("exp")?;
    if expires.is_some_and(|expires| expires.plus(LEEWAY) <= now) {
        return Err(Bad("it has expired"));
    }
    for name in beginnings {
        if time(name)?.is_some_and(|from| from > now.plus(LEEWAY)) {
            return Err(Bad("it is not valid yet"));
        }
    }
    Ok(expires)
}

/// A NumericDate (RFC 7519, section 2), which may have a fraction.
fn seconds(value: &Value) -> Option<Timestamp> {
    let whole = value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| (0.0..=9_007_199_254_740_991.0).contains(number))?;
        format!("{}", number.floor()).parse().ok()
    })?;
    (whole < u64::MAX / 1000).then(|| Timestamp::from_secs(whole))
}
