//! UserInfo.

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, jws_claims},
};

on_both_stores! {
    /// What the app may see, under the subject that it knows; by header and by form (RFC 6750).
    async fn userinfo_gives_what_the_app_may_see(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let page = app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
        let info = page.json();
        assert_eq!(info["sub"], jws_claims(&tokens.id)["sub"]);
        assert_eq!(info["email"], "ada.lovelace@gmail.com");
        assert!(info.get("name").is_none() && info.get("picture").is_none());
        let url = format!("{}/userinfo", stage.issuer);
        let posted = browser.post(&url, &[("access_token", tokens.access.as_str())], &[]).await;
        assert_eq!(posted.json(), info);
        let both = browser.post(&url, &[("access_token", tokens.access.as_str())], &[("authorization", &format!("Bearer {}", tokens.access))]).await;
        assert_eq!(both.status, 400);
        stage.stop().await;
    }

    /// Anything that is not an access token of ours for UserInfo is none (GW1 to GW3, AC-26).
    async fn userinfo_takes_nothing_else(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let (head, rest) = tokens.access.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let none = vestibule::types::bytes::to_base64url(br#"{"typ":"at+jwt","alg":"none"}"#);
        let first = if signature.starts_with('A') { "B" } else { "A" };
        let broken = format!("{first}{}", &signature[1..]);
        for wrong in [
            tokens.id.clone(), String::new(), "x".into(), "a.b.c".into(), format!("{none}.{body}."),
            format!("{head}.{body}.{broken}"), format!("{head}.{body}."), format!("{head}.{body}"), format!("{}.", tokens.access), "x".repeat(20_000),
        ] {
            let page = app.userinfo(&wrong).await;
            assert!(page.status == 401 || page.status == 400 || page.status == 431, "{} {wrong}", page.status);
            if page.status == 401 {
                assert!(page.header("www-authenticate").starts_with("Bearer "));
            }
        }
        let url = format!("{}/userinfo", stage.issuer);
        let bare = browser.get(&url).await;
        assert_eq!((bare.status.as_u16(), bare.header("www-authenticate").contains("error")), (401, false));
        let in_query = browser.get(&format!("{url}?access_token={}", tokens.access)).await;
        assert_eq!(in_query.status, 401);
        stage.stop().await;
    }

    /// Signing out ends what hangs on the session.
    async fn userinfo_ends_with_the_session(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout?id_token_hint={}", stage.issuer, tokens.id);
        assert_eq!(browser.get(&url).await.status, 303);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        stage.stop().await;
    }
}
