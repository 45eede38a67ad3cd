//! Answers to the question what an app may see that are none: forged, foreign, doubled, late.

use crate::{
    on_both_stores,
    stage::{Browser, Page, Stage, param},
};

type Fields = Vec<(String, String)>;

/// The page with the question, whoever signs in.
async fn question(stage: &Stage, browser: &Browser, changes: &[(&str, &str)]) -> Page {
    let mut page = browser.open(&stage.authorize(changes)).await;
    if page.url.path() == "/login" {
        page = browser.choose(&page, "google").await;
    }
    assert!(page.is_question(), "{} {}", page.status, page.url);
    page
}

/// What the form of a page sends with a yes, changed.
fn yes(page: &Page, change: impl FnOnce(&mut Fields)) -> Fields {
    let mut fields = page.hidden_fields();
    fields.push(("answer".into(), "yes".into()));
    change(&mut fields);
    fields
}

fn set(name: &'static str, value: &str) -> impl FnOnce(&mut Fields) {
    move |fields| {
        fields.retain(|(other, _)| other != name);
        fields.push((name.into(), value.into()));
    }
}

fn without(name: &'static str) -> impl FnOnce(&mut Fields) {
    move |fields| fields.retain(|(other, _)| other != name)
}

fn and(name: &'static str, value: &'static str) -> impl FnOnce(&mut Fields) {
    move |fields| fields.push((name.into(), value.into()))
}

fn field(page: &Page, name: &str) -> String {
    page.hidden_fields().into_iter().find(|(other, _)| other == name).unwrap().1
}

fn is_code(page: &Page) -> bool {
    page.location().is_some_and(|url| param(&url, "code").is_some())
}

on_both_stores! {
    /// Each gets its error, nothing is written, and the right answer still counts afterwards.
    async fn a_wrong_answer_writes_nothing(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        let other = question(&stage, &browser, &[("state", "other"), ("scope", "openid email")]).await;
        let before = stage.people_records().await.len();
        let token = field(&page, "form_token");
        let doubled: &'static str = Box::leak(token.clone().into_boxed_str());
        for (what, fields, status) in [
            ("a claim that nobody knows", yes(&page, and("shoe_size", "on")), 400),
            ("a claim that the app did not declare", yes(&page, and("picture", "on")), 400),
            ("a claim that is no choice", yes(&page, and("email", "on")), 400),
            ("a companion", yes(&page, and("email_verified", "on")), 400),
            ("a box with a value of its own", yes(&page, and("name", "off")), 400),
            ("a box twice", yes(&page, |fields| fields.extend([("name".into(), "on".into()), ("name".into(), "on".into())])), 400),
            ("no answer", yes(&page, without("answer")), 400),
            ("another answer", yes(&page, set("answer", "maybe")), 400),
            ("two answers", yes(&page, and("answer", "no")), 400),
            ("no attempt", yes(&page, without("attempt")), 400),
            ("an attempt that is none", yes(&page, set("attempt", "x")), 400),
            ("two attempts", yes(&page, and("attempt", "x")), 400),
            ("an attempt of nobody", yes(&page, set("attempt", "AAAAAAAAAAAAAAAAAAAAAA")), 400),
            ("nothing shown", yes(&page, without("shown")), 400),
            ("something that is no page", yes(&page, set("shown", "x")), 400),
            ("what another page showed", yes(&page, set("shown", &field(&other, "shown"))), 403),
            ("another attempt", yes(&page, set("attempt", &field(&other, "attempt"))), 403),
            ("no token", yes(&page, without("form_token")), 403),
            ("another token", yes(&page, set("form_token", &field(&other, "form_token"))), 403),
            ("two tokens", yes(&page, and("form_token", doubled)), 403),
            ("a no with a wrong token", yes(&page, |fields| {
                set("answer", "no")(fields);
                set("form_token", "vst_f_x")(fields);
            }), 403),
        ] {
            let answered = browser.post_from(&page, &fields).await;
            assert_eq!((answered.status.as_u16(), answered.location()), (status, None), "{what}: {}", answered.body);
            assert_eq!(stage.people_records().await.len(), before, "{what}");
        }
        let answered = browser.submit(&page, "yes", &["name"]).await;
        assert!(is_code(&answered), "{} {}", answered.status, answered.body);
        stage.stop().await;
    }

    /// A form of another page of ours is none of this one.
    async fn a_token_for_another_form_is_none(stage: Stage) {
        let browser = Browser::careful();
        let login = browser.open(&stage.authorize(&[])).await;
        let page = question(&stage, &browser, &[]).await;
        let stolen = field(&login, "form_token");
        assert_eq!(browser.post_from(&page, &yes(&page, set("form_token", &stolen))).await.status, 403);
        stage.stop().await;
    }

    /// Somebody else signs in in the same browser while the page lies open: what Ada read, Grace has not agreed to.
    async fn an_answer_is_for_the_session_that_was_asked(stage: Stage) {
        let browser = Browser::careful();
        let page = question(&stage, &browser, &[]).await;
        stage.google.answer_with("grace");
        question(&stage, &browser, &[("prompt", "login")]).await;
        let before = stage.people_records().await.len();
        for answer in ["yes", "no"] {
            let answered = browser.submit(&page, answer, &[]).await;
            assert_eq!(answered.status, 403, "{}", answered.body);
            let ways = answered.attrs("main a", "href");
            assert!(ways.iter().any(|way| way.starts_with("/authorize/continue?attempt=")), "{ways:?}");
        }
        assert_eq!(stage.people_records().await.len(), before);
        // And nobody at all.
        browser.set_cookie(&stage.issuer, "vst_session", "");
        assert_eq!(browser.submit(&page, "yes", &[]).await.status, 403);
        assert_eq!(stage.people_records().await.len(), before);
        stage.stop().await;
    }

    /// A login that the app wanted fresh gets one answer, however often its form is sent.
    async fn a_fresh_login_is_answered_once(stage: Stage) {
        let browser = Browser::careful();
        let request = [("prompt", "login consent"), ("provider", "google")];
        let page = question(&stage, &browser, &request).await;
        // Looking again is no answer.
        assert!(browser.get(page.url.as_str()).await.is_question());
        let kept = browser.cookies(&stage.issuer);
        assert!(is_code(&browser.submit(&page, "yes", &[]).await));
        for (name, value) in &kept {
            browser.set_cookie(&stage.issuer, name, value);
        }
        let again = browser.submit(&page, "yes", &[]).await;
        assert!(!is_code(&again));
        assert!(again.header("location").starts_with(stage.google.origin()), "{}", again.header("location"));
        stage.stop().await;
    }

    /// Two windows ask the same; the one that is answered second is not asked for what the first one settled.
    async fn a_question_that_is_settled_elsewhere_is_gone(stage: Stage) {
        let browser = Browser::careful();
        let first = question(&stage, &browser, &[]).await;
        let second = question(&stage, &browser, &[("state", "second")]).await;
        assert!(is_code(&browser.submit(&first, "yes", &["name"]).await));
        let looked = browser.follow(browser.get(second.url.as_str()).await).await;
        assert!(is_code(&looked), "{} {}", looked.status, looked.url);
        stage.stop().await;
    }
}
