//! Signatures with keys that were parsed once.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

/// A key that signs.
pub enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub fn generate(alg: &str) -> Self {
        match alg {
            "RS256" => {
                let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
                let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).expect("a key");
                Self::Rsa(RsaKeyPair::from_pkcs8(der.as_ref()).expect("a key"))
            }
            "ES256" => Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")),
            "EdDSA" => Self::Ed(Ed25519KeyPair::generate().expect("a key")),
            _ => panic!("{alg} is no algorithm"),
        }
    }

    /// A JWT of these claims (RFC 7519).
    pub fn jwt(&self, random: &SystemRandom, claims: &Value) -> String {
        let alg = match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        };
        let header = json!({ "alg": alg, "typ": "JWT", "kid": "bench" }).to_string();
        let said = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims.to_string()));
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, random, said.as_bytes(), &mut signature).expect("a signature");
                signature
            }
            Self::Ec(key) => key.sign(random, said.as_bytes()).expect("a signature").as_ref().to_vec(),
            Self::Ed(key) => key.sign(said.as_bytes()).as_ref().to_vec(),
        };
        format!("{said}.{}", BASE64.encode(signature))
    }
}
