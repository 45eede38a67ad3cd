use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use super::{ALGORITHMS, assertion, dpop};
use crate::types::{Thumbprint, Timestamp, app_keys::AppKeys, bytes};

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(super) const ENDPOINT: &str = "https://login.example.com/token";

/// A key pair of an app.
pub(super) struct Pair {
    pub alg: Algorithm,
    pub private: EncodingKey,
    pub public: Jwk,
}

impl Pair {
    pub fn es256() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        Self::new(Algorithm::ES256, EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap())
    }

    fn eddsa() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let verifies = DecodingKey::from_ed_der(pair.public_key_raw());
        let public = Jwk::from_decoding_key(&verifies, Some(Algorithm::EdDSA)).unwrap();
        let private = EncodingKey::from_ed_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { alg: Algorithm::EdDSA, private, public }
    }

    fn new(alg: Algorithm, private: EncodingKey) -> Self {
        let public = Jwk::from_encoding_key(&private, alg).unwrap();
        Self { alg, private, public }
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.private).unwrap()
    }
}

fn proof_header(pair: &Pair) -> Header {
    let mut header = Header::new(pair.alg);
    header.typ = Some("dpop+jwt".into());
    header.jwk = Some(pair.public.clone());
    header
}

pub(super) fn proof_claims() -> Value {
    json!({ "jti": "j1", "htm": "POST", "htu": ENDPOINT, "iat": NOW.as_secs() })
}

fn take(proof: &str) -> Result<dpop::Possession, dpop::DpopError> {
    let expect = dpop::Expect { method: "POST", endpoint: ENDPOINT, algs: &ALGORITHMS, access_token: None, now: NOW };
    dpop::verify(proof, expect, |nonce| nonce == "ours")
}

pub(super) fn with(base: &Value, changes: &Value) -> Value {
    let mut claims = base.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[test]
fn a_proof_names_its_key_by_thumbprint() {
    for pair in [Pair::es256(), Pair::eddsa()] {
        let possession = take(&pair.sign(&proof_header(&pair), &proof_claims())).unwrap();
        let thumbprint = pair.public.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap();
        assert_eq!(possession.key.as_str(), thumbprint);
        assert_eq!(possession.jti, "j1");
    }
    // RFC 7638, section 3.1.
    let rfc = Thumbprint::parse("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert!(rfc.is_some());
    assert!(Thumbprint::parse("NzbLsXh8uDCcd-6MNwXF4W").is_none());
}

#[test]
fn each_wrong_or_missing_field_of_a_proof_refuses_it() {
    let pair = Pair::es256();
    for change in [
        json!({ "htm": "GET" }),
        json!({ "htm": "post" }),
        json!({ "htm": null }),
        json!({ "htu": "https://login.example.com/userinfo" }),
        json!({ "htu": "http://login.example.com/token" }),
        json!({ "htu": "https://login.example.com:444/token" }),
        json!({ "htu": "https://user@login.example.com/token" }),
        json!({ "htu": "/token" }),
        json!({ "htu": null }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
        json!({ "jti": "x".repeat(257) }),
        json!({ "iat": null }),
        json!({ "iat": "1800000000" }),
        json!({ "iat": -1 }),
        json!({ "nonce": 7 }),
    ] {
        let proof = pair.sign(&proof_header(&pair), &with(&proof_claims(), &change));
        assert!(matches!(take(&proof), Err(dpop::DpopError::Invalid(_))), "{change}");
    }
    for htu in ["https://LOGIN.example.com:443/token", "https://login.example.com/token?x=1#y"] {
        let proof = pair.sign(&proof_header(&pair), &with(&proof_claims(), &json!({ "htu": htu })));
        assert!(take(&proof).is_ok(), "{htu}");
    }
}

#[test]
fn a_clock_that_differs_needs_a_nonce_and_with_ours_does_not_matter() {
    let pair = Pair::es256();
    let at = |change: Value| take(&pair.sign(&proof_header(&pair), &with(&proof_claims(), &change))).map(|_| ());
    for skew in [-10_i64, 10, -60, 60] {
        assert_eq!(at(json!({ "iat": NOW.as_secs() as i64 + skew })), Ok(()), "{skew}");
    }
    for skew in [-3600_i64, 3600, -61, 61] {
        let iat = NOW.as_secs() as i64 + skew;
        assert_eq!(at(json!({ "iat": iat })), Err(dpop::DpopError::UseNonce), "{skew}");
        assert_eq!(at(json!({ "iat": iat, "nonce": "ours" })), Ok(()), "{skew}");
        assert_eq!(at(json!({ "iat": iat, "nonce": "stale" })), Err(dpop::DpopError::UseNonce), "{skew}");
    }
}

#[test]
fn the_header_of_a_proof_says_what_it_is_and_holds_a_public_key() {
    let pair = Pair::es256();
    let mut other_type = proof_header(&pair);
    other_type.typ = Some("JWT".into());
    assert!(take(&pair.sign(&other_type, &proof_claims())).is_err());
    let mut no_key = proof_header(&pair);
    no_key.jwk = None;
    assert!(take(&pair.sign(&no_key, &proof_claims())).is_err());
    // Another key than the one that signed.
    let mut foreign = proof_header(&pair);
    foreign.jwk = Some(Pair::es256().public);
    assert!(take(&pair.sign(&foreign, &proof_claims())).is_err());
    // A private key, which an app must never send, and a symmetric one.
    let good = pair.sign(&proof_header(&pair), &proof_claims());
    for (name, value) in [("d", json!("AAAA")), ("k", json!("AAAA"))] {
        assert!(take(&with_header(&good, |header| header["jwk"][name] = value.clone())).is_err(), "{name}");
    }
    assert!(take(&with_header(&good, |header| header["crit"] = json!(["x"]))).is_err());
    for alg in ["none", "HS256", "ES384"] {
        assert!(take(&with_header(&good, |header| header["alg"] = json!(alg))).is_err(), "{alg}");
    }
    for broken in ["", ".", "..", "a.b.c", &good.replace('.', ""), &format!("{good}.x"), &"x".repeat(10_000)] {
        assert!(take(broken).is_err(), "{broken}");
    }
    let cut = good.split_at(good.len() - 4).0;
    assert!(take(cut).is_err());
}

/// The same token with another header: the signature does not fit any more.
fn with_header(token: &str, change: impl Fn(&mut Value)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&bytes::from_base64url(header).unwrap()).unwrap();
    change(&mut header);
    format!("{}.{rest}", bytes::to_base64url(header.to_string().as_bytes()))
}

#[test]
fn at_a_resource_a_proof_is_bound_to_the_token() {
    let pair = Pair::es256();
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let expect =
        dpop::Expect { method: "POST", endpoint: ENDPOINT, algs: &ALGORITHMS, access_token: Some(token), now: NOW };
    let take = |ath: Value| {
        dpop::verify(&pair.sign(&proof_header(&pair), &with(&proof_claims(), &json!({ "ath": ath }))), expect, |_| true)
    };
    assert!(take(json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo")).is_ok());
    for wrong in [json!(null), json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp"), json!("")] {
        assert!(take(wrong.clone()).is_err(), "{wrong}");
    }
}

pub(super) fn keys(pair: &Pair) -> AppKeys {
    AppKeys::parse(&json!({ "keys": [pair.public] })).unwrap()
}

pub(super) fn assertion_claims() -> Value {
    let now = NOW.as_secs();
    json!({ "iss": "notes", "sub": "notes", "aud": "https://login.example.com", "jti": "a1", "iat": now, "exp": now + 60 })
}

pub(super) fn present(text: &str, keys: &AppKeys) -> Result<assertion::Asserted, assertion::AssertionError> {
    let audiences = ["https://login.example.com", ENDPOINT];
    assertion::verify(
        text,
        keys,
        assertion::Expect { client_id: "notes", audiences: &audiences, listed: true, algs: &ALGORITHMS, now: NOW },
    )
}

#[test]
fn an_assertion_of_the_apps_own_key_is_taken() {
    let pair = Pair::es256();
    let text = pair.sign(&Header::new(pair.alg), &assertion_claims());
    let asserted = present(&text, &keys(&pair)).unwrap();
    assert_eq!(asserted.jti, "a1");
    assert_eq!(asserted.until, Timestamp::from_secs(NOW.as_secs() + 120));
    assert_eq!(assertion::claimed_by(&text).as_deref(), Some("notes"));
    let to_endpoint = pair.sign(&Header::new(pair.alg), &with(&assertion_claims(), &json!({ "aud": [ENDPOINT] })));
    assert!(present(&to_endpoint, &keys(&pair)).is_ok());
}

#[test]
fn each_wrong_or_missing_field_of_an_assertion_refuses_it() {
    let pair = Pair::es256();
    let now = NOW.as_secs();
    for change in [
        json!({ "iss": "other" }),
        json!({ "iss": null }),
        json!({ "sub": "other" }),
        json!({ "sub": null }),
        json!({ "aud": "https://evil.example.com" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": ["https://login.example.com", "https://evil.example.com"] }),
        json!({ "aud": "https://login.example.com/" }),
        json!({ "exp": null }),
        json!({ "exp": now - 61 }),
        json!({ "exp": now + 3601 }),
        json!({ "exp": "soon" }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": now + 61 }),
        json!({ "iat": now + 61 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
    ] {
        let text = pair.sign(&Header::new(pair.alg), &with(&assertion_claims(), &change));
        assert!(present(&text, &keys(&pair)).is_err(), "{change}");
    }
}

#[test]
fn an_assertion_must_be_signed_by_a_registered_key_in_its_own_algorithm() {
    let (pair, other) = (Pair::es256(), Pair::es256());
    assert!(present(&other.sign(&Header::new(other.alg), &assertion_claims()), &keys(&pair)).is_err());
    let mut of_dpop = Header::new(pair.alg);
    of_dpop.typ = Some("dpop+jwt".into());
    assert!(present(&pair.sign(&of_dpop, &assertion_claims()), &keys(&pair)).is_err());
    // The public key as a shared secret.
    let secret = EncodingKey::from_secret(serde_json::to_string(&pair.public).unwrap().as_bytes());
    let forged = encode(&Header::new(Algorithm::HS256), &assertion_claims(), &secret).unwrap();
    assert!(present(&forged, &keys(&pair)).is_err());
    let text = pair.sign(&Header::new(pair.alg), &assertion_claims());
    let expect = assertion::Expect {
        client_id: "notes",
        audiences: &["https://login.example.com"],
        listed: true,
        algs: &[Algorithm::EdDSA],
        now: NOW,
    };
    assert!(assertion::verify(&text, &keys(&pair), expect).is_err());
}

#[test]
fn a_set_of_keys_holds_public_strong_keys() {
    let pair = Pair::es256();
    let parse = |set: Value| AppKeys::parse(&set);
    assert!(parse(json!({ "keys": [pair.public] })).is_ok());
    let mut private = serde_json::to_value(&pair.public).unwrap();
    private["d"] = json!("AAAA");
    let small = json!({ "kty": "RSA", "n": bytes::to_base64url(&[0xff; 128]), "e": "AQAB" });
    let secret = json!({ "kty": "oct", "k": "AAAA" });
    let mut encrypts = serde_json::to_value(&pair.public).unwrap();
    encrypts["use"] = json!("enc");
    for bad in
        [private, small, secret, encrypts, json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }), json!(7)]
    {
        assert!(parse(json!({ "keys": [bad] })).is_err(), "{bad}");
    }
    for bad in [json!({}), json!([]), json!({ "keys": [] }), json!({ "keys": {} })] {
        assert!(parse(bad.clone()).is_err(), "{bad}");
    }
}
