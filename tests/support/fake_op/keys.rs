//! Keys of the fake provider: made once in a process.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

/// The `kid` of the key that signs.
pub const RSA: &str = "rsa-1";
/// The `kid` of a key that is not published.
pub const OTHER_RSA: &str = "rsa-2";
/// The `kid` of a published ES256 key.
pub const EC: &str = "ec-1";

pub(super) struct Pair {
    pub(super) key: EncodingKey,
    pub(super) alg: Algorithm,
    public: Value,
}

static RSA_1: LazyLock<Pair> = LazyLock::new(|| rsa(RSA));
static RSA_2: LazyLock<Pair> = LazyLock::new(|| rsa(OTHER_RSA));
static EC_1: LazyLock<Pair> = LazyLock::new(|| {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let key = EncodingKey::from_ec_pem(pem(der.as_ref()).as_bytes()).expect("a key");
    pair(key, Algorithm::ES256, EC)
});

/// Makes those that are published.
pub(super) fn make() {
    LazyLock::force(&RSA_1);
    LazyLock::force(&EC_1);
}

/// The pair of a `kid`.
pub(super) fn of(kid: &str) -> &'static Pair {
    match kid {
        RSA => &RSA_1,
        OTHER_RSA => &RSA_2,
        EC => &EC_1,
        other => panic!("no key {other}"),
    }
}

/// The public half of a key, as JWKS has it.
pub fn public_jwk(kid: &str) -> Value {
    of(kid).public.clone()
}

/// A fresh ES256 key as Apple hands them out: PKCS#8 in PEM.
pub fn p8() -> String {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    pem(der.as_ref())
}

fn rsa(kid: &str) -> Pair {
    let made = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = made.as_der().expect("a key");
    pair(EncodingKey::from_rsa_pem(pem(der.as_ref()).as_bytes()).expect("a key"), Algorithm::RS256, kid)
}

fn pair(key: EncodingKey, alg: Algorithm, kid: &str) -> Pair {
    let jwk = Jwk::from_encoding_key(&key, alg).expect("a public half");
    let mut public = serde_json::to_value(jwk).expect("JSON");
    public["kid"] = json!(kid);
    public["use"] = json!("sig");
    Pair { key, alg, public }
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}
