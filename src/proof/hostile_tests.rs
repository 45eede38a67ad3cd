//! Headers and claims that nobody honest signs (RFC 8725; SECURITY AC-38): signed by the right key where that is possible,
//! so that nothing but the check at hand refuses them.

use jsonwebtoken::{Algorithm, crypto};
use serde_json::{Value, json};

use super::{
    ALGORITHMS, DpopError, assertion, dpop,
    request_object::{self, Expect},
    tests::{ENDPOINT, NOW, Pair, assertion_claims, keys, present, proof_claims, with},
};
use crate::types::{app_keys::AppKeys, bytes};

/// Signs a header and a body as they are written.
fn signed(pair: &Pair, header: &str, body: &str) -> String {
    let message = format!("{}.{}", bytes::to_base64url(header.as_bytes()), bytes::to_base64url(body.as_bytes()));
    let signature = crypto::sign(message.as_bytes(), &pair.private, pair.alg).unwrap();
    format!("{message}.{signature}")
}

fn header_of(pair: &Pair, typ: &str, changes: &Value) -> String {
    let plain = json!({ "alg": "ES256", "typ": typ, "jwk": pair.public });
    with(&plain, changes).to_string()
}

fn take(proof: &str) -> Result<dpop::Possession, DpopError> {
    let expect = dpop::Expect { method: "POST", endpoint: ENDPOINT, algs: &ALGORITHMS, access_token: None, now: NOW };
    dpop::verify(proof, expect, |nonce| nonce == "ours")
}

fn object_claims() -> Value {
    json!({ "iss": "notes", "client_id": "notes", "aud": "https://login.example.com", "exp": NOW.as_secs() + 60, "scope": "openid" })
}

fn read(object: &str, keys: &AppKeys) -> bool {
    let expect =
        Expect { client_id: "notes", issuer: "https://login.example.com", algs: &[Algorithm::ES256], now: NOW };
    request_object::verify(object, keys, expect).is_ok()
}

/// Whether any of the three kinds takes a header with these changes.
fn taken_with(pair: &Pair, changes: &Value) -> [bool; 3] {
    let sign = |typ: &str, claims: &Value| signed(pair, &header_of(pair, typ, changes), &claims.to_string());
    [
        take(&sign("dpop+jwt", &proof_claims())).is_ok(),
        present(&sign("JWT", &assertion_claims()), &keys(pair)).is_ok(),
        read(&sign("JWT", &object_claims()), &keys(pair)),
    ]
}

#[test]
fn a_header_that_demands_or_pretends_is_refused_by_all() {
    let pair = Pair::es256();
    assert_eq!(taken_with(&pair, &json!({})), [true; 3]);
    for changes in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "crit": "x" }),
        json!({ "b64": false }),
        json!({ "b64": false, "crit": ["b64"] }),
        json!({ "alg": "es256" }),
        json!({ "alg": "none" }),
        json!({ "alg": "None" }),
        json!({ "alg": "" }),
        json!({ "alg": null }),
        json!({ "alg": 7 }),
        json!({ "alg": ["ES256"] }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "RS256" }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": 7 }),
    ] {
        assert_eq!(taken_with(&pair, &changes), [false; 3], "{changes}");
    }
}

/// Where keys might be is nothing to us: they are registered, or stand in the proof.
#[test]
fn no_key_comes_from_where_a_header_points() {
    let (pair, thief) = (Pair::es256(), Pair::es256());
    for pointer in [
        json!({ "jku": "https://evil.test/jwks" }),
        json!({ "x5u": "https://evil.test/cert" }),
        json!({ "x5c": ["MIIB"] }),
        json!({ "jwk": thief.public }),
        json!({ "kid": "../../dev/null" }),
        json!({ "kid": "notes' OR '1'='1" }),
    ] {
        let sign = |claims: &Value| signed(&thief, &header_of(&thief, "JWT", &pointer), &claims.to_string());
        assert!(present(&sign(&assertion_claims()), &keys(&pair)).is_err(), "{pointer}");
        assert!(!read(&sign(&object_claims()), &keys(&pair)), "{pointer}");
    }
}

#[test]
fn the_key_of_a_proof_is_public_and_of_its_algorithm() {
    let pair = Pair::es256();
    let public = serde_json::to_value(&pair.public).unwrap();
    let key = |changes: Value| json!({ "jwk": with(&public, &changes) });
    for changes in [
        key(json!({ "d": "AAAA" })),
        key(json!({ "k": "AAAA" })),
        key(json!({ "kty": "oct", "k": "AAAA" })),
        key(json!({ "kty": "RSA" })),
        key(json!({ "crv": "P-384" })),
        key(json!({ "crv": null })),
        key(json!({ "x": "AAAA" })),
        key(json!({ "y": null })),
        key(json!({ "alg": "RS256" })),
        key(json!({ "alg": "none" })),
        json!({ "jwk": null }),
        json!({ "jwk": [public] }),
        json!({ "jwk": "x" }),
        json!({ "jwk": { "keys": [public] } }),
    ] {
        assert!(!taken_with(&pair, &changes)[0], "{changes}");
    }
    // A name that a key gives itself is nothing to us, be it that of another.
    assert!(taken_with(&pair, &key(json!({ "kid": "ours" })))[0]);
    let other = AppKeys::parse(&json!({ "keys": [with(&public, &json!({ "alg": "RS256" }))] }));
    let text = signed(&pair, &json!({ "alg": "ES256" }).to_string(), &assertion_claims().to_string());
    assert!(other.is_ok_and(|keys| present(&text, &keys).is_err()), "registered for another algorithm");
}

/// A member that comes twice is refused, whatever it is and however deep it lies (RFC 7515, section 4; RFC 7519, section
/// 4).
#[test]
fn members_that_come_twice() {
    let pair = Pair::es256();
    let claims = assertion_claims().to_string();
    let twice = |name: &str, value: &str| claims.replacen('{', &format!("{{\"{name}\":{value},"), 1);
    let plain = json!({ "alg": "ES256", "typ": "JWT" }).to_string();
    for (name, value) in [
        ("iss", "\"evil\""),
        ("exp", "99999999999"),
        ("aud", "[\"https://evil.test\"]"),
        ("jti", "\"a0\""),
        ("jti", "\"a1\""),
        ("x", "1,\"x\":1"),
        ("x", "[{\"y\":1,\"y\":1}]"),
    ] {
        let last = format!("{},\"{name}\":{value}}}", claims.trim_end_matches('}'));
        for body in [twice(name, value), last] {
            assert!(present(&signed(&pair, &plain, &body), &keys(&pair)).is_err(), "{body}");
        }
    }
    for header in [
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"ES256","typ":"JWT","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","x":1,"x":1}"#,
        r#"{"alg":"ES256","x":{"y":1,"y":1}}"#,
    ] {
        assert!(present(&signed(&pair, header, &claims), &keys(&pair)).is_err(), "{header}");
    }
}

#[test]
fn times_are_numbers_of_seconds_and_nothing_else() {
    let pair = Pair::es256();
    let now = NOW.as_secs();
    let plain = json!({ "alg": "ES256", "typ": "JWT" }).to_string();
    let good = |base: &Value, name: &str, value: &str| {
        let body = with(base, &json!({ name: null })).to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        signed(&pair, &plain, &body)
    };
    for wrong in [
        "\"soon\"",
        "\"1800000060\"",
        "-1",
        "-1800000060",
        "0",
        "1e300",
        "1e999",
        "18446744073709551615",
        "99999999999999999999999999",
        "true",
        "null",
        "[1800000060]",
        "{\"a\":1}",
        "1800003661",
    ] {
        let text = good(&assertion_claims(), "exp", wrong);
        assert!(present(&text, &keys(&pair)).is_err(), "exp {wrong}");
        assert!(!read(&good(&object_claims(), "exp", wrong), &keys(&pair)), "exp {wrong}");
    }
    for name in ["nbf", "iat"] {
        for wrong in ["\"now\"", "-1", "1e300", "1e999", "18446744073709551615", "true", "null", "[]", "{}"] {
            assert!(present(&good(&assertion_claims(), name, wrong), &keys(&pair)).is_err(), "{name} {wrong}");
            assert!(!read(&good(&object_claims(), name, wrong), &keys(&pair)), "{name} {wrong}");
        }
    }
    // A proof needs none of them but iat; those that it has count all the same.
    let typed = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": pair.public }).to_string();
    let proof = |name: &str, value: String| {
        take(&signed(
            &pair,
            &typed,
            &with(&proof_claims(), &json!({})).to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1),
        ))
    };
    for (name, value) in [("exp", now - 60), ("nbf", now + 61)] {
        assert!(proof(name, value.to_string()).is_err(), "{name} {value}");
        assert!(proof(name, format!("\"{value}\"")).is_err() && proof(name, "true".into()).is_err(), "{name}");
    }
    assert!(proof("exp", (now + 1_000_000).to_string()).is_ok() && proof("nbf", (now + 59).to_string()).is_ok());
    for fine in [format!("{}.75", now + 59), format!("{}e0", now + 60), (now - 59).to_string()] {
        assert!(present(&good(&assertion_claims(), "exp", &fine), &keys(&pair)).is_ok(), "exp {fine}");
    }
}

/// Another token inside (RFC 8725, section 3.9), no object at all, more parts, other alphabets.
#[test]
fn what_is_no_plain_statement_is_none() {
    let pair = Pair::es256();
    let plain = json!({ "alg": "ES256", "typ": "JWT" }).to_string();
    let inner = signed(&pair, &plain, &assertion_claims().to_string());
    let deep = format!("{{\"iss\":{}1{}}}", "[".repeat(3000), "]".repeat(3000));
    for body in [inner.as_str(), "\"text\"", "[]", "null", "7", "", "{", &deep, "\u{feff}{}"] {
        let text = signed(&pair, &plain, body);
        assert!(present(&text, &keys(&pair)).is_err() && !read(&text, &keys(&pair)), "{body:.40}");
        assert!(assertion::claimed_by(&text).is_none(), "{body:.40}");
    }
    let (head, signature) = inner.rsplit_once('.').unwrap();
    // Each signature is another, so that no letter is sure to be in it.
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    for broken in [
        format!("{inner}."),
        format!("{inner}.e30"),
        format!("{inner}="),
        format!(" {inner}"),
        format!("{inner}\n"),
        format!("{head}."),
        format!("{head}.{first}{rest}"),
        format!("{head}.{}", bytes::to_base64url(&[0; 64])),
        inner.replace('.', "%2E"),
        format!("{{\"payload\":\"{head}\",\"signature\":\"{signature}\"}}"),
    ] {
        assert!(present(&broken, &keys(&pair)).is_err(), "{broken}");
    }
}
