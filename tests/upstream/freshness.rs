//! A fresh login is really asked for, and the provider's word about it is believed over our clock.

use serde_json::json;
use vestibule::{
    config::ProviderKind,
    types::Timestamp,
    upstream::{Begin, UpstreamError},
};

use crate::{
    begin, build,
    fake_op::{FakeOp, Fault, now},
    sign_in_as,
};

fn fresh() -> Begin {
    Begin { fresh: true, ..begin() }
}

fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn the_request_says_what_was_asked() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let url = |begin: Begin| {
        let provider = provider.clone();
        async move { provider.begin(&begin).await.unwrap().url }
    };
    let plain = url(begin()).await;
    assert_eq!((parameter(&plain, "prompt"), parameter(&plain, "max_age")), (None, None));
    assert_eq!(parameter(&plain, "scope").as_deref(), Some("openid profile email"));
    assert_eq!(parameter(&plain, "code_challenge_method").as_deref(), Some("S256"));
    let asked = url(Begin { max_age: Some(60), select_account: true, ..begin() }).await;
    assert_eq!(parameter(&asked, "prompt").as_deref(), Some("select_account"));
    assert_eq!(parameter(&asked, "max_age").as_deref(), Some("60"));
    for strict in [fresh(), Begin { max_age: Some(0), ..begin() }] {
        let asked = url(strict).await;
        assert_eq!(parameter(&asked, "prompt").as_deref(), Some("login"));
        assert_eq!(parameter(&asked, "max_age").as_deref(), Some("0"));
    }
    let hinted = Begin { login_hint: Some("ada@example.org".into()), ui_locales: Some("de en".into()), ..begin() };
    let asked = url(hinted).await;
    assert_eq!(parameter(&asked, "login_hint").as_deref(), Some("ada@example.org"));
    assert_eq!(parameter(&asked, "ui_locales").as_deref(), Some("de en"));
}

#[tokio::test]
async fn an_old_login_is_not_a_fresh_one() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let hour_ago = Fault::claim("auth_time", json!(now() - 3600));
    let missing = Fault::no_claim("auth_time");
    let max_age = |seconds| Begin { max_age: Some(seconds), ..begin() };
    for (case, fault, begin) in [
        ("old", &hour_ago, fresh()),
        ("old for max_age", &hour_ago, max_age(600)),
        ("missing", &missing, fresh()),
        ("missing for max_age", &missing, max_age(600)),
    ] {
        op.inject(fault);
        let result = sign_in_as(&provider, &op, &begin).await.map(drop);
        assert_eq!(result, Err(UpstreamError::NotFresh), "{case}");
        op.honest();
        assert!(sign_in_as(&provider, &op, &begin).await.is_ok(), "{case}");
    }
    op.inject(&hour_ago);
    let identity = sign_in_as(&provider, &op, &max_age(7200)).await.unwrap();
    assert!(identity.auth_time <= Timestamp::from_secs(now() - 3599), "the provider's word, not our clock");
    assert!(sign_in_as(&provider, &op, &begin()).await.is_ok(), "nobody asked");
}

#[tokio::test]
async fn google_has_no_fresh_login_to_ask_for() {
    let op = FakeOp::start();
    let provider =
        build(&op.section(ProviderKind::Google { hosted_domain: None, service_account: None, base: Some(op.url()) }));
    let started = provider.begin(&fresh()).await.unwrap();
    assert_eq!(parameter(&started.url, "prompt").as_deref(), Some("select_account"));
    op.inject(&Fault::no_claim("auth_time"));
    let identity = sign_in_as(&provider, &op, &fresh()).await.unwrap();
    assert!(identity.auth_time >= Timestamp::from_secs(now() - 5), "the moment of the answer");
    op.inject(&Fault::claim("auth_time", json!(now() - 3600)));
    let result = sign_in_as(&provider, &op, &fresh()).await.map(drop);
    assert_eq!(result, Err(UpstreamError::NotFresh), "but what it says is believed");
}
