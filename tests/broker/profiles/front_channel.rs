//! Front-Channel Logout OP.

use super::says;
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, jws_claims, param},
};

fn with_frames(config: String) -> String {
    let config =
        config.replace("[apps.notes]\n", "[apps.notes]\nfrontchannel_logout_uri = \"https://notes.test/front?x=1\"\n");
    config.replace("[apps.wiki]\n", "[apps.wiki]\nfrontchannel_logout_uri = \"https://wiki.test/front\"\n")
}

on_both_stores! {
    async fn oidcc_frontchannel_logout_discovery_endpoint_verification(stage: Stage) {
        says(&stage, &["frontchannel_logout_supported", "frontchannel_logout_session_supported"], &[]).await;
        stage.stop().await;
    }

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
        let query: Vec<(String, String)> = frame.query_pairs().into_owned().collect();
        let pairs = [("x", "1"), ("iss", &stage.issuer), ("sid", &sid)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query, pairs, "what is registered, these two, and nothing else");
        assert!(page.header("content-security-policy").contains("; frame-src https://notes.test;"), "{}", page.header("content-security-policy"));
        assert_eq!(page.attrs("meta[http-equiv]", "content"), ["2; url=https://notes.test/bye?state=s%26t"]);
        assert_eq!(page.attrs("main a.button", "href"), ["https://notes.test/bye?state=s%26t"]);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401, "signed out before the page is shown");
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("login_required"));
        // What is made up does nothing.
        for made_up in ["x", &farewell.as_str()[..farewell.as_str().len() - 2]] {
            let page = browser.get(&format!("{}/logout/done?farewell={made_up}", stage.issuer)).await;
            assert_eq!((page.status.as_u16(), page.attrs("iframe", "src").len(), page.attrs("main a.button", "href").len()), (200, 0, 0));
            assert!(!page.header("content-security-policy").contains("frame-src"));
        }
        stage.stop().await;
    }

    /// Without an app that wants frames, the browser is sent to the app at once.
    async fn without_frames_nothing_has_changed(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout?id_token_hint={}&post_logout_redirect_uri=https://notes.test/bye", stage.issuer, tokens.id);
        assert_eq!(browser.get(&url).await.header("location"), "https://notes.test/bye");
        stage.stop().await;
    }
}
