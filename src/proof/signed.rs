//! A compact JWS by a foreign key (RFC 7515), read and verified.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, jwk::Jwk};
use serde_json::Value;

use crate::types::bytes;

/// The longest proof that is looked at, in bytes.
const MAX: usize = 8 * 1024;

/// What we take from others: asymmetric, and named by the standards that use them (RFC 7518; RFC 8037).
pub const ALGORITHMS: [Algorithm; 4] = [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA];

/// Those of them that FAPI 2.0 allows (Security Profile, section 5.4.1).
pub const STRICT: [Algorithm; 3] = [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA];

/// A JWS whose header was read and whose signature was not verified yet.
pub(super) struct Unverified<'a> {
    text: &'a str,
    pub header: Header,
    /// The header as it came, with the members that no type of ours keeps.
    pub raw: Value,
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
        let raw: Value = serde_json::from_slice(&raw).map_err(|_| Bad("it is not a signed JWT"))?;
        if raw.get("crit").is_some() || raw.get("b64").is_some() {
            return Err(Bad("its header demands what is not supported"));
        }
        Ok(Self { text, header, raw })
    }

    /// The claims, if the signature is of `key`. Times, issuer and audience are for the caller to check.
    pub fn verified_by(&self, key: &Jwk) -> Result<serde_json::Map<String, Value>, Bad> {
        let decoding = DecodingKey::from_jwk(key).map_err(|_| Bad("its key cannot be used"))?;
        let mut validation = Validation::new(self.header.alg);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        decode(self.text, &decoding, &validation)
            .map(|token| token.claims)
            .map_err(|_| Bad("its signature does not verify"))
    }
}
