//! Back-Channel Logout OP.

use super::says;
use crate::{
    on_both_stores, outbox,
    stage::{App, Browser, OnStore, Receiver, Stage, eventually, jws_claims, jws_header, param},
};

on_both_stores! {
    async fn oidcc_backchannel_logout_discovery_endpoint_verification(stage: Stage) {
        says(&stage, &["backchannel_logout_supported", "backchannel_logout_session_supported"], &[]).await;
        stage.stop().await;
    }

    /// The app is told by a logout token of this session, the browser is back at the app with its state, and nobody is
    /// signed in any more.
    async fn oidcc_backchannel_rp_initiated_logout(on: OnStore) {
        let receiver = Receiver::start().await;
        let told = format!(
            "[apps.notes]\nallow_loopback = true\nbackchannel_logout_uri = \"{}/logout?x=1\"\nbackchannel_logout_session_required = true\n",
            receiver.origin
        );
        let stage = Stage::start_with(on, move |config| config.replace("[apps.notes]\n", &told)).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let query = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", "https://notes.test/bye"), ("state", "s-1")];
        let url = url::Url::parse_with_params(&format!("{}/logout", stage.issuer), query).unwrap();
        assert_eq!(browser.get(url.as_str()).await.header("location"), "https://notes.test/bye?state=s-1");
        eventually("the app is told", async || !receiver.seen().is_empty()).await;
        let [delivery] = receiver.take().try_into().unwrap();
        // `token` reads a form that has `logout_token` and nothing else.
        let (path, token) = (delivery.path.as_str(), delivery.token());
        assert_eq!((path, delivery.headers["content-type"].as_str()), ("/logout?x=1", "application/x-www-form-urlencoded"));
        let keys = browser.get(&format!("{}/jwks", stage.issuer)).await.body;
        let (sub, sid) = outbox::logout(&keys, &token, "notes", &stage.issuer);
        let known = jws_claims(&tokens.id);
        assert_eq!((sub.as_str(), sid.as_deref()), (known["sub"].as_str().unwrap(), known["sid"].as_str()));
        assert_eq!(jws_header(&token)["alg"], jws_header(&tokens.id)["alg"], "by the algorithm of the app's ID tokens");
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("login_required"));
        stage.stop().await;
    }
}
