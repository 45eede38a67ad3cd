//! Apps on a person's machine that are named after a document: assistants, editors, command lines.

use serde_json::{Value, json};

use super::{Place, open};
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Shelf, Tokens, VERIFIER, jws_claims, param},
};

const NATIVE: [&str; 2] = ["http://localhost/callback", "http://127.0.0.1/callback"];

impl Place {
    /// Such a document as they have it, without a type.
    fn lay_native(&self, more: &[(&str, Value)]) -> String {
        let changes = [&[("redirect_uris", json!(NATIVE)), ("vestibule_claims", Value::Null)], more].concat();
        self.lay("/native.json", &changes)
    }

    async fn ask_for(&self, browser: &Browser, id: &str, back: &str, more: &[(&str, &str)]) -> Page {
        let request = [("client_id", id), ("redirect_uri", back), ("scope", "openid offline_access")];
        let page = browser.open(&self.stage.authorize(&[&request, more].concat())).await;
        if page.url.path() == "/login" { browser.choose(&page, "google").await } else { page }
    }
}

async fn redeem(place: &Place, id: &str, back: &str, page: &Page) -> Page {
    let code = param(&page.location().unwrap(), "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("redirect_uri", back),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    App::of(&place.stage).token_with(&form, &[]).await
}

on_both_stores! {
    /// Whatever port is free, by name and by number; the person reads whose document it is, and that the answer goes to
    /// their own machine.
    async fn an_app_on_the_machine_listens_where_it_can(on: OnStore) {
        let place = Place::open(on).await;
        let id = place.lay_native(&[]);
        let host = place.shelf.origin.trim_start_matches("https://").to_owned();
        for (back, shown) in [
            ("http://localhost:3118/callback", "localhost:3118"), ("http://127.0.0.1:49152/callback", "127.0.0.1:49152"),
            ("http://localhost/callback", "localhost"),
        ] {
            let browser = Browser::careful();
            let page = place.ask_for(&browser, &id, back, &[]).await;
            assert!(page.is_question(), "{}", page.body);
            assert!(page.texts("h1")[0].starts_with(&format!("{host} (Preview)")), "{:?}", page.texts("h1"));
            assert_eq!(page.texts(".lede strong bdi"), [shown], "{}", page.body);
            let answer = browser.answer(&page, "yes", &[]).await;
            assert!(answer.location().unwrap().as_str().starts_with(&format!("{back}?")), "{:?}", answer.location());
            let tokens = Tokens::of(&redeem(&place, &id, back, &answer).await);
            assert!(!tokens.refresh.is_empty());
        }
        for wrong in [
            "http://localhost:3118/other", "https://localhost:3118/callback", "http://a.localhost:3118/callback",
            "http://[::1]:3118/callback", "http://localhost.evil.test/callback", "http://localhost:3118/callback#x",
            "http://127.0.0.2:3118/callback", "http://localhost@evil.test/callback", "com.example.app:/callback",
        ] {
            let page = place.ask_for(&Browser::new(), &id, wrong, &[]).await;
            assert_eq!((page.status.as_u16(), page.location()), (400, None), "{wrong}");
        }
        place.stop().await;
    }

    /// Anything on the machine can take the name of such an app: each time the person says that they began it. One that
    /// goes back to the web, or has a key, is known by that, and asks once.
    async fn on_the_machine_people_are_asked_each_time(on: OnStore) {
        let place = Place::open(on).await;
        let (native, back) = (place.lay_native(&[]), "http://localhost:3118/callback");
        let browser = Browser::careful();
        for time in 1..=3 {
            let page = place.ask_for(&browser, &native, back, &[]).await;
            assert!(page.is_question(), "time {time}: {}", page.body);
            let answer = browser.answer(&page, "yes", &[]).await;
            Tokens::of(&redeem(&place, &native, back, &answer).await);
        }
        let silent = place.ask_for(&browser, &native, back, &[("prompt", "none")]).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("consent_required"), "{silent}");
        let no = place.ask_for(&browser, &native, back, &[]).await;
        let no = browser.answer(&no, "no", &[]).await.location().unwrap();
        assert_eq!(param(&no, "error").as_deref(), Some("access_denied"), "{no}");

        let mixed = [
            ("application_type", json!("native")), ("redirect_uris", json!([back, place.shelf.at("/cb")])),
            ("vestibule_claims", Value::Null),
        ];
        let mixed = place.lay("/mixed.json", &mixed);
        let on_the_web = place.shelf.at("/cb");
        let page = place.ask_for(&browser, &mixed, &on_the_web, &[]).await;
        browser.answer(&page, "yes", &[]).await;
        assert!(place.ask_for(&browser, &mixed, &on_the_web, &[]).await.location().is_some(), "once");
        assert!(place.ask_for(&browser, &mixed, back, &[]).await.is_question(), "each time");
        place.stop().await;
    }

    /// An assistant asks for a service of the operator's, and for no other.
    async fn an_assistant_gets_a_token_for_the_service_that_it_calls(on: OnStore) {
        let mcp = "https://mcp.test/mcp";
        let change = move |config: String| {
            let audiences = format!("client_id_documents = true\naudiences = [\"{mcp}\"]\n");
            open(config).replace("client_id_documents = true\n", &audiences)
        };
        let place = Place::furnished(on, Shelf::start(), change).await;
        let (id, back, browser) = (place.lay_native(&[]), "http://localhost:3118/callback", Browser::careful());
        let page = place.ask_for(&browser, &id, back, &[("resource", mcp)]).await;
        let answer = browser.answer(&page, "yes", &[]).await;
        let tokens = Tokens::of(&redeem(&place, &id, back, &answer).await);
        let said = jws_claims(&tokens.access);
        assert_eq!((&said["aud"], &said["client_id"]), (&json!([mcp, place.stage.issuer]), &json!(id)), "{said}");
        for other in ["https://mcp.test/", "https://mcp.test/mcp/", "https://other.test/mcp", "notes"] {
            let told = place.ask_for(&browser, &id, back, &[("resource", other)]).await.location().unwrap();
            assert_eq!(param(&told, "error").as_deref(), Some("invalid_target"), "{told}");
        }
        place.stop().await;
        let place = Place::open(on).await;
        let id = place.lay_native(&[]);
        let told = place.ask_for(&browser, &id, back, &[("resource", mcp)]).await.location().unwrap();
        assert_eq!(param(&told, "error").as_deref(), Some("invalid_target"), "none unless the operator names them");
        place.stop().await;
    }

    /// An app of the operator's keeps its own rules: an IP literal alone has a free port, and nobody is asked twice.
    async fn an_app_of_the_operators_keeps_its_rules(on: OnStore) {
        let place = Place::open(on).await;
        let browser = Browser::careful();
        let page = place.ask_for(&browser, "native", "http://127.0.0.1:7/cb", &[]).await;
        browser.answer(&page, "yes", &[]).await;
        assert!(place.ask_for(&browser, "native", "http://127.0.0.1:7/cb", &[]).await.location().is_some());
        place.stop().await;
    }
}
