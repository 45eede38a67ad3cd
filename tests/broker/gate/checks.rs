//! What each kind of proxy is told, and who else may come: programs, and anyone.

use serde_json::json;
use vestibule::{
    keyring::TokenType,
    types::{Clock, SystemClock, jws::Alg},
};

use super::{BOARD, FILES, Visitor, gated, visitor::text};
use crate::{
    on_both_stores,
    stage::{App, OnStore, Stage},
};

/// An access token as this place signs them.
fn token(stage: &Stage, typ: TokenType, changes: serde_json::Value) -> String {
    let now = SystemClock.now().as_secs();
    let mut claims = json!({
        "iss": stage.issuer, "sub": "notes", "aud": ["https://board.test"], "client_id": "notes",
        "iat": now, "exp": now + 300, "jti": "AAAAAAAAAAAAAAAAAAAAAA",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let signer = stage.broker().house().keyring.current(Alg::ES256).unwrap();
    signer.sign(typ, &serde_json::to_vec(&claims).unwrap()).unwrap()
}

on_both_stores! {
    /// A person is sent to sign in; whoever else asks is told what to do, and never redirected.
    async fn a_navigation_is_redirected_and_nothing_else(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let anyone = Visitor::new(&stage);
        let html = ("accept", "text/html,application/xhtml+xml;q=0.9");
        for navigation in [vec![html], vec![html, ("sec-fetch-mode", "navigate")]] {
            let page = anyone.forward_auth("GET", BOARD, "/app/?a=b", &navigation).await;
            assert_eq!(page.status, 302);
            assert!(page.header("location").starts_with("https://board.test/.vestibule/start?to="), "{:?}", page.headers);
            let page = anyone.auth_request("GET", "https://board.test/app/?a=b", &navigation).await;
            assert_eq!(page.status, 401, "nginx makes a fault of a redirect");
            assert!(page.header("location").starts_with("https://board.test/.vestibule/start?to="));
            assert_eq!(anyone.ext_authz("GET", BOARD, "/app/", &navigation).await.status, 302);
        }
        let others: [(&str, &[(&str, &str)]); 10] = [
            ("GET", &[]),
            ("GET", &[("accept", "application/json")]),
            ("GET", &[html, ("sec-fetch-mode", "cors")]),
            ("GET", &[html, ("x-requested-with", "XMLHttpRequest")]),
            ("GET", &[html, ("upgrade", "websocket")]),
            ("GET", &[html, ("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==")]),
            ("POST", &[html]),
            ("HEAD", &[html]),
            ("OPTIONS", &[html]),
            ("PROPFIND", &[html]),
        ];
        for (method, headers) in others {
            for page in [
                anyone.forward_auth(method, BOARD, "/app/", headers).await,
                anyone.auth_request(method, "https://board.test/app/", headers).await,
                anyone.ext_authz(method, BOARD, "/app/", headers).await,
            ] {
                assert_eq!(page.status, 401, "{method} {headers:?}");
                assert!(page.header("www-authenticate").starts_with("Bearer"), "{method} {headers:?}");
                assert!(page.headers.get("location").is_none());
                if method != "HEAD" {
                    assert_eq!(page.json()["login_url"], "https://board.test/.vestibule/start");
                }
            }
        }
        // The gate's own proxies ask with any method.
        for method in ["HEAD", "POST", "DELETE", "OPTIONS"] {
            let url = format!("{}/gate/forward-auth", stage.issuer);
            assert_eq!(anyone.browser.raw(method, &url, &[], "").await.status, 400, "{method}: nothing was told");
        }
        stage.stop().await;
    }

    /// Not allowed: a page that says so and leads to no sign-in, which would lead back.
    async fn who_may_not_is_told_so_and_not_sent_in_circles(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        ada.visit(BOARD, "/app/").await;
        let page = ada.navigate(BOARD, "/admin").await;
        assert_eq!(page.status, 403);
        assert!(page.headers.get("location").is_none());
        assert!(page.body.contains("Board") && page.body.contains("https://board.test/.vestibule/logout"), "{}", page.body);
        assert!(page.body.contains(&format!("href=\"{}/static/", stage.issuer)), "its style is not the app's");
        assert_eq!(ada.auth_request("GET", "https://board.test/admin", &[("accept", "text/html")]).await.status, 403);
        assert_eq!(ada.forward_auth("POST", BOARD, "/admin", &[]).await.json()["error"], "access_denied");
        stage.stop().await;
    }

    /// What is public is so for anyone, and tells the app nothing of anyone.
    async fn what_is_public_is_anonymous(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        ada.visit(BOARD, "/app/").await;
        let stranger = Visitor::new(&stage);
        for visitor in [&ada, &stranger] {
            let page = visitor.navigate(BOARD, "/public/logo.svg?x=/app/").await;
            assert_eq!((page.status.as_u16(), text(&page, "x-vestibule-auth")), (200, "anonymous".into()));
            for name in ["remote-user", "remote-email", "remote-name", "remote-groups", "x-vestibule-jwt"] {
                assert_eq!(page.headers.get(name).map(|value| value.len()), Some(0), "{name} is there and empty");
            }
        }
        stage.stop().await;
    }

    /// A program comes in with an access token for this very app, where a rule names it; and with nothing else that we
    /// ever signed.
    async fn programs_come_with_a_token_for_this_app(on: OnStore) {
        let services = "[apps.notes]\ngrant_types = [\"authorization_code\", \"refresh_token\", \"client_credentials\"]\n";
        let stage = Stage::start_with(on, |config| gated(config).replacen("[apps.notes]\n", services, 1)).await;
        let machine = Visitor::new(&stage);
        let ask = async |token: &str, method: &str, uri: &str| {
            machine.forward_auth(method, BOARD, uri, &[("authorization", &format!("Bearer {token}"))]).await
        };
        let good = token(&stage, TokenType::Access, json!({}));
        let page = ask(&good, "GET", "/api/cards").await;
        assert_eq!((page.status.as_u16(), text(&page, "x-vestibule-auth")), (200, "machine".into()));
        assert_eq!((text(&page, "remote-user"), text(&page, "remote-email")), ("notes".into(), String::new()));
        assert_eq!(ask(&good, "POST", "/api/cards").await.status, 403);
        assert_eq!(ask(&good, "GET", "/app/").await.status, 403);

        let ada = Visitor::new(&stage);
        let gate_jwt = text(&ada.visit(BOARD, "/app/").await, "x-vestibule-jwt");
        let answer = ada.browser.sign_in(&stage, &[], "google").await;
        let tokens = App::of(&stage).tokens(&answer).await;
        let bad = [
            ("the gate's own assertion", gate_jwt.clone()),
            ("an ID token", tokens.id.clone()),
            ("a token for UserInfo", tokens.access.clone()),
            ("a refresh token", tokens.refresh.clone()),
            ("of another type", token(&stage, TokenType::Jwt, json!({}))),
            ("an assertion for this app by our own key", token(&stage, TokenType::Gate, json!({}))),
            ("for another app", token(&stage, TokenType::Access, json!({ "aud": ["https://files.test"] }))),
            ("for nobody", token(&stage, TokenType::Access, json!({ "aud": [] }))),
            ("by its id", token(&stage, TokenType::Access, json!({ "aud": "board" }))),
            ("expired", token(&stage, TokenType::Access, json!({ "exp": 1_700_000_000 }))),
            ("not yet", token(&stage, TokenType::Access, json!({ "iat": 4_000_000_000_u64 }))),
            ("of another issuer", token(&stage, TokenType::Access, json!({ "iss": "https://evil.test" }))),
            ("of nobody", token(&stage, TokenType::Access, json!({ "client_id": "nobody" }))),
            ("bound to a key", token(&stage, TokenType::Access, json!({ "cnf": { "jkt": "x" } }))),
            ("of a grant that is gone", token(&stage, TokenType::Access, json!({ "vst": "x" }))),
            ("unsigned", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ];
        for (what, token) in &bad {
            let page = ask(token, "GET", "/api/cards").await;
            assert_eq!(page.status, 401, "{what}");
            assert!(page.header("www-authenticate").contains("invalid_token"), "{what}");
        }
        let (two, basic) = (format!("Bearer {good}"), "Basic bm90ZXM6eA==");
        let page = machine.forward_auth("GET", BOARD, "/api", &[("authorization", &two), ("authorization", &two)]).await;
        assert_eq!(page.status, 403, "two are none, and no person may come here");
        assert_eq!(machine.forward_auth("GET", BOARD, "/api", &[("authorization", basic)]).await.status, 403);
        assert_eq!(machine.forward_auth("GET", BOARD, &format!("/api?access_token={good}"), &[]).await.status, 403);
        // What the gate signs opens nothing else either.
        assert_eq!(App::of(&stage).userinfo(&gate_jwt).await.status, 401);
        stage.stop().await;
    }

    /// The other names, and the assertion as a bearer token, where the operator wants them so.
    async fn headers_are_named_as_the_operator_wants(on: OnStore) {
        let other = |config: String| {
            format!("{}\n[gate]\nheaders = \"x-auth-request\"\nauthorization_bearer = true\n", gated(config))
        };
        let stage = Stage::start_with(on, other).await;
        let ada = Visitor::new(&stage);
        let page = ada.visit(FILES, "/").await;
        assert_eq!(text(&page, "x-auth-request-email"), "ada.lovelace@gmail.com");
        assert_eq!(text(&page, "authorization"), format!("Bearer {}", text(&page, "x-vestibule-jwt")));
        assert!(page.headers.get("remote-user").is_none());
        let anyone = ada.navigate(BOARD, "/public/").await;
        assert_eq!(anyone.headers.get("authorization").map(|value| value.len()), Some(0));
        stage.stop().await;
    }
}
