//! What attackers try at the edges: each case is one that would hurt, or a neighbour of one that hurt somebody else.

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;
use vestibule::types::bytes;

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, Page, Stage, VERIFIER, param},
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The pairs of an address's query, to be posted instead.
fn form_of(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

fn as_str(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A cross-site post as a browser sends it: without any cookie of ours (`SameSite=Lax`).
async fn post_cross_site(url: &str, form: &[(&str, &str)]) -> Page {
    let headers = [("origin", "https://notes.test"), ("sec-fetch-site", "cross-site")];
    Browser::new().post(url, form, &headers).await
}

/// Goes on until the broker is about to answer the app; gives the address at which it would.
async fn until_back(stage: &Stage, browser: &Browser, request: &[(&str, &str)]) -> Url {
    let request = [request, &[("provider", "google")]].concat();
    let away = browser.get(&stage.authorize(&request)).await;
    let callback = browser.get(away.location().unwrap().as_str()).await.location().unwrap();
    assert_eq!(callback.path(), "/callback/google");
    let back = browser.get(callback.as_str()).await.location().unwrap();
    assert_eq!(back.path(), "/authorize/continue");
    back
}

fn is_code(page: &Page) -> bool {
    page.location().is_some_and(|url| url.as_str().starts_with(NOTES_CALLBACK) && param(&url, "code").is_some())
}

on_both_stores! {
    /// The cookie of a finished attempt, kept and put back: a fresh login that an app demanded serves once.
    async fn a_fresh_login_answers_one_request(stage: Stage) {
        let browser = Browser::new();
        for demand in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
            let back = until_back(&stage, &browser, &[demand]).await;
            let kept = browser.cookies(&stage.issuer);
            assert!(is_code(&browser.get(back.as_str()).await), "{demand:?}");
            for (name, value) in &kept {
                browser.set_cookie(&stage.issuer, name, value);
            }
            let replayed = browser.get(back.as_str()).await;
            assert!(!is_code(&replayed), "{demand:?}");
            assert!(replayed.header("location").starts_with(stage.google.origin()), "{}", replayed.header("location"));
        }
        stage.stop().await;
    }

    /// An attempt that somebody finished does not stand for whoever is signed in now.
    async fn a_finished_attempt_does_not_serve_the_next_person(stage: Stage) {
        let browser = Browser::new();
        let back = until_back(&stage, &browser, &[("prompt", "login")]).await;
        let kept = browser.cookies(&stage.issuer);
        stage.google.answer_with("grace");
        browser.sign_in(&stage, &[("prompt", "login")], "google").await;
        let name = format!("vst_a_{}", param(&back, "attempt").unwrap());
        browser.set_cookie(&stage.issuer, &name, &kept[&name]);
        assert!(!is_code(&browser.get(back.as_str()).await));
        stage.stop().await;
    }

    /// A redirect URI, or an app, that the operator took away while a person was at a provider gets nothing any more,
    /// neither a code nor an error.
    async fn what_is_no_longer_registered_is_sent_nothing(stage: Stage) {
        for change in [
            |config: String| config.replace("https://notes.test/callback", "https://notes.test/moved"),
            |config: String| config.replace("[apps.notes]", "[apps.renamed]"),
        ] {
            stage.reload(|config| config);
            let browser = Browser::new();
            let back = until_back(&stage, &browser, &[]).await;
            stage.reload(change);
            for url in [format!("{back}&answer=no"), back.to_string()] {
                let page = browser.get(&url).await;
                assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{url}");
            }
        }
        stage.stop().await;
    }
}
