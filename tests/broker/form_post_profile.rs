//! The checks of the certification's Form Post OP profile (OAuth 2.0 Form Post Response Mode 1.0), and those of the Basic
//! profile that need another time of day, each named after what it checks.

use std::time::Duration;

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, Page, Stage, Tokens, param},
};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

/// A form that goes to the app, and nothing of which stands in an address or is kept.
fn form(page: &Page) -> Vec<(String, String)> {
    assert_eq!((page.status.as_u16(), page.header("location")), (200, ""), "{}", page.body);
    assert_eq!(page.attrs("main form", "action"), [NOTES_CALLBACK]);
    assert_eq!(page.attrs("main form", "method"), ["post"]);
    assert_eq!(page.attrs("main form button", "class").len(), 1, "whoever runs no script has a button");
    let script = page.attrs("script", "src");
    assert!(
        matches!(script.as_slice(), [one] if one.starts_with("/static/")) && page.texts("script").concat().is_empty()
    );
    assert!(page.header("content-security-policy").contains("; script-src 'self'"), "it goes on by itself");
    assert!(page.header("cache-control").contains("no-store"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    page.hidden_fields()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

on_both_stores! {
    /// The answer is a form to the app alone; its code works, and was never part of an address.
    async fn oidcc_formpost_server(stage: Stage) {
        let browser = Browser::new();
        let page = browser.open(&stage.authorize(&[FORM_POST])).await;
        stage.google.answer_with("ada");
        let page = browser.choose(&page, "google").await;
        let fields = form(&page);
        let code = field(&fields, "code").unwrap();
        assert!(!page.url.as_str().contains(code) && !page.url.as_str().contains("code="), "{}", page.url);
        assert_eq!(field(&fields, "iss"), Some(stage.issuer.as_str()));
        assert!(page.header("content-security-policy").contains("form-action 'self' https://notes.test;"));
        let tokens = Tokens::of(&App::of(&stage).token(&[("code", code)]).await);
        assert_eq!(App::of(&stage).userinfo(&tokens.access).await.status, 200);
        stage.stop().await;
    }

    /// Whatever a state holds, it comes back as it was, and is never markup.
    async fn oidcc_formpost_state_is_escaped(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        for state in [r#""><script>alert(1)</script><input name="code" value=""#, "'&amp;&lt;", "ä\u{2028}", "</form><form action=//evil.test>"] {
            let fields = form(&browser.get(&stage.authorize(&[FORM_POST, ("state", state)])).await);
            assert_eq!(field(&fields, "state"), Some(state));
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["code", "session_state", "state", "iss"]);
        }
        stage.stop().await;
    }

    /// Errors travel as the answer would, whatever they are about.
    async fn oidcc_formpost_errors(stage: Stage) {
        for (wrong, error) in [
            (("prompt", "none"), "login_required"),
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", ""), "invalid_request"),
            (("scope", "profile"), "invalid_scope"),
            (("max_age", "-1"), "invalid_request"),
            (("request", "x"), "request_not_supported"),
            (("request_uri", "https://notes.test/request"), "request_uri_not_supported"),
        ] {
            let fields = form(&Browser::new().get(&stage.authorize(&[FORM_POST, ("state", "kept"), wrong])).await);
            assert_eq!(field(&fields, "error"), Some(error), "{wrong:?}");
            assert_eq!((field(&fields, "state"), field(&fields, "code")), (Some("kept"), None), "{wrong:?}");
            assert_eq!(field(&fields, "iss"), Some(stage.issuer.as_str()), "{wrong:?}");
        }
        stage.stop().await;
    }

    /// Nobody's form goes to an address that the app did not register: neither a code nor an error.
    async fn oidcc_ensure_registered_redirect_uri(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        for mode in ["query", "fragment", "form_post"] {
            for wrong in ["https://notes.test/callback/", "https://notes.test/callback?x=1", "https://NOTES.test.evil.test/callback", "http://notes.test/callback"] {
                let page = browser.get(&stage.authorize(&[("response_mode", mode), ("redirect_uri", wrong)])).await;
                assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{mode} {wrong}");
                assert!(!page.attrs("form", "action").iter().any(|to| to.contains("notes")), "{mode} {wrong}");
            }
        }
        stage.stop().await;
    }

    /// At once: refused, and what the code gave is taken back.
    async fn oidcc_codereuse(stage: Stage) {
        reused_after(&stage, None).await;
        stage.stop().await;
    }

    /// While the code would still be good, had nobody redeemed it.
    async fn oidcc_codereuse_30seconds(stage: Stage) {
        reused_after(&stage, Some(Duration::from_secs(30))).await;
        stage.stop().await;
    }

    /// And long after the code has ended, while what it gave still lives.
    async fn a_code_reused_after_its_end(stage: Stage) {
        reused_after(&stage, Some(Duration::from_secs(120))).await;
        stage.stop().await;
    }
}

async fn reused_after(stage: &Stage, span: Option<Duration>) {
    let code = param(&Browser::new().sign_in(stage, &[], "google").await, "code").unwrap();
    let app = App::of(stage);
    let tokens = Tokens::of(&app.token(&[("code", &code)]).await);
    assert_eq!(app.userinfo(&tokens.access).await.status, 200);
    let later = match span {
        Some(span) => Some(stage.instance_after(span).await),
        None => None,
    };
    let second = later.as_ref().map_or_else(|| App::of(stage), |instance| App::at(&instance.origin));
    let again = second.token(&[("code", &code)]).await;
    assert_eq!((again.status.as_u16(), again.json()["error"].as_str()), (400, Some("invalid_grant")), "{}", again.body);
    for app in [&app, &second] {
        assert_eq!(app.userinfo(&tokens.access).await.status, 401, "after {span:?}");
        let refreshed = app.refresh(&tokens.refresh, &[]).await;
        assert_eq!(refreshed.json()["error"], "invalid_grant", "after {span:?}");
    }
    if let Some(instance) = later {
        instance.running.stop().await;
    }
}
