//! AC-45: discovery that lies is not used, and what was known before stays.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use vestibule::{egress::Egress, upstream::UpstreamError};

use crate::{
    Hand, begin, build, build_with,
    fake_op::{FakeOp, Fault, Raw, lying_discovery},
    sign_in,
};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_lying_document_is_not_used() {
    let op = FakeOp::start();
    for (case, fault) in lying_discovery() {
        op.inject(&fault);
        op.forget();
        let result = build(&op.oidc()).begin(&begin()).await.map(drop);
        assert!(matches!(result, Err(UpstreamError::Invalid(_))), "{case}: {result:?}");
        assert_eq!(op.hits("/token") + op.hits("/jwks"), 0, "{case}");
        op.honest();
        assert!(sign_in(&build(&op.oidc()), &op).await.is_ok(), "{case}");
    }
}

#[tokio::test]
async fn an_unused_member_may_be_odd() {
    let op = FakeOp::start();
    op.inject(&Fault::discovery(|document| {
        document["service_documentation"] = json!("");
        document["scopes_supported"] = json!(["openid"]);
        document["response_types_supported"] = json!(null);
    }));
    assert!(sign_in(&build(&op.oidc()), &op).await.is_ok());
}

#[tokio::test]
async fn a_crowd_asks_once_and_nobody_asks_before_the_first_sign_in() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    assert_eq!(op.hits(DISCOVERY), 0);
    let first = begin();
    let all = futures_util::future::join_all((0..32).map(|_| provider.begin(&first))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(op.hits(DISCOVERY), 1);
}

#[tokio::test]
async fn another_issuer_at_a_refresh_is_refused_and_the_old_document_kept() {
    let op = FakeOp::start();
    let clock = Arc::new(Hand::default());
    let provider = build_with(&op.oidc(), &Egress::default(), clock.clone());
    provider.begin(&begin()).await.unwrap();
    op.inject(&Fault::discovery(|document| {
        document["issuer"] = json!("https://evil.example");
        document["authorization_endpoint"] = json!("https://evil.example/authorize");
    }));
    clock.turn(Duration::from_secs(3600));
    for _ in 0..200 {
        let started = provider.begin(&begin()).await.unwrap();
        assert_eq!(started.url.host_str(), Some("127.0.0.1"));
        if op.hits(DISCOVERY) == 2 {
            break;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(op.hits(DISCOVERY), 2, "it was refreshed");
    assert_eq!(provider.begin(&begin()).await.unwrap().url.host_str(), Some("127.0.0.1"));
}

#[tokio::test]
async fn a_provider_that_is_down_at_first_works_when_it_is_back() {
    let op = FakeOp::start();
    let clock = Arc::new(Hand::default());
    let provider = build_with(&op.oidc(), &Egress::default(), clock.clone());
    op.inject(&Fault::Answer(DISCOVERY, Raw::text(503, "text/plain", "")));
    for _ in 0..5 {
        assert!(matches!(provider.begin(&begin()).await, Err(UpstreamError::Unavailable(_))));
    }
    assert_eq!(op.hits(DISCOVERY), 1, "a crowd does not hammer it");
    op.honest();
    clock.turn(Duration::from_secs(2));
    assert!(provider.begin(&begin()).await.is_ok());
}

#[tokio::test]
async fn an_entry_that_opens_nothing_reaches_nothing_inside() {
    let op = FakeOp::start();
    let mut section = op.oidc();
    section.allow_loopback = false;
    let result = build(&section).begin(&begin()).await.map(drop);
    assert!(matches!(result, Err(UpstreamError::Invalid(_))), "{result:?}");
    assert_eq!(op.hits(DISCOVERY), 0);
}
