//! Introspection (RFC 7662).

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, Tokens, VERIFIER, WIKI_SECRET, jws_claims, param},
};

on_both_stores! {
    /// What is good is said to be, with what a service needs to know, and nothing personal.
    async fn a_good_token_is_described(stage: Stage) {
        let app = App::of(&stage);
        let tokens = app.tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
        let page = app.introspect(&tokens.access, &[("token_type_hint", "refresh_token")]).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
        let (facts, claims) = (page.json(), jws_claims(&tokens.access));
        assert_eq!((facts["active"].as_bool(), facts["token_type"].as_str()), (Some(true), Some("Bearer")));
        for name in ["iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "auth_time"] {
            assert_eq!(facts[name], claims[name], "{name}");
        }
        let refresh = app.introspect(&tokens.refresh, &[]).await.json();
        assert_eq!((refresh["active"].as_bool(), &refresh["sub"]), (Some(true), &claims["sub"]));
        assert!(refresh["exp"].as_u64() > facts["exp"].as_u64() && refresh.get("token_type").is_none());
        for facts in [facts, refresh] {
            assert!(["email", "name", "vst", "sid"].iter().all(|name| facts.get(name).is_none()), "{facts}");
        }
        stage.stop().await;
    }

    /// C-73: of anything else nothing is said, neither whose it is nor why.
    async fn of_anything_else_nothing_is_said(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let first = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let code = param(&browser.sign_in(&stage, &[], "google").await, "code").unwrap();
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        let inactive = async |token: &str, changes: &[(&str, &str)]| {
            let page = app.introspect(token, changes).await;
            assert_eq!((page.status.as_u16(), page.body.as_str()), (200, r#"{"active":false}"#), "{token}");
        };
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        for token in [&second.access, &second.refresh] {
            inactive(token, &wiki).await;
        }
        for token in ["x", "vst_r_AAAA", "a.b.c", code.as_str(), second.id.as_str(), first.refresh.as_str()] {
            inactive(token, &[]).await;
        }
        assert_eq!(app.introspect(&second.access, &[]).await.json()["active"], true, "asking burns nothing");
        app.revoke(&second.access, &[]).await;
        inactive(&second.access, &[]).await;
        assert_eq!(app.introspect(&second.refresh, &[]).await.json()["active"], true);
        let out = browser.get(&format!("{}/logout?id_token_hint={}", stage.issuer, first.id)).await;
        assert_eq!(out.status, 303);
        for token in [&first.access, &second.refresh] {
            inactive(token, &[]).await;
        }
        stage.stop().await;
    }

    /// Whoever proves nothing learns nothing: a public app could try tokens that it found.
    async fn only_who_proves_itself_may_ask(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let native = [("client_id", "native"), ("redirect_uri", "http://127.0.0.1/cb")];
        let code = param(&browser.sign_in(&stage, &native, "google").await, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"), ("client_id", "native"), ("redirect_uri", "http://127.0.0.1/cb"),
            ("code_verifier", VERIFIER), ("code", code.as_str()),
        ];
        let tokens = Tokens::of(&app.token_with(&form, &[]).await);
        for who in [
            vec![("client_id", "native"), ("client_secret", "")],
            vec![("client_secret", "")],
            vec![("client_secret", "wrong")],
            vec![("client_id", ""), ("client_secret", "")],
        ] {
            let page = app.introspect(&tokens.access, &who).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{who:?}");
        }
        assert_eq!(app.introspect("", &[]).await.json()["error"], "invalid_request");
        let url = format!("{}/introspect", stage.issuer);
        assert_eq!(browser.get(&url).await.status, 405);
        stage.stop().await;
    }
}
