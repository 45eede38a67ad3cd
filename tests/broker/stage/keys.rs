//! Keys of apps, and what they sign with them.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode,
    jwk::{Jwk, ThumbprintHash},
};
use serde_json::{Value, json};
use vestibule::types::{Clock, SystemClock, SystemRandom, bytes, ids::RandomId};

use super::{Browser, Page, Stage};

/// A key pair of an app.
pub struct Pair {
    pub alg: Algorithm,
    private: EncodingKey,
    pub public: Jwk,
}

impl Pair {
    pub fn es256() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let private = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        let public = Jwk::from_encoding_key(&private, Algorithm::ES256).unwrap();
        Self { alg: Algorithm::ES256, private, public }
    }

    pub fn eddsa() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let verifies = DecodingKey::from_ed_der(pair.public_key_raw());
        let public = Jwk::from_decoding_key(&verifies, Some(Algorithm::EdDSA)).unwrap();
        let private = EncodingKey::from_ed_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { alg: Algorithm::EdDSA, private, public }
    }

    /// RS256 or PS256.
    pub fn rsa(alg: Algorithm) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let private = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
        let public = Jwk::from_encoding_key(&private, alg).unwrap();
        Self { alg, private, public }
    }

    /// By the algorithm's name in discovery.
    pub fn of(alg: &str) -> Self {
        match alg {
            "ES256" => Self::es256(),
            "EdDSA" => Self::eddsa(),
            "RS256" => Self::rsa(Algorithm::RS256),
            "PS256" => Self::rsa(Algorithm::PS256),
            other => panic!("no key for {other}"),
        }
    }

    pub fn jwks(&self) -> String {
        json!({ "keys": [self.public] }).to_string()
    }

    pub fn thumbprint(&self) -> String {
        self.public.thumbprint(ThumbprintHash::SHA256).unwrap()
    }

    /// Signs these claims as they are.
    pub fn sign(&self, typ: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(self.alg);
        header.typ = typ.map(str::to_owned);
        encode(&header, claims, &self.private).unwrap()
    }

    /// A client assertion of `client` for `audience`, changed as asked; `null` takes a claim away.
    pub fn assertion(&self, client: &str, audience: &str, changes: &Value) -> String {
        let claims = json!({
            "iss": client, "sub": client, "aud": audience, "jti": fresh(), "iat": now(), "exp": now() + 60,
        });
        self.sign(None, &changed(claims, changes))
    }

    /// A DPoP proof for a request, changed as asked.
    pub fn proof(&self, method: &str, url: &str, changes: &Value) -> String {
        let claims = json!({ "jti": fresh(), "htm": method, "htu": url, "iat": now() });
        self.proof_of(&changed(claims, changes))
    }

    /// The same where an access token goes with it.
    pub fn proof_with(&self, method: &str, url: &str, token: &str, changes: &Value) -> String {
        let ath = bytes::to_base64url(&bytes::sha256(token.as_bytes()));
        let mut all = json!({ "ath": ath });
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        self.proof(method, url, &all)
    }

    /// A DPoP proof that says this, with one member more in its header.
    pub fn proof_saying(&self, claims: &Value, (name, value): (&str, Value)) -> String {
        let mut header = self.proof_header();
        header.extras.insert(name, value);
        encode(&header, claims, &self.private).unwrap()
    }

    fn proof_of(&self, claims: &Value) -> String {
        encode(&self.proof_header(), claims, &self.private).unwrap()
    }

    fn proof_header(&self) -> Header {
        let mut header = Header::new(self.alg);
        header.typ = Some("dpop+jwt".into());
        header.jwk = Some(self.public.clone());
        header
    }
}

/// A name that nothing else has.
pub fn fresh() -> String {
    RandomId::generate(&SystemRandom).to_string()
}

/// Seconds of the present moment.
pub fn now() -> u64 {
    SystemClock.now().as_secs()
}

/// The same with these members; `null` takes one away.
pub fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// The app `bank`, which proves itself with a key.
pub struct Bank {
    pub http: Browser,
    pub issuer: String,
    pub key: Pair,
}

pub const BANK_CALLBACK: &str = "https://bank.test/cb";

impl Bank {
    /// Its section, with more in it.
    pub fn section(key: &Pair, more: &str) -> String {
        format!(
            "\n[apps.bank]\nname = \"Bank\"\nredirect_uris = [\"{BANK_CALLBACK}\"]\ntoken_endpoint_auth_method = \
             \"private_key_jwt\"\njwks = '{}'\nconsent = \"implicit\"\n{more}\n",
            key.jwks()
        )
    }

    pub fn of(stage: &Stage, key: Pair) -> Self {
        Self { http: Browser::new(), issuer: stage.issuer.clone(), key }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Posts a form, with this assertion.
    pub async fn post_with(
        &self,
        path: &str,
        assertion: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let proof = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        self.http.post(&self.at(path), &[&proof, form].concat(), headers).await
    }

    /// Posts a form, with a good assertion.
    pub async fn post(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        self.post_with(path, &self.key.assertion("bank", &self.issuer, &json!({})), form, headers).await
    }
}
