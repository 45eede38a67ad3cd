//! The public side of keys: JWK (RFC 7517), thumbprints (RFC 7638) and the document that `/jwks` serves.

use aws_lc_rs::{
    rsa::PublicKey,
    signature::{KeyPair, RsaPublicKeyComponents},
};
use bytes::Bytes;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};

use super::{BadKey, sign::Pair};
use crate::types::{bytes as base, jws::Alg};

/// The JWKS document, rendered once for each change of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwks {
    /// The body, `application/jwk-set+json`.
    pub json: Bytes,
    /// A strong entity tag (RFC 9110, section 8.8.3), with its quotes.
    pub etag: String,
}

impl Jwks {
    pub(super) fn render(keys: Vec<Jwk>) -> Result<Self, BadKey> {
        let json = serde_json::to_vec(&JwkSet { keys }).map_err(|_| BadKey)?;
        let etag = format!("\"{}\"", base::to_base64url(base::sha256(&json).split_at(16).0));
        Ok(Self { json: Bytes::from(json), etag })
    }
}

/// The public half of a key pair.
pub(super) struct PublicHalf {
    pub(super) kid: String,
    pub(super) jwk: Jwk,
    pub(super) verifies: DecodingKey,
}

impl PublicHalf {
    pub(super) fn of(pair: &Pair) -> Result<Self, BadKey> {
        let verifies = match pair {
            Pair::Rsa(pair) => rsa(pair.public_key()),
            Pair::Ec(pair) => DecodingKey::from_ec_der(pair.public_key().as_ref()),
            Pair::Ed(pair) => DecodingKey::from_ed_der(pair.public_key().as_ref()),
        };
        let mut jwk = Jwk::from_decoding_key(&verifies, Some(algorithm(pair.alg()))).map_err(|_| BadKey)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| BadKey)?;
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_id = Some(kid.clone());
        Ok(Self { kid, jwk, verifies })
    }
}

fn rsa(public: &PublicKey) -> DecodingKey {
    let parts = RsaPublicKeyComponents::<Vec<u8>>::from(public);
    DecodingKey::from_rsa_raw_components(&parts.n, &parts.e)
}

/// The same algorithm in `jsonwebtoken`'s words.
pub(super) const fn algorithm(alg: Alg) -> Algorithm {
    match alg {
        Alg::RS256 => Algorithm::RS256,
        Alg::ES256 => Algorithm::ES256,
        Alg::EdDSA => Algorithm::EdDSA,
    }
}
