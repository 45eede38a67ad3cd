//! Form Post OP (OAuth 2.0 Form Post Response Mode 1.0): the checks of the Basic profile all run in this mode, too; here
//! is what is about the form itself.

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, Page, Stage, Tokens},
};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

/// The fields of a form that goes to the app, and nothing of which stands in an address or is kept.
pub fn fields(page: &Page) -> Vec<(String, String)> {
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
    async fn a_code_is_never_part_of_an_address(stage: Stage) {
        let browser = Browser::new();
        let page = browser.open(&stage.authorize(&[FORM_POST])).await;
        stage.google.answer_with("ada");
        let page = browser.choose(&page, "google").await;
        let fields = fields(&page);
        let code = field(&fields, "code").unwrap();
        assert!(!page.url.as_str().contains(code) && !page.url.as_str().contains("code="), "{}", page.url);
        assert_eq!(field(&fields, "iss"), Some(stage.issuer.as_str()));
        assert!(page.header("content-security-policy").contains("form-action 'self' https://notes.test;"));
        let tokens = Tokens::of(&App::of(&stage).token(&[("code", code)]).await);
        assert_eq!(App::of(&stage).userinfo(&tokens.access).await.status, 200);
        stage.stop().await;
    }

    /// Whatever a state holds, it comes back as it was, and is never markup.
    async fn a_state_is_escaped(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        for state in [r#""><script>alert(1)</script><input name="code" value=""#, "'&amp;&lt;", "ä\u{2028}", "</form><form action=//evil.test>"] {
            let fields = fields(&browser.get(&stage.authorize(&[FORM_POST, ("state", state)])).await);
            assert_eq!(field(&fields, "state"), Some(state));
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["code", "session_state", "state", "iss"]);
        }
        stage.stop().await;
    }

    /// Errors travel as the answer would, whatever they are about.
    async fn errors_travel_in_the_form(stage: Stage) {
        for (wrong, error) in [
            (("prompt", "none"), "login_required"),
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", ""), "invalid_request"),
            (("scope", "profile"), "invalid_scope"),
            (("max_age", "-1"), "invalid_request"),
            (("request", "x"), "request_not_supported"),
            (("request_uri", "https://notes.test/request"), "request_uri_not_supported"),
        ] {
            let fields = fields(&Browser::new().get(&stage.authorize(&[FORM_POST, ("state", "kept"), wrong])).await);
            assert_eq!(field(&fields, "error"), Some(error), "{wrong:?}");
            assert_eq!((field(&fields, "state"), field(&fields, "code")), (Some("kept"), None), "{wrong:?}");
            assert_eq!(field(&fields, "iss"), Some(stage.issuer.as_str()), "{wrong:?}");
        }
        stage.stop().await;
    }
}
