//! Session Management OP. What the script of the frame answers is looked at in a real browser (`tests/e2e`).

use vestibule::types::bytes;

use super::says;
use crate::{
    on_both_stores,
    stage::{App, Browser, Page, Stage, param},
};

/// What the frame's script would read after this answer; `None` if it sets no such cookie.
fn written(page: &Page) -> Option<String> {
    let cookies = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    cookies
        .filter_map(|cookie| cookie.strip_prefix("vst_state="))
        .next()
        .map(|rest| rest.split(';').next().unwrap().to_owned())
}

/// The session of this browser, as the broker knows it.
async fn browser_state(stage: &Stage, browser: &Browser) -> String {
    let house = stage.broker().house();
    let session = house.sessions.find(&browser.cookie(&stage.issuer, "vst_session").unwrap()).await.unwrap().unwrap();
    house.pseudonyms.browser_state(session.id)
}

fn is_of(session_state: &str, client: &str, origin: &str, state: &str) -> bool {
    let (hash, salt) = session_state.split_once('.').unwrap();
    hash == bytes::to_base64url(&bytes::sha256(format!("{client} {origin} {state} {salt}").as_bytes()))
}

on_both_stores! {
    async fn oidcc_session_management_discovery_endpoint_verification(stage: Stage) {
        says(&stage, &[], &["check_session_iframe"]).await;
        stage.stop().await;
    }

    /// Unchanged while the session lives, changed once it has ended.
    async fn oidcc_session_management_rp_initiated_logout(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let away = browser.get(&stage.authorize(&[("provider", "google")])).await.location().unwrap();
        let callback = browser.get(away.as_str()).await.location().unwrap();
        let signed_in = browser.get(callback.as_str()).await;
        let answer = browser.follow(signed_in.clone()).await.location().unwrap();
        let (state, known) = (param(&answer, "session_state").unwrap(), written(&signed_in).unwrap());
        assert!(is_of(&state, "notes", "https://notes.test", &known), "unchanged");
        let tokens = app.tokens(&answer).await;
        let query = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", "https://notes.test/bye"), ("state", "s-1")];
        let url = url::Url::parse_with_params(&format!("{}/logout", stage.issuer), query).unwrap();
        let page = browser.get(url.as_str()).await;
        assert_eq!(page.header("location"), "https://notes.test/bye?state=s-1");
        let left = written(&page).unwrap();
        assert!(left.is_empty() && !is_of(&state, "notes", "https://notes.test", &left), "changed");
        stage.stop().await;
    }

    /// `session_state` is of this app, this origin and this session, and of no other.
    async fn a_session_state_is_of_one_app_one_origin_and_one_session(stage: Stage) {
        let browser = Browser::new();
        let answer = browser.sign_in(&stage, &[], "google").await;
        let (first, state) = (param(&answer, "session_state").unwrap(), browser_state(&stage, &browser).await);
        assert!(is_of(&first, "notes", "https://notes.test", &state));
        assert!(!is_of(&first, "wiki", "https://notes.test", &state) && !is_of(&first, "notes", "https://wiki.test", &state));
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        let second = param(&silent, "session_state").unwrap();
        assert!(second != first && is_of(&second, "notes", "https://notes.test", &state), "salted anew, of the same session");
        browser.sign_in(&stage, &[("prompt", "login")], "google").await;
        let other = Browser::new();
        other.sign_in(&stage, &[], "google").await;
        assert_ne!(browser_state(&stage, &other).await, state);
        stage.stop().await;
    }

    /// The cookie that the frame reads holds no secret, and its script is the one that a real browser is tried with.
    async fn the_frame_reads_no_secret(stage: Stage) {
        let browser = Browser::new();
        let away = browser.get(&stage.authorize(&[("provider", "google")])).await.location().unwrap();
        let callback = browser.get(away.as_str()).await.location().unwrap();
        let page = browser.get(callback.as_str()).await;
        let cookies: Vec<&str> = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
        let state = cookies.iter().find_map(|cookie| cookie.strip_prefix("vst_state=")).unwrap();
        assert!(state.contains("; SameSite=None; Secure") && !state.contains("HttpOnly"), "{state}");
        assert!(state.starts_with(&browser_state(&stage, &browser).await));
        let opened = Browser::new();
        opened.set_cookie(&stage.issuer, "vst_session", state.split(';').next().unwrap());
        assert!(opened.get(&stage.authorize(&[("prompt", "none")])).await.header("location").contains("error=login_required"));
        let frame = browser.get(&format!("{}/session/check", stage.issuer)).await;
        assert_eq!((frame.status.as_u16(), frame.header("x-frame-options"), frame.attrs("script", "data-cookie")), (200, "", vec!["vst_state".to_owned()]));
        let csp = frame.header("content-security-policy");
        assert!(csp.contains("script-src 'self'") && !csp.contains("unsafe") && !csp.contains("frame-ancestors"));
        let script = browser.get(&format!("{}{}", stage.issuer, frame.attrs("script", "src")[0])).await;
        assert_eq!(script.status, 200);
        assert!(script.body.contains("postMessage(await judge(data, origin), origin)") && !script.body.contains("\"*\""));
        stage.stop().await;
    }
}
