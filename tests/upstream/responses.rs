//! AC-41 and the ways to come back without a login: the token endpoint hears nothing of an answer that is not one.

use vestibule::{
    types::SecretText,
    upstream::{Callback, UpstreamError},
};

use crate::{
    begin, build,
    fake_op::{FakeOp, Fault, Raw},
    sign_in,
};

fn iss(value: Option<&'static str>) -> Fault {
    Fault::redirect(move |pairs| {
        pairs.retain(|(name, _)| name != "iss");
        pairs.extend(value.map(|value| ("iss".to_owned(), value.to_owned())));
    })
}

#[tokio::test]
async fn a_wrong_iss_stops_before_the_token_endpoint() {
    let op = FakeOp::start();
    for advertises in [true, false] {
        op.advertise_iss(advertises);
        let provider = build(&op.oidc());
        let wrong =
            [Some("https://evil.example"), Some(""), None].into_iter().filter(|iss| advertises || iss.is_some());
        for value in wrong {
            op.inject(&iss(value));
            op.forget();
            let result = sign_in(&provider, &op).await;
            assert!(matches!(result, Err(UpstreamError::Invalid(_))), "{value:?}: {result:?}");
            assert_eq!(op.hits("/token"), 0, "{value:?}");
        }
        op.honest();
        assert!(sign_in(&provider, &op).await.is_ok());
        assert_eq!(op.hits("/token"), 1);
    }
}

#[tokio::test]
async fn an_error_of_another_issuer_is_not_believed() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let started = provider.begin(&begin()).await.unwrap();
    let error = |iss: Option<&str>| Callback {
        state: started.held.state.clone(),
        error: Some("access_denied".into()),
        iss: iss.map(str::to_owned),
        ..Callback::default()
    };
    for unbelievable in [error(Some("https://evil.example")), error(None)] {
        let result = provider.finish(&started.held, &unbelievable).await;
        assert!(matches!(result, Err(UpstreamError::Invalid(_))), "announced, so it is there in errors: {result:?}");
    }
    let believed = provider.finish(&started.held, &error(Some(op.base()))).await;
    assert_eq!(believed.map(drop), Err(UpstreamError::Cancelled));
}

#[tokio::test]
async fn an_answer_belongs_to_its_beginning() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let started = provider.begin(&begin()).await.unwrap();
    let honest = op.visit(&started.url);
    let mut foreign = started.held.clone();
    foreign.provider = "elsewhere".parse().unwrap();
    let mut other_state = honest.clone();
    other_state.state = "state-2".into();
    let mut no_code = honest.clone();
    no_code.code = None;
    for (held, callback) in [(&foreign, &honest), (&started.held, &other_state), (&started.held, &no_code)] {
        assert!(matches!(provider.finish(held, callback).await, Err(UpstreamError::Invalid(_))));
    }
    assert_eq!(op.hits("/token"), 0);
    assert!(provider.finish(&started.held, &honest).await.is_ok());
    let again = provider.finish(&started.held, &honest).await.map(drop);
    assert_eq!(again, Err(UpstreamError::Refused("invalid_grant".into())), "a code is for one time");
}

#[tokio::test]
async fn secrets_are_new_each_time() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let (one, two) = (provider.begin(&begin()).await.unwrap(), provider.begin(&begin()).await.unwrap());
    assert_ne!(one.held.nonce, two.held.nonce);
    assert_ne!(one.held.verifier, two.held.verifier);
    let crossed = provider.finish(&one.held, &op.visit(&two.url)).await.map(drop);
    assert_eq!(crossed, Err(UpstreamError::Refused("invalid_grant".into())), "another sign-in's verifier");
}

#[tokio::test]
async fn what_a_token_endpoint_says_instead() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    let answer = |raw| Fault::Answer("/token", raw);
    let error = |status, code: &str| answer(Raw::json(status, &serde_json::json!({ "error": code })));
    let hostile = "<script>\u{202e}".repeat(100);
    for (case, fault, expected) in [
        ("invalid_grant", error(400, "invalid_grant"), "refused"),
        ("access_denied", error(400, "access_denied"), "refused"),
        ("a hostile code", error(400, &hostile), "refused"),
        ("an error with 200", error(200, "bad_verification_code"), "refused"),
        ("temporarily_unavailable", error(400, "temporarily_unavailable"), "unavailable"),
        ("500", answer(Raw::text(500, "text/html", "<html>")), "unavailable"),
        ("502", answer(Raw::text(502, "text/html", "")), "unavailable"),
        ("429", answer(Raw::text(429, "text/plain", "slow down")), "unavailable"),
        ("a page", answer(Raw::text(200, "text/html", "<html>")), "invalid"),
        ("nothing", answer(Raw::text(200, "application/json", "")), "invalid"),
        ("nothing with 400", answer(Raw::text(400, "application/json", "")), "invalid"),
        ("a redirect", answer(Raw::redirect("https://evil.example/token")), "invalid"),
        ("too much", answer(Raw::Endless), "invalid"),
    ] {
        op.inject(&fault);
        let error = sign_in(&provider, &op).await.map(drop).unwrap_err();
        let kind = match &error {
            UpstreamError::Refused(_) => "refused",
            UpstreamError::Unavailable(_) => "unavailable",
            UpstreamError::Invalid(_) => "invalid",
            _ => "another",
        };
        assert_eq!(kind, expected, "{case}: {error}");
        let shown = error.to_string();
        assert!(shown.len() <= 200 && shown.is_ascii(), "{case}: {shown}");
        op.honest();
        assert!(sign_in(&provider, &op).await.is_ok(), "{case}");
    }
}

#[tokio::test]
async fn no_secret_is_in_an_error_or_in_debug() {
    let op = FakeOp::start();
    let provider = build(&op.oidc());
    op.inject(&Fault::claim("iss", serde_json::json!("https://evil.example/ada@example.org")));
    let error = format!("{:?}", sign_in(&provider, &op).await.map(drop).unwrap_err());
    assert!(!error.contains("evil") && !error.contains("ada@"), "{error}");
    let callback = Callback { code: Some(SecretText::new("s3cret")), ..Callback::default() };
    assert!(!format!("{callback:?}").contains("s3cret"));
    op.honest();
    let identity = format!("{:?}", sign_in(&provider, &op).await.unwrap());
    assert!(!identity.contains("person-1") && !identity.contains("Ada"), "{identity}");
}
