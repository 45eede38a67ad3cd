//! AC-36 and AC-38: every wrong ID token ends the sign-in, whatever UserInfo would say.

use serde_json::json;
use vestibule::types::{Claim, jws::Alg};

use crate::{
    build,
    fake_op::{CLIENT_ID, EC, FakeOp, Fault, RSA, now, odd_claims, odd_texts, wrong_id_tokens, wrong_signatures},
    invalid, sign_in,
};

#[tokio::test]
async fn an_honest_provider_vouches_for_a_person() {
    let op = FakeOp::start();
    let identity = sign_in(&build(&op.oidc()), &op).await.unwrap();
    assert_eq!(identity.subject.expose(), "person-1");
    assert_eq!(identity.claims.text(Claim::Name), Some("Ada Lovelace"));
    assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(true)));
    assert_eq!(op.hits("/userinfo"), 0, "the ID token says all that was asked for");
    let token_request = op.asked("/token").remove(0);
    assert_eq!(token_request.form["redirect_uri"], "https://login.example.com/callback/home");
    assert_eq!(token_request.form["code_verifier"].len(), 43);
    assert!(token_request.headers["user-agent"].starts_with("vestibule/"));
}

#[tokio::test]
async fn every_wrong_claim_ends_the_sign_in() {
    let all = [wrong_id_tokens(), odd_claims()].concat();
    refused("claims", all, |case| case.split(' ').next().unwrap().to_owned()).await;
}

#[tokio::test]
async fn every_wrong_signature_ends_the_sign_in() {
    let all = [wrong_signatures(), odd_texts()].concat();
    refused("signatures", all, |_| "ID token".to_owned()).await;
}

/// Each fault is refused, for its own reason, and an honest sign-in right after it works.
async fn refused(table: &str, faults: Vec<(&'static str, Fault)>, reason: impl Fn(&str) -> String) {
    let op = FakeOp::start();
    assert!(faults.len() > 30, "{table}: the table is there");
    for (case, fault) in faults {
        let provider = build(&op.oidc());
        op.inject(&fault);
        let why = invalid(sign_in(&provider, &op).await, case);
        assert!(why.contains(&reason(case)), "{case}: refused for another reason: {why}");
        op.honest();
        assert!(sign_in(&provider, &op).await.is_ok(), "{case}: an honest sign-in right after");
    }
    assert_eq!(op.hits("/elsewhere"), 0, "no header leads anywhere");
    assert_eq!(op.hits("/userinfo"), 0, "UserInfo never makes up for an ID token");
}

#[tokio::test]
async fn what_the_standards_allow_passes() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    for (case, fault) in [
        ("aud in a list", Fault::claim("aud", json!([CLIENT_ID]))),
        ("azp", Fault::claim("azp", json!(CLIENT_ID))),
        ("exp within the leeway", Fault::claim("exp", json!(now() - 30))),
        ("exp with a fraction", Fault::claim("exp", json!(now() as f64 + 300.5))),
        ("iat within the leeway", Fault::claim("iat", json!(now() + 30))),
        ("no at_hash", Fault::no_claim("at_hash")),
        ("no auth_time", Fault::no_claim("auth_time")),
        ("no typ", Fault::id_token(|draft| drop(draft.header.remove("typ")))),
        ("typ in another spelling", Fault::header("typ", json!("application/jwt"))),
        ("a subject of 255", Fault::claim("sub", json!("s".repeat(255)))),
        ("profile claims of odd types", Fault::claim("updated_at", json!("2025-11-25T00:00:00Z"))),
        ("a locale as LinkedIn has it", Fault::claim("locale", json!({ "country": "US", "language": "en" }))),
    ] {
        op.inject(&fault);
        let identity = sign_in(&provider, &op).await.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!((identity.claims.get(Claim::UpdatedAt), identity.claims.get(Claim::Locale)), (None, None), "{case}");
    }
}

#[tokio::test]
async fn the_algorithm_is_the_configured_one() {
    let op = FakeOp::start();
    let mut section = op.oidc();
    section.id_token_alg = Alg::ES256;
    let provider = build(&section);
    invalid(sign_in(&provider, &op).await, "RS256 where ES256 is configured");
    op.inject(&Fault::id_token(|draft| draft.signed_by(EC)));
    assert!(sign_in(&provider, &op).await.is_ok());
    op.inject(&Fault::id_token(|draft| {
        draft.signed_by(EC);
        draft.signer = crate::fake_op::Signer::Bytes(vec![0; 64]);
    }));
    invalid(sign_in(&provider, &op).await, "r = s = 0");
    op.inject(&Fault::id_token(|draft| {
        draft.signed_by(EC);
        draft.header.insert("kid".into(), json!(RSA));
    }));
    invalid(sign_in(&provider, &op).await, "an ES256 token that names the RSA key");
}

#[tokio::test]
async fn a_token_answer_without_what_it_must_have() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    for (case, fault) in [
        ("no ID token", Fault::token_answer(|answer| answer["id_token"] = json!(null))),
        ("ID token of a wrong type", Fault::token_answer(|answer| answer["id_token"] = json!(["x"]))),
        ("no access token", Fault::token_answer(|answer| answer["access_token"] = json!(null))),
        ("another token type", Fault::token_answer(|answer| answer["token_type"] = json!("mac"))),
        ("a list", Fault::token_answer(|answer| *answer = json!([]))),
    ] {
        op.inject(&fault);
        invalid(sign_in(&provider, &op).await, case);
        op.honest();
        assert!(sign_in(&provider, &op).await.is_ok(), "{case}");
    }
    op.inject(&Fault::token_answer(|answer| {
        (answer["scope"], answer["expires_in"]) = (json!(["openid"]), json!("300"));
    }));
    assert!(sign_in(&provider, &op).await.is_ok(), "what nobody needs may be odd");
}
