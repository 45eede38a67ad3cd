//! Promise 2: an anonymous request writes nothing to the store.

use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::{
    on_both_stores,
    stage::{Browser, Pair, Stage},
};

/// How many requests the issue asks for.
const REQUESTS: usize = 10_000;

/// How many are under way at once.
const AT_ONCE: usize = 32;

/// Requests of every sort that somebody without a session can make.
fn sorts(stage: &Stage) -> Vec<String> {
    let long = "x".repeat(300);
    let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
    let changes: [&[(&str, &str)]; 14] = [
        &[],
        &[("state", &long)],
        &[("provider", "google")],
        &[("provider", "facebook")],
        &[("provider", "nobody")],
        &wiki,
        &[("prompt", "none")],
        &[("prompt", "login"), ("max_age", "0")],
        &[("prompt", "select_account"), ("login_hint", "ada@example.com")],
        &[("client_id", "nobody")],
        &[("redirect_uri", "https://evil.test/")],
        &[("scope", "profile")],
        &[("code_challenge", "short")],
        &[("response_mode", "form_post"), ("prompt", "none")],
    ];
    changes.into_iter().map(|change| stage.authorize(change)).collect()
}

on_both_stores! {
    /// Promise 2: ten thousand requests leave the number of records as it was.
    async fn anonymous_requests_write_nothing(stage: Stage) {
        // Somebody has been here: it is no empty store.
        Browser::new().sign_in(&stage, &[], "google").await;
        let before = stage.records().await.len();
        let urls = sorts(&stage);
        // Each of many browsers comes back now and then, with the attempts that it keeps; none of them signs in.
        let browsers: Vec<Browser> = (0..200).map(|_| Browser::new()).collect();
        let answers = stream::iter(0..REQUESTS).map(|n| browsers[n % browsers.len()].get(&urls[n % urls.len()]));
        let statuses: Vec<u16> = answers.buffer_unordered(AT_ONCE).map(|page| page.status.as_u16()).collect().await;
        assert_eq!(statuses.len(), REQUESTS);
        let count = |status: u16| statuses.iter().filter(|other| **other == status).count();
        assert_eq!(count(303) + count(400) + count(200), REQUESTS, "answered, each of them");
        assert!(count(303) > REQUESTS / 2 && count(400) > REQUESTS / 10, "{} {}", count(303), count(400));
        assert_eq!(stage.records().await.len(), before);
        stage.stop().await;
    }

    /// The same holds for the choice of a provider and for answers that nobody asked for.
    async fn anonymous_steps_write_nothing(stage: Stage) {
        let before = stage.records().await.len();
        for _ in 0..20 {
            let browser = Browser::new();
            let login = browser.open(&stage.authorize(&[])).await;
            stage.google.answer_with("refuse");
            browser.choose(&login, "google").await;
            for query in ["", "?state=x", "?state=x&code=y", "?error=access_denied&state=x"] {
                browser.get(&format!("{}/callback/google{query}", stage.issuer)).await;
            }
            let key = Pair::es256();
            let proof = key.proof("POST", &format!("{}/token", stage.issuer), &json!({}));
            let assertion = key.assertion("notes", &stage.issuer, &json!({}));
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            for form in [
                vec![("grant_type", "authorization_code"), ("client_id", "native"), ("code", "vst_c_x")],
                vec![("grant_type", "refresh_token"), ("client_id", "native"), ("refresh_token", "vst_r_x")],
                vec![("client_assertion_type", kind), ("client_assertion", assertion.as_str()), ("token", "x")],
            ] {
                browser.post(&format!("{}/token", stage.issuer), &form, &[("dpop", &proof)]).await;
            }
            let url: url::Url = stage.authorize(&[("client_id", "native"), ("redirect_uri", "http://127.0.0.1/cb")]).parse().unwrap();
            let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(browser.post(&format!("{}/par", stage.issuer), &asked, &[]).await.status, 400);
            for path in ["/token", "/revoke", "/introspect", "/userinfo", "/logout", "/logout/answer"] {
                browser.post(&format!("{}{path}", stage.issuer), &[("code", "vst_c_x"), ("client_id", "notes")], &[]).await;
            }
        }
        assert_eq!(stage.records().await.len(), before);
        stage.stop().await;
    }
}
