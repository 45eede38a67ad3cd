//! An ID token in the making.

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use vestibule::types::bytes::{sha256, to_base64url};

use super::{CLIENT_ID, grants::Grant, keys, now};

/// What signs.
#[derive(Clone)]
pub enum Signer {
    /// One of the provider's keys, by its `kid`, with its own algorithm.
    Key(&'static str),
    /// One of them with another algorithm of its family.
    KeyAs(&'static str, Algorithm),
    /// HS256 with these bytes.
    Hmac(Vec<u8>),
    /// These bytes are the signature.
    Bytes(Vec<u8>),
}

/// A token that has not been signed yet.
pub struct Draft {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    pub signer: Signer,
    /// Changes the claims as they are written, before they are signed.
    pub write: fn(String) -> Vec<u8>,
    /// Changes the finished text.
    pub finish: fn(String) -> String,
}

impl Draft {
    pub(super) fn honest(
        issuer: &str,
        grant: &Grant,
        access_token: &str,
        person: &Map<String, Value>,
        extra: &Map<String, Value>,
    ) -> Self {
        let mut claims = person.clone();
        let hash = sha256(access_token.as_bytes());
        for (name, value) in [
            ("iss", json!(issuer)),
            ("aud", json!(CLIENT_ID)),
            ("iat", json!(now())),
            ("exp", json!(now() + 300)),
            ("nonce", json!(grant.nonce)),
            ("at_hash", json!(to_base64url(&hash[..16]))),
            ("auth_time", json!(now())),
        ] {
            claims.insert(name.into(), value);
        }
        claims.extend(extra.clone());
        let Value::Object(header) = json!({ "alg": "RS256", "kid": keys::RSA, "typ": "JWT" }) else { unreachable!() };
        Self { header, claims, signer: Signer::Key(keys::RSA), write: String::into_bytes, finish: |token| token }
    }

    /// Signs with a key, under its own algorithm and name.
    pub fn signed_by(&mut self, kid: &'static str) {
        self.header.insert("alg".into(), json!(format!("{:?}", keys::of(kid).alg)));
        self.header.insert("kid".into(), json!(kid));
        self.signer = Signer::Key(kid);
    }

    pub(super) fn seal(self) -> String {
        let text = |members: Map<String, Value>| Value::Object(members).to_string();
        let (header, claims) = (text(self.header).into_bytes(), (self.write)(text(self.claims)));
        let signed = format!("{}.{}", to_base64url(&header), to_base64url(&claims));
        let sign =
            |key: &EncodingKey, alg| jsonwebtoken::crypto::sign(signed.as_bytes(), key, alg).expect("a signature");
        let signature = match &self.signer {
            Signer::Key(kid) => sign(&keys::of(kid).key, keys::of(kid).alg),
            Signer::KeyAs(kid, alg) => sign(&keys::of(kid).key, *alg),
            Signer::Hmac(secret) => sign(&EncodingKey::from_secret(secret), Algorithm::HS256),
            Signer::Bytes(bytes) => to_base64url(bytes),
        };
        (self.finish)(format!("{signed}.{signature}"))
    }
}
