//! Revocation (RFC 7009).

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, Tokens, WIKI_SECRET},
};

const WIKI: [(&str, &str); 2] = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];

async fn signed_in(stage: &Stage) -> (App, Tokens) {
    let app = App::of(stage);
    let tokens = app.tokens(&Browser::new().sign_in(stage, &[], "google").await).await;
    (app, tokens)
}

on_both_stores! {
    /// A refresh token takes everything on its grant with it; asked again, the answer is the same.
    async fn a_refresh_token_takes_everything_with_it(stage: Stage) {
        let (app, first) = signed_in(&stage).await;
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        for _ in 0..2 {
            let page = app.revoke(&second.refresh, &[("token_type_hint", "refresh_token")]).await;
            assert_eq!((page.status.as_u16(), page.body.as_str(), page.header("cache-control")), (200, "{}", "no-store"));
            assert_eq!(page.header("content-type"), "application/json", "simple-oauth2 takes nothing else");
            for tokens in [&first, &second] {
                assert_eq!(app.userinfo(&tokens.access).await.status, 401);
                assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
            }
        }
        stage.stop().await;
    }

    /// One that was spent already does the same: whoever sends it wants to be gone.
    async fn a_spent_refresh_token_takes_everything_with_it(stage: Stage) {
        let (app, first) = signed_in(&stage).await;
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        assert_eq!(app.revoke(&first.refresh, &[("token_type_hint", "access_token")]).await.status, 200);
        assert_eq!(app.refresh(&second.refresh, &[]).await.status, 400);
        stage.stop().await;
    }

    /// An access token ends alone: the refresh token brings another.
    async fn an_access_token_ends_alone(stage: Stage) {
        let (app, first) = signed_in(&stage).await;
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        assert_eq!(app.revoke(&second.access, &[("token_type_hint", "nonsense")]).await.status, 200);
        assert_eq!(app.userinfo(&second.access).await.status, 401);
        assert_eq!(app.userinfo(&first.access).await.status, 200);
        // The answer that it came in is not given again, though its refresh token is still unused.
        let again = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        assert_eq!(app.userinfo(&again.access).await.status, 200);
        Tokens::of(&app.refresh(&again.refresh, &[]).await);
        stage.stop().await;
    }

    /// Nothing of another app's ends, and whoever does not prove who they are ends nothing (C-54).
    async fn only_its_own_app_gives_a_token_back(stage: Stage) {
        let (app, tokens) = signed_in(&stage).await;
        for token in [&tokens.refresh, &tokens.access] {
            let page = app.revoke(token, &WIKI).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")));
            for wrong in [[("client_secret", WIKI_SECRET)], [("client_secret", "")], [("client_id", "wiki")]] {
                let page = app.revoke(token, &wrong).await;
                assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")));
            }
        }
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        let tokens = Tokens::of(&app.refresh(&tokens.refresh, &[]).await);
        // What was never ours is good for nothing, as asked; and what is no token is left alone.
        for foreign in ["x", "vst_r_AAAA", "a.b.c", tokens.id.as_str()] {
            assert_eq!(app.revoke(foreign, &[]).await.status, 200, "{foreign}");
        }
        assert_eq!(app.revoke("", &[]).await.json()["error"], "invalid_request");
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        stage.stop().await;
    }
}
