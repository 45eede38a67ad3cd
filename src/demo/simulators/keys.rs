//! Keys of a provider: RS256 for its ID tokens; for Apple also the ES256 key by which an app proves itself.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::{Map, Value, json};

use super::{Broken, fault::Fault, fault::Faults};
use crate::types::bytes;

/// A provider's signing key.
pub(crate) struct SigningKey {
    key: EncodingKey,
    public: Jwk,
    kid: String,
}

impl SigningKey {
    /// A fresh RSA key of 2048 bits.
    pub(crate) fn generate() -> Result<Self, Broken> {
        Self::of_pem(&Self::fresh_pem()?)
    }

    /// The same as a PKCS#8 PEM.
    pub(crate) fn fresh_pem() -> Result<String, Broken> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| Broken::Key)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Broken::Key)?;
        Ok(pem(der.as_ref()))
    }

    /// From a PKCS#8 PEM.
    pub(crate) fn of_pem(pem: &str) -> Result<Self, Broken> {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| Broken::Key)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256).map_err(|_| Broken::Key)?;
        let parameters = serde_json::to_vec(&public.algorithm).map_err(|_| Broken::Key)?;
        let kid: String = bytes::to_hex(&bytes::sha256(&parameters)).chars().take(40).collect();
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, public, kid })
    }

    /// Its name.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public side.
    pub(crate) const fn public(&self) -> &Jwk {
        &self.public
    }

    /// Its public side as JSON; `extra` goes into it.
    fn jwk(&self, extra: Option<(&str, &str)>) -> Result<Value, Broken> {
        let mut key = serde_json::to_value(&self.public).map_err(|_| Broken::Key)?;
        if let (Some(members), Some((name, value))) = (key.as_object_mut(), extra) {
            members.insert(name.to_owned(), json!(value));
        }
        Ok(key)
    }

    /// Signs claims, or gets it wrong as `faults` say.
    fn sign(&self, typ: &str, claims: &Map<String, Value>, faults: &Faults) -> Result<String, Broken> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(if faults.has(Fault::UnknownKey) { "retired".to_owned() } else { self.kid.clone() });
        if faults.has(Fault::AlgNone) {
            return Ok(unsigned(claims));
        }
        if faults.has(Fault::AlgHs256) {
            header.alg = Algorithm::HS256;
            let public = serde_json::to_vec(&self.public).map_err(|_| Broken::Key)?;
            return jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&public)).map_err(|_| Broken::Key);
        }
        let token = jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| Broken::Key)?;
        Ok(if faults.has(Fault::BadSignature) { with_another_signature(&token) } else { token })
    }
}

/// The keys that are published: the last one signs, the one before it still verifies.
pub(crate) struct SigningKeys(Mutex<Vec<SigningKey>>);

impl SigningKeys {
    /// One fresh key.
    pub(crate) fn generate() -> Result<Self, Broken> {
        Ok(Self(Mutex::new(vec![SigningKey::generate()?])))
    }

    /// A fresh key signs from now on.
    pub(crate) fn rotate(&self) -> Result<(), Broken> {
        let fresh = SigningKey::generate()?;
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.push(fresh);
        let gone = keys.len().saturating_sub(2);
        keys.drain(..gone);
        Ok(())
    }

    /// The JWK set (RFC 7517, section 5); `extra` goes into each key.
    pub(crate) fn jwks(&self, extra: Option<(&str, &str)>) -> Result<Value, Broken> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys.iter().map(|key| key.jwk(extra)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({ "keys": keys }))
    }

    /// Signs claims, or gets it wrong as `faults` say.
    pub(crate) fn sign(&self, typ: &str, claims: &Map<String, Value>, faults: &Faults) -> Result<String, Broken> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.last().ok_or(Broken::Key)?.sign(typ, claims, faults)
    }
}

/// A token with `alg` `none` and an empty signature.
fn unsigned(claims: &Map<String, Value>) -> String {
    let part = |value: &Value| bytes::to_base64url(value.to_string().as_bytes());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&Value::Object(claims.clone())))
}

/// The same token with one bit of its signature turned.
fn with_another_signature(token: &str) -> String {
    let Some((signed, signature)) = token.rsplit_once('.') else { return token.to_owned() };
    let mut signature = bytes::from_base64url(signature).unwrap_or_default();
    if let Some(byte) = signature.last_mut() {
        *byte ^= 1;
    }
    format!("{signed}.{}", bytes::to_base64url(&signature))
}

/// A fresh ES256 key as Apple hands it out: a PKCS#8 `.p8` file.
pub(crate) fn p8() -> Result<String, Broken> {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    der.map(|der| pem(der.as_ref())).map_err(|_| Broken::Key)
}

/// The public side of a `.p8` file.
pub(crate) fn public_of_p8(p8: &str) -> Result<Jwk, Broken> {
    let key = EncodingKey::from_ec_pem(p8.as_bytes()).map_err(|_| Broken::PrivateKey)?;
    Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| Broken::PrivateKey)
}

fn pem(pkcs8: &[u8]) -> String {
    let text = STANDARD.encode(pkcs8);
    let mut out = String::from("-----BEGIN PRIVATE KEY-----\n");
    for (column, letter) in text.chars().enumerate() {
        if column > 0 && column % 64 == 0 {
            out.push('\n');
        }
        out.push(letter);
    }
    out.push_str("\n-----END PRIVATE KEY-----\n");
    out
}
