//! Providers by configuration: endpoints, JSON pointers, and the proof that a token is for us.

use serde_json::{Value, json};
use vestibule::{
    config::{AudienceCheck, OAuth2Endpoints, ProviderKind},
    types::Claim,
    upstream::UpstreamError,
};

use crate::{
    build,
    fake_op::{CLIENT_ID, FakeOp, Raw},
    invalid, sign_in,
};

fn endpoints(op: &FakeOp, audience_check: AudienceCheck) -> Box<OAuth2Endpoints> {
    let at = |path: &str| format!("{}{path}", op.base()).parse().unwrap();
    let pointers = [(Claim::Name, "/profile/names/0"), (Claim::Email, "/mail"), (Claim::EmailVerified, "/mail_ok")];
    Box::new(OAuth2Endpoints {
        authorization: at("/authorize"),
        token: at("/token"),
        userinfo: at("/me"),
        audience_check,
        subject: "/profile/id".into(),
        claims: pointers.map(|(claim, pointer)| (claim, pointer.to_owned())).into(),
    })
}

fn start(document: Value) -> FakeOp {
    let op = FakeOp::start();
    op.advertise_iss(false);
    op.says("/me", document);
    op
}

#[tokio::test]
async fn subject_and_claims_are_read_by_pointers() {
    let op = start(json!({ "profile": { "id": 42, "names": ["Ada"] }, "mail": "ada@example.org", "mail_ok": true }));
    let provider = build(&op.section(ProviderKind::Oauth2(endpoints(&op, AudienceCheck::CodeExchange))));
    let identity = sign_in(&provider, &op).await.unwrap();
    assert_eq!(identity.subject.expose(), "42");
    assert_eq!(identity.claims.text(Claim::Name), Some("Ada"));
    assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(true)));
    assert_eq!(op.asked("/token").remove(0).form["code_verifier"].len(), 43);
    op.says("/me", json!({ "profile": { "id": "42" }, "mail_ok": true }));
    assert!(sign_in(&provider, &op).await.unwrap().claims.is_empty(), "a flag about nothing");
    for odd in [json!({}), json!({ "profile": { "id": {} } }), json!({ "profile": { "id": "" } }), json!([])] {
        op.says("/me", odd.clone());
        invalid(sign_in(&provider, &op).await, &odd.to_string());
    }
}

#[tokio::test]
async fn a_token_is_proven_to_be_for_us() {
    let op = start(json!({ "profile": { "id": "42" } }));
    let at = format!("{}/introspect", op.base()).parse().unwrap();
    let provider = build(&op.section(ProviderKind::Oauth2(endpoints(&op, AudienceCheck::Introspection(at)))));
    for good in [
        json!({ "active": true, "client_id": CLIENT_ID }),
        json!({ "active": true, "aud": ["other", CLIENT_ID] }),
        json!({ "active": true, "aud": CLIENT_ID }),
    ] {
        op.says("/introspect", good.clone());
        sign_in(&provider, &op).await.unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    op.forget();
    for bad in [
        json!({ "active": false, "client_id": CLIENT_ID }),
        json!({ "active": true }),
        json!({ "active": true, "client_id": "evil" }),
        json!({ "active": true, "client_id": "evil", "aud": CLIENT_ID }),
        json!({ "active": true, "aud": "evil" }),
        json!({ "active": "true", "client_id": CLIENT_ID }),
        json!({}),
    ] {
        op.says("/introspect", bad.clone());
        invalid(sign_in(&provider, &op).await, &bad.to_string());
    }
    assert_eq!(op.hits("/me"), 0, "a foreign token is used for nothing");
    op.at("/introspect", Raw::text(503, "text/plain", ""));
    assert!(matches!(sign_in(&provider, &op).await, Err(UpstreamError::Unavailable(_))));
}
