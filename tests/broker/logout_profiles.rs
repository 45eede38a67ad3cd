//! Front-Channel Logout 1.0 and Session Management 1.0, as their certification profiles look at them.

use vestibule::types::bytes;

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, jws_claims, param},
};

fn with_frames(config: String) -> String {
    let config =
        config.replace("[apps.notes]\n", "[apps.notes]\nfrontchannel_logout_uri = \"https://notes.test/front?x=1\"\n");
    config.replace("[apps.wiki]\n", "[apps.wiki]\nfrontchannel_logout_uri = \"https://wiki.test/front\"\n")
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
    /// Each app of the session, and no other, in a frame of its own; then back to the app that asked.
    async fn oidcc_frontchannel_rp_initiated_logout(on: OnStore) {
        let stage = Stage::start_with(on, with_frames).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout?id_token_hint={}&post_logout_redirect_uri=https://notes.test/bye&state=s%26t", stage.issuer, tokens.id);
        let page = browser.get(&url).await;
        assert_eq!(page.status, 303);
        assert!(page.headers.get_all("set-cookie").iter().any(|cookie| cookie.to_str().unwrap().starts_with("vst_state=; SameSite=None; Secure")));
        let farewell = page.location().unwrap();
        let page = browser.get(farewell.as_str()).await;
        let sid = jws_claims(&tokens.id)["sid"].as_str().unwrap().to_owned();
        let frames = page.attrs("iframe", "src");
        assert_eq!(frames.len(), 1, "the wiki was not used: {frames:?}");
        let frame: url::Url = frames[0].parse().unwrap();
        assert!(frame.as_str().starts_with("https://notes.test/front?x=1&"), "{frame}");
        assert_eq!(param(&frame, "iss").as_deref(), Some(stage.issuer.as_str()));
        assert_eq!(param(&frame, "sid"), Some(sid));
        assert!(page.header("content-security-policy").contains("; frame-src https://notes.test;"), "{}", page.header("content-security-policy"));
        assert_eq!(page.attrs("meta[http-equiv]", "content"), ["2; url=https://notes.test/bye?state=s%26t"]);
        assert_eq!(page.attrs("main a.button", "href"), ["https://notes.test/bye?state=s%26t"]);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401, "signed out before the page is shown");
        // What is made up does nothing.
        for made_up in ["x", &farewell.as_str()[..farewell.as_str().len() - 2]] {
            let page = browser.get(&format!("{}/logout/done?farewell={made_up}", stage.issuer)).await;
            assert_eq!((page.status.as_u16(), page.attrs("iframe", "src").len(), page.attrs("main a.button", "href").len()), (200, 0, 0));
            assert!(!page.header("content-security-policy").contains("frame-src"));
        }
        stage.stop().await;
    }

    /// Without an app that wants frames, nothing has changed.
    async fn oidcc_rp_initiated_logout_without_frames(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout?id_token_hint={}&post_logout_redirect_uri=https://notes.test/bye", stage.issuer, tokens.id);
        assert_eq!(browser.get(&url).await.header("location"), "https://notes.test/bye");
        stage.stop().await;
    }

    /// `session_state` is of this app, this origin and this session, and of no other.
    async fn oidcc_session_management(stage: Stage) {
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

    /// The cookie that the frame reads holds no secret, and the frame answers nobody but who asks.
    async fn oidcc_check_session_iframe(stage: Stage) {
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
