//! AC-48: providers without ID tokens.

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::{
    config::ProviderKind,
    types::Claim,
    upstream::{Begin, Provider, UpstreamError},
};

use crate::{
    begin, build,
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp, Fault, Raw},
    invalid, sign_in, sign_in_as,
};

fn facebook() -> (FakeOp, Arc<dyn Provider>) {
    let op = FakeOp::start();
    op.advertise_iss(false);
    let base = op.url();
    let kind = ProviderKind::Facebook { graph_version: Some("v25.0".into()), base: Some(base) };
    let provider = build(&op.section(kind));
    op.says("/debug_token", debug(json!({})));
    op.says("/v25.0/me", me(json!({ "email": "ada@example.org" })));
    (op, provider)
}

fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}

fn debug(more: Value) -> Value {
    let data =
        json!({ "app_id": CLIENT_ID, "type": "USER", "is_valid": true, "user_id": "10158", "scopes": ["email"] });
    json!({ "data": with(data, more) })
}

fn me(more: Value) -> Value {
    let picture = json!({ "data": { "url": "https://cdn.example/ada", "width": 256, "is_silhouette": false } });
    let me = json!({ "id": "10158", "name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace" });
    with(with(me, json!({ "picture": picture })), more)
}

#[tokio::test]
async fn facebook_identifies_by_a_token_that_is_for_our_app() {
    let (op, provider) = facebook();
    let identity = sign_in(&provider, &op).await.unwrap();
    assert_eq!(identity.subject.expose(), "10158");
    assert_eq!(identity.claims.text(Claim::Picture), Some("https://cdn.example/ada"));
    assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(false)), "Facebook verifies no address");
    let asked = op.asked("/debug_token").remove(0);
    assert_eq!(asked.query["access_token"], format!("{CLIENT_ID}|{CLIENT_SECRET}"));
    let asked = op.asked("/v25.0/me").remove(0);
    assert_eq!(asked.query["appsecret_proof"].len(), 64);
    assert!(!asked.query.contains_key("access_token") && asked.headers["authorization"].starts_with("Bearer "));
}

#[tokio::test]
async fn a_facebook_token_of_another_app_identifies_nobody() {
    let (op, provider) = facebook();
    for (case, more) in [
        ("another app", json!({ "app_id": "999" })),
        ("not valid", json!({ "is_valid": false })),
        ("valid as text", json!({ "is_valid": "true" })),
        ("no app", json!({ "app_id": null })),
        ("an app as a number", json!({ "app_id": 7 })),
        ("no user", json!({ "user_id": null })),
        ("another user", json!({ "user_id": "20000" })),
        ("an empty user", json!({ "user_id": "" })),
    ] {
        op.says("/debug_token", debug(more));
        invalid(sign_in(&provider, &op).await, case);
        op.says("/debug_token", debug(json!({})));
        assert!(sign_in(&provider, &op).await.is_ok(), "{case}");
    }
    for (case, answer) in [
        ("Graph error", Raw::json(400, &json!({ "error": { "code": 190, "type": "OAuthException" } }))),
        ("no data", Raw::json(200, &json!({}))),
        ("a page", Raw::text(200, "text/html", "<html>")),
    ] {
        op.at("/debug_token", answer);
        invalid(sign_in(&provider, &op).await, case);
    }
    op.at("/debug_token", Raw::text(500, "text/plain", ""));
    assert!(matches!(sign_in(&provider, &op).await, Err(UpstreamError::Unavailable(_))));
}

#[tokio::test]
async fn facebook_may_know_little_of_a_person() {
    let (op, provider) = facebook();
    let silhouette = json!({ "data": { "url": "https://cdn.example/nobody", "is_silhouette": true } });
    op.says("/v25.0/me", me(json!({ "picture": silhouette })));
    let claims = sign_in(&provider, &op).await.unwrap().claims;
    for absent in [Claim::Email, Claim::EmailVerified, Claim::Picture] {
        assert_eq!(claims.get(absent), None, "{absent}");
    }
    op.says("/v25.0/me", json!({ "id": "10158", "email": 7, "name": [], "picture": "x", "email_verified": true }));
    assert!(sign_in(&provider, &op).await.unwrap().claims.is_empty(), "odd types are dropped");
}

#[tokio::test]
async fn facebook_is_asked_for_the_password_again() {
    let (_, provider) = facebook();
    let url = provider.begin(&Begin { fresh: true, ..begin() }).await.unwrap().url;
    assert_eq!(url.path(), "/v25.0/dialog/oauth");
    assert!(url.query_pairs().any(|pair| pair == ("auth_type".into(), "reauthenticate".into())));
    assert!(!url.query_pairs().any(|(name, _)| name == "prompt" || name == "nonce"));
}

#[tokio::test]
async fn facebooks_own_words_for_a_no_and_for_errors() {
    let (op, provider) = facebook();
    op.inject(&Fault::redirect(|pairs| {
        pairs.retain(|(name, _)| name == "state");
        pairs.push(("error".into(), "access_denied".into()));
        pairs.push(("error_reason".into(), "user_denied".into()));
    }));
    assert_eq!(sign_in(&provider, &op).await.map(drop), Err(UpstreamError::Cancelled));
    let used = json!({ "error": { "message": "used", "type": "OAuthException", "code": 100, "fbtrace_id": "x" } });
    op.inject(&Fault::Answer("/access_token", Raw::json(400, &used)));
    assert_eq!(sign_in(&provider, &op).await.map(drop), Err(UpstreamError::Refused("error 100".into())));
}

fn github() -> (FakeOp, Arc<dyn Provider>) {
    let op = FakeOp::start();
    op.advertise_iss(false);
    let provider = build(&op.section(ProviderKind::Github { base: Some(op.url()) }));
    op.says("/user", user(json!({})));
    op.says("/user/emails", json!([address("ada@example.org", true, true)]));
    (op, provider)
}

fn user(more: Value) -> Value {
    let user = json!({
        "id": 1815121, "login": "ada", "name": "Ada", "email": "public@example.org",
        "avatar_url": "https://avatars.example/1815121", "html_url": "https://github.example/ada",
    });
    with(user, more)
}

fn address(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
}

#[tokio::test]
async fn a_github_account_is_a_number() {
    let (op, provider) = github();
    let identity = sign_in(&provider, &op).await.unwrap();
    assert_eq!(identity.subject.expose(), "1815121");
    assert_eq!(identity.claims.text(Claim::Email), Some("ada@example.org"), "not the one that the profile shows");
    assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(true)));
    op.says("/user", user(json!({ "login": "renamed" })));
    assert_eq!(sign_in(&provider, &op).await.unwrap().subject, identity.subject);
    op.says("/user", user(json!({ "id": 99 })));
    assert_ne!(sign_in(&provider, &op).await.unwrap().subject, identity.subject, "the name went to somebody else");
    for asked in op.asked("/user") {
        assert_eq!(asked.headers["x-github-api-version"], "2022-11-28");
        assert!(asked.headers["user-agent"].starts_with("vestibule/") && asked.query.is_empty());
    }
    assert_eq!(op.asked("/login/oauth/access_token").remove(0).headers["accept"], "application/json");
    for odd in [json!("1815121"), json!(null), json!(1.5), json!(-1), json!({})] {
        op.says("/user", user(json!({ "id": odd })));
        invalid(sign_in(&provider, &op).await, "an odd id");
    }
}

#[tokio::test]
async fn an_unverified_address_is_never_used() {
    let (op, provider) = github();
    for (case, addresses) in [
        (
            "primary not verified",
            Raw::json(200, &json!([address("a@x.org", true, false), address("b@x.org", false, true)])),
        ),
        ("none primary", Raw::json(200, &json!([address("a@x.org", false, true)]))),
        ("noreply", Raw::json(200, &json!([address("1+ada@users.noreply.github.com", true, true)]))),
        ("flags as text", Raw::json(200, &json!([{ "email": "a@x.org", "primary": "true", "verified": "true" }]))),
        ("none", Raw::json(200, &json!([]))),
        ("not allowed", Raw::json(403, &json!({ "message": "Forbidden" }))),
        ("not found", Raw::json(404, &json!({ "message": "Not Found" }))),
    ] {
        op.at("/user/emails", addresses);
        let claims = sign_in(&provider, &op).await.unwrap_or_else(|error| panic!("{case}: {error}")).claims;
        assert_eq!((claims.get(Claim::Email), claims.get(Claim::EmailVerified)), (None, None), "{case}");
    }
}

/// Organisations and teams, page by page, and only where rules name some.
#[tokio::test]
async fn github_tells_organisations_and_teams_when_asked() {
    let (op, provider) = github();
    let url = provider.begin(&begin()).await.unwrap().url;
    assert!(!url.as_str().contains("read%3Aorg"), "{url}");
    assert!(sign_in(&provider, &op).await.unwrap().groups.is_empty());
    assert_eq!(op.hits("/user/orgs"), 0, "nobody asked");

    op.says("/user/orgs", json!([{ "login": "acme" }, { "login": 7 }, {}]));
    op.says("/user/teams", json!([{ "slug": "ops", "organization": { "login": "acme" } }, { "slug": "alone" }]));
    let asking = Begin { groups: true, ..begin() };
    let started = provider.begin(&asking).await.unwrap();
    assert!(started.url.as_str().contains("read%3Aorg"), "{}", started.url);
    let identity = provider.finish(&started.held, &op.visit(&started.url)).await.unwrap();
    assert_eq!(identity.groups, ["acme", "acme/ops"]);
    // Whoever declined the permission is in none, and signs in all the same.
    op.at("/user/orgs", Raw::json(403, &json!({ "message": "Forbidden" })));
    op.at("/user/teams", Raw::json(404, &json!({ "message": "Not Found" })));
    let started = provider.begin(&asking).await.unwrap();
    assert!(provider.finish(&started.held, &op.visit(&started.url)).await.unwrap().groups.is_empty());
}

#[tokio::test]
async fn githubs_errors_come_with_status_200() {
    let (op, provider) = github();
    let error = json!({ "error": "bad_verification_code", "error_description": "incorrect or expired" });
    op.inject(&Fault::Answer("/access_token", Raw::json(200, &error)));
    let refused = UpstreamError::Refused("bad_verification_code".into());
    assert_eq!(sign_in(&provider, &op).await.map(drop), Err(refused));
    assert_eq!(op.hits("/user"), 0);
    op.inject(&Fault::Answer("/access_token", Raw::text(200, "application/x-www-form-urlencoded", "access_token=x")));
    invalid(sign_in(&provider, &op).await, "form encoding, which nobody asked for");
    op.inject(&Fault::Answer("/user", Raw::json(401, &json!({ "message": "Bad credentials" }))));
    invalid(sign_in(&provider, &op).await, "no user");
    op.honest();
    let asked = Begin { select_account: true, ..begin() };
    assert!(sign_in_as(&provider, &op, &asked).await.is_ok());
}
