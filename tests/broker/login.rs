//! Signing in, and what browsers do meanwhile.

use serde_json::json;

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, jws_claims, jws_header, param},
};

on_both_stores! {
    /// From the request of an app to its tokens.
    async fn a_person_signs_in_and_the_app_gets_tokens(stage: Stage) {
        let browser = Browser::new();
        let answer = browser.sign_in(&stage, &[], "google").await;
        assert!(answer.as_str().starts_with("https://notes.test/callback?"), "{answer}");
        assert_eq!(param(&answer, "state").as_deref(), Some("st-1"));
        assert_eq!(param(&answer, "iss").as_deref(), Some(stage.issuer.as_str()));

        let page = App::of(&stage).redeem(&answer).await;
        assert_eq!(page.header("cache-control"), "no-store");
        let tokens = crate::stage::Tokens::of(&page);
        let (id, access) = (jws_claims(&tokens.id), jws_claims(&tokens.access));
        assert_eq!(jws_header(&tokens.id)["alg"], "RS256");
        assert_eq!(jws_header(&tokens.access)["typ"], "at+jwt");
        assert_eq!(jws_header(&tokens.access)["alg"], "ES256");
        assert_eq!(id["iss"], json!(stage.issuer));
        assert_eq!(id["aud"], "notes");
        assert_eq!(id["nonce"], "n-1");
        assert_eq!(id["amr"], json!(["fed"]));
        assert_eq!(access["aud"], json!(["notes", stage.issuer]));
        assert_eq!(access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(), 300);
        assert_eq!(access["sub"], id["sub"]);
        assert!(id["sub"].as_str().unwrap().len() <= 255 && id["sid"].is_string() && id["auth_time"].is_u64());
        // Required and asked for; the optional name stays off (promise 5).
        assert_eq!(id["email"], "ada.lovelace@gmail.com");
        assert!(id["email_verified"].is_boolean() && id.get("name").is_none());
        assert!(access.get("email").is_none() && access.get("name").is_none());
        stage.stop().await;
    }

    /// Once signed in, other apps ask for nothing more, and nothing new is written for the person to see.
    async fn single_sign_on(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        let page = browser.get(&stage.authorize(&wiki)).await;
        assert_eq!(page.status, 303);
        assert!(page.header("location").starts_with("https://wiki.test/cb?code="), "{}", page.header("location"));
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await;
        assert!(silent.header("location").starts_with("https://notes.test/callback?code="));
        stage.stop().await;
    }

    /// An app that allows one provider goes there at once, whatever session of another one there is.
    async fn an_app_chooses_its_providers(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "facebook").await;
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        let page = browser.get(&stage.authorize(&wiki)).await;
        assert!(page.header("location").starts_with(stage.google.origin()), "{}", page.header("location"));
        let silent = [wiki.as_slice(), &[("prompt", "none")]].concat();
        let page = browser.get(&stage.authorize(&silent)).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("login_required"));
        let page = browser.get(&stage.authorize(&[wiki.as_slice(), &[("prompt", "login"), ("provider", "facebook")]].concat())).await;
        assert!(page.header("location").starts_with(stage.google.origin()), "an app cannot name what it does not allow");
        stage.stop().await;
    }

    /// Five tabs begun one after the other and finished in reverse order: each gets its own answer.
    async fn tabs_do_not_mix(stage: Stage) {
        let browser = Browser::new();
        let mut pages = Vec::new();
        for tab in 0..5 {
            let state = format!("tab-{tab}");
            pages.push((state.clone(), browser.open(&stage.authorize(&[("state", &state), ("prompt", "login")])).await));
        }
        for (state, page) in pages.iter().rev() {
            let answered = browser.choose(page, "google").await;
            let answer = answered.location().unwrap();
            assert_eq!(param(&answer, "state").as_ref(), Some(state));
            App::of(&stage).tokens(&answer).await;
        }
        stage.stop().await;
    }

    /// A callback address opens nothing in another browser, nor twice in its own (C-25, AC-43).
    async fn a_callback_belongs_to_one_browser_and_one_use(stage: Stage) {
        let (victim, thief) = (Browser::new(), Browser::new());
        let login = victim.open(&stage.authorize(&[])).await;
        let fields = login.hidden_fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let chosen = victim.post(login.url.join("/login/google").unwrap().as_str(), &fields, &[]).await;
        let away = victim.get(chosen.location().unwrap().as_str()).await;
        let callback = victim.get(away.location().unwrap().as_str()).await.location().unwrap();
        assert_eq!(callback.path(), "/callback/google");

        let stolen = thief.get(callback.as_str()).await;
        assert_eq!(stolen.status, 400, "{}", stolen.body);
        assert!(thief.cookies(&stage.issuer).is_empty(), "{:?}", thief.cookies(&stage.issuer));

        let kept = victim.cookies(&stage.issuer);
        let honest = victim.get(callback.as_str()).await;
        assert_eq!(honest.status, 303);
        let reload = victim.get(callback.as_str()).await;
        assert_eq!(reload.status, 400);
        assert!(reload.attrs("main a", "href").iter().any(|href| href.starts_with("/authorize/continue")));
        // The same browser with the cookies of before: the answer has been spent.
        let replay = Browser::new();
        for (name, value) in kept {
            replay.set_cookie(&stage.issuer, &name, &value);
        }
        assert_ne!(replay.get(callback.as_str()).await.status, 303);
        assert!(replay.cookie(&stage.issuer, "vst_session").is_none());
        stage.stop().await;
    }

    /// No at the provider: a page that leads back to the choice, where another try works.
    async fn a_no_leads_on(stage: Stage) {
        let browser = Browser::new();
        stage.google.answer_with("refuse");
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        assert_eq!(page.status, 403, "{}", page.body);
        assert!(browser.cookie(&stage.issuer, "vst_session").is_none());
        let ways = page.attrs("main a", "href");
        let again = ways.iter().find(|way| way.starts_with("/login?attempt=")).unwrap();
        let login = browser.open(page.url.join(again).unwrap().as_str()).await;
        assert_eq!(login.status, 200);
        let answer = browser.choose(&login, "facebook").await.location().unwrap();
        App::of(&stage).tokens(&answer).await;
        stage.stop().await;
    }

    /// The person goes back to the app with empty hands, and the app is told.
    async fn declining_tells_the_app(stage: Stage) {
        let browser = Browser::new();
        stage.google.answer_with("refuse");
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        let ways = page.attrs("main a", "href");
        let back = ways.iter().find(|way| way.contains("answer=no")).unwrap();
        let answer = browser.get(page.url.join(back).unwrap().as_str()).await.location().unwrap();
        assert_eq!(param(&answer, "error").as_deref(), Some("access_denied"));
        assert_eq!(param(&answer, "state").as_deref(), Some("st-1"));
        assert_eq!(param(&answer, "iss").as_deref(), Some(stage.issuer.as_str()));
        stage.stop().await;
    }

    /// Each login has a new cookie, and the one before opens nothing (AC-31).
    async fn a_login_renews_the_cookie(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let first = browser.cookie(&stage.issuer, "vst_session").unwrap();
        browser.sign_in(&stage, &[("prompt", "login")], "google").await;
        let second = browser.cookie(&stage.issuer, "vst_session").unwrap();
        assert_ne!(first, second);
        let old = Browser::new();
        old.set_cookie(&stage.issuer, "vst_session", &first);
        let page = old.get(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("login_required"));
        // Somebody else in the same browser: the session before is gone.
        stage.google.answer_with("grace");
        browser.sign_in(&stage, &[("prompt", "login")], "google").await;
        let page = Browser::new();
        page.set_cookie(&stage.issuer, "vst_session", &second);
        let page = page.get(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("login_required"));
        stage.stop().await;
    }

    /// The provider used last is offered first and marked, from a cookie of this browser alone.
    async fn the_provider_used_last_comes_first(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "facebook").await;
        let page = browser.open(&stage.authorize(&[("prompt", "login")])).await;
        let order = page.attrs("main form button", "formaction");
        assert_eq!(order, ["/login/facebook", "/login/google"]);
        stage.stop().await;
    }

    /// A provider that is down: a page that says so, the other one works, and it works again when it is back.
    async fn a_provider_that_is_down_takes_no_other_with_it(stage: Stage) {
        stage.google.fault(vestibule::demo::simulators::Fault::Http500);
        let browser = Browser::new();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "google").await;
        assert!(page.status == 503 || page.status == 502, "{} {}", page.status, page.body);
        assert!(browser.cookie(&stage.issuer, "vst_session").is_none());
        let login = browser.open(&stage.authorize(&[])).await;
        assert_eq!(login.texts("main form button small.warn").len(), 1, "the page says which one does not answer");
        stage.google.clear();
        stage.google.answer_with("ada");
        crate::stage::eventually("Google is back", async || {
            let login = browser.open(&stage.authorize(&[])).await;
            let page = browser.choose(&login, "google").await;
            page.location().is_some_and(|url| param(&url, "code").is_some())
        })
        .await;
        let login = browser.open(&stage.authorize(&[("prompt", "login")])).await;
        assert!(login.texts("main form button small.warn").is_empty());
        stage.stop().await;
    }
}
