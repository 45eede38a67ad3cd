//! Withdrawing what was allowed at any OpenID Provider that says where (RFC 7009).

use serde_json::{Value, json};
use vestibule::upstream::{Parting, UpstreamError};

use crate::{
    begin, build,
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp, Fault, Raw},
};

async fn part(op: &FakeOp) -> (std::sync::Arc<dyn vestibule::upstream::Provider>, Option<Parting>) {
    let provider = build(&op.oidc());
    let started = provider.begin(&begin()).await.unwrap();
    let (_, parting) = provider.finish_for_parting(&started.held, &op.visit(&started.url)).await.unwrap();
    (provider, parting)
}

/// A member of the discovery document.
type Member = (&'static str, fn(&FakeOp) -> Value);

fn announces(op: &FakeOp, more: &'static [Member]) {
    let members: Vec<(&str, Value)> = more.iter().map(|(name, of)| (*name, of(op))).collect();
    op.inject(&Fault::discovery(move |document| {
        for (name, value) in &members {
            document[*name] = value.clone();
        }
    }));
}

const REVOCATION: Member = ("revocation_endpoint", |op| json!(format!("{}/revoke", op.base())));

#[tokio::test]
async fn the_token_goes_back_once_with_our_proof() {
    let op = FakeOp::start();
    announces(&op, &[REVOCATION]);
    op.at("/revoke", Raw::text(200, "text/plain", ""));
    let (provider, parting) = part(&op).await;
    assert_eq!(op.hits("/revoke"), 0);
    provider.revoke(parting.unwrap()).await.unwrap();
    let asked = op.asked("/revoke");
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((asked.method.as_str(), asked.form["token"].as_str()), ("POST", "at-code-1"));
    assert_eq!(asked.form["token_type_hint"], "access_token");
    assert!(asked.headers["authorization"].starts_with("Basic ") && !asked.form.contains_key("client_secret"));
}

#[tokio::test]
async fn where_the_secret_travels_in_the_body_it_does_here_too() {
    let op = FakeOp::start();
    announces(&op, &[REVOCATION, ("token_endpoint_auth_methods_supported", |_| json!(["client_secret_post"]))]);
    op.at("/revoke", Raw::text(200, "text/plain", ""));
    let (provider, parting) = part(&op).await;
    provider.revoke(parting.unwrap()).await.unwrap();
    let asked = &op.asked("/revoke")[0];
    assert_eq!((asked.form["client_id"].as_str(), asked.form["client_secret"].as_str()), (CLIENT_ID, CLIENT_SECRET));
    assert!(!asked.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_no_is_told_and_never_tried_again() {
    let op = FakeOp::start();
    announces(&op, &[REVOCATION]);
    op.at("/revoke", Raw::json(400, &json!({ "error": "unsupported_token_type" })));
    let (provider, parting) = part(&op).await;
    let refused = provider.revoke(parting.unwrap()).await;
    assert_eq!(refused, Err(UpstreamError::Refused("unsupported_token_type".into())));
    assert_eq!(op.hits("/revoke"), 1);
}

/// Neither without an address, nor with one that may not be asked: people still sign in.
#[tokio::test]
async fn without_a_usable_address_nothing_is_held() {
    for address in [Value::Null, json!("http://10.0.0.1/revoke"), json!("https://op.example/revoke#x")] {
        let op = FakeOp::start();
        let shown = address.clone();
        op.inject(&Fault::discovery(move |document| document["revocation_endpoint"] = address.clone()));
        let (_, parting) = part(&op).await;
        assert!(parting.is_none(), "{shown}");
    }
}
