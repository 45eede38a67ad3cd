//! AC-39: which key a token was signed with.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use vestibule::egress::Egress;

use crate::{
    Hand, build, build_with,
    fake_op::{EC, FakeOp, Fault, OTHER_RSA, RSA, Raw, public_jwk},
    invalid, sign_in,
};

fn nameless() -> Fault {
    Fault::id_token(|draft| drop(draft.header.remove("kid")))
}

fn signed_by_new_key() -> Fault {
    Fault::id_token(|draft| draft.signed_by(OTHER_RSA))
}

fn publish(keys: Vec<Value>) -> Fault {
    Fault::jwks(move |set| set["keys"] = Value::Array(keys.clone()))
}

#[tokio::test]
async fn a_token_without_kid_needs_a_set_with_one_fitting_key() {
    let op = FakeOp::start();
    op.inject(&nameless());
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "one RSA key beside one of another kind");
    let mut encrypts = public_jwk(OTHER_RSA);
    encrypts["use"] = json!("enc");
    let mut of_another_alg = public_jwk(OTHER_RSA);
    of_another_alg["alg"] = json!("RS512");
    op.also(&publish(vec![public_jwk(RSA), encrypts, of_another_alg]));
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "one RSA key that can have signed it");
    op.inject(&nameless());
    op.also(&publish(vec![public_jwk(RSA), public_jwk(OTHER_RSA)]));
    let why = invalid(sign_in(&build(&op.oidc()), &op).await, "two fit");
    assert!(why.contains("several keys"), "{why}");
}

#[tokio::test]
async fn two_keys_of_one_name_are_no_key() {
    let op = FakeOp::start();
    let mut twin = public_jwk(OTHER_RSA);
    twin["kid"] = json!(RSA);
    op.inject(&publish(vec![public_jwk(RSA), twin]));
    invalid(sign_in(&build(&op.oidc()), &op).await, "two of one name");
    let mut of_another_kind = public_jwk(EC);
    of_another_kind["kid"] = json!(RSA);
    op.inject(&publish(vec![public_jwk(RSA), of_another_kind]));
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "one of them cannot have signed it");
}

#[tokio::test]
async fn an_unknown_kid_fetches_once_in_ten_seconds() {
    let op = FakeOp::start();
    let clock = Arc::new(Hand::default());
    let provider = build_with(&op.oidc(), &Egress::default(), clock.clone());
    assert!(sign_in(&provider, &op).await.is_ok());
    assert_eq!(op.hits("/jwks"), 1);

    op.inject(&signed_by_new_key());
    op.also(&publish(vec![public_jwk(RSA), public_jwk(OTHER_RSA)]));
    assert!(sign_in(&provider, &op).await.is_ok(), "rotated since our fetch");
    assert!(sign_in(&provider, &op).await.is_ok());
    assert_eq!(op.hits("/jwks"), 2, "exactly one more fetch");

    op.inject(&Fault::header("kid", json!("never")));
    for _ in 0..5 {
        invalid(sign_in(&provider, &op).await, "unknown");
    }
    assert_eq!(op.hits("/jwks"), 2, "nobody can make us fetch more often");
    clock.turn(Duration::from_secs(10));
    invalid(sign_in(&provider, &op).await, "unknown");
    assert_eq!(op.hits("/jwks"), 3);
    op.honest();
    assert!(sign_in(&provider, &op).await.is_ok());
}

#[tokio::test]
async fn bad_keys_do_not_spoil_good_ones() {
    let op = FakeOp::start();
    let bad = vec![
        json!(null),
        json!(7),
        json!({}),
        json!({ "kty": "RSA", "kid": RSA }),
        json!({ "kty": "RSA", "kid": RSA, "n": 7, "e": [] }),
        json!({ "kty": "RSA", "kid": RSA, "n": "AQAB", "e": "AQAB" }),
        json!({ "kty": "oct", "kid": RSA, "k": "c2VjcmV0" }),
        json!({ "kty": "martian", "kid": "x" }),
        json!({ "kty": "EC", "kid": "y", "crv": "P-256", "x": "AA", "y": "AA" }),
    ];
    op.inject(&publish(bad[..3].iter().chain(&bad[5..]).cloned().chain([public_jwk(RSA)]).collect()));
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok());
}

#[tokio::test]
async fn keys_that_are_not_for_signatures() {
    let op = FakeOp::start();
    let with = |name: &str, value: Value| {
        let mut key = public_jwk(RSA);
        key[name] = value;
        publish(vec![key])
    };
    for (case, fault) in [
        ("use enc", with("use", json!("enc"))),
        ("another alg", with("alg", json!("RS512"))),
        ("an encryption alg", with("alg", json!("RSA-OAEP"))),
        ("key_ops without verify", with("key_ops", json!(["encrypt"]))),
        ("of another issuer", with("issuer", json!("https://evil.example"))),
        ("another name", with("kid", json!("other"))),
        ("no name", with("kid", Value::Null)),
    ] {
        op.inject(&fault);
        invalid(sign_in(&build(&op.oidc()), &op).await, case);
    }
    op.inject(&with("key_ops", json!(["verify"])));
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok());
}

#[tokio::test]
async fn a_set_that_is_none_or_too_large() {
    let op = FakeOp::start();
    for count in [101, 10_000] {
        let mut keys = vec![json!({}); count];
        keys[0] = public_jwk(RSA);
        op.inject(&publish(keys));
        let why = invalid(sign_in(&build(&op.oidc()), &op).await, "too many");
        assert!(why.contains("more than 100 keys"), "{why}");
    }
    for (case, fault) in [
        ("no keys", Fault::jwks(|set| *set = json!({}))),
        ("keys of a wrong type", Fault::jwks(|set| set["keys"] = json!("none"))),
        ("an empty set", publish(Vec::new())),
        ("a page", Fault::Answer("/jwks", Raw::text(200, "text/html", "<html>"))),
        ("nested too deep", Fault::Answer("/jwks", Raw::text(200, "application/json", "[".repeat(100_000)))),
        ("a redirect", Fault::Answer("/jwks", Raw::redirect("https://evil.example/jwks"))),
    ] {
        op.inject(&fault);
        invalid(sign_in(&build(&op.oidc()), &op).await, case);
        op.honest();
        assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "{case}");
    }
}
