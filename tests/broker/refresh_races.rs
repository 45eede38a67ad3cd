//! AC-28 at length: many parallel uses of one refresh token, round after round, and refreshes beside a revocation.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, Tokens, jws_claims},
};

/// How often the successor of a round is raced for in the next.
const ROUNDS: usize = 200;

/// How many use one refresh token at the same time.
const AT_ONCE: usize = 64;

async fn refused(app: &App, token: &str) {
    let page = app.refresh(token, &[]).await;
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")), "{}", page.body);
}

/// Everybody hears the same answer in each round; at the end, the first token still ends the last one: one family.
async fn race(apps: &[App], first: &Tokens) {
    let (sid, mut last) = (jws_claims(&first.id)["sid"].clone(), first.clone());
    for round in 0..ROUNDS {
        let tries = apps.iter().cycle().take(AT_ONCE).map(|app| app.refresh(&last.refresh, &[]));
        let pages = join_all(tries).await;
        let answers: BTreeSet<(u16, &str)> =
            pages.iter().map(|page| (page.status.as_u16(), page.body.as_str())).collect();
        assert_eq!(answers.len(), 1, "round {round}: {answers:?}");
        let next = Tokens::of(&pages[0]);
        assert_ne!(next.refresh, last.refresh, "round {round}");
        assert_eq!(jws_claims(&next.id)["sid"], sid, "round {round}");
        last = next;
    }
    refused(&apps[0], &first.refresh).await;
    for app in apps {
        refused(app, &last.refresh).await;
        assert_eq!(app.userinfo(&last.access).await.status, 401);
    }
}

/// Sixty-four over one instance on SQLite, two hundred times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_rounds_over_one_instance() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let app = App::of(&stage);
    let first = app.tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
    race(&[app], &first).await;
    stage.stop().await;
}

/// Sixty-four over two instances on Redis, two hundred times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_rounds_over_two_instances() {
    let stage = Stage::start(OnStore::Redis).await;
    let second = stage.second_instance().await;
    let apps = [App::of(&stage), App::at(&second.origin)];
    let first = apps[0].tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
    race(&apps, &first).await;
    second.running.stop().await;
    stage.stop().await;
}

on_both_stores! {
    /// Whatever a refresh brought beside a revocation: after both answers nothing of it works.
    async fn nothing_that_a_refresh_brought_beside_a_revocation_works(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        browser.sign_in(&stage, &[], "google").await;
        for _ in 0..20 {
            let answer = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
            let first = app.tokens(&answer).await;
            let refreshes = join_all((0..8).map(|_| app.refresh(&first.refresh, &[])));
            let (pages, revoked) = join(refreshes, app.revoke(&first.refresh, &[])).await;
            assert_eq!(revoked.status, 200);
            refused(&app, &first.refresh).await;
            assert_eq!(app.userinfo(&first.access).await.status, 401);
            for page in pages {
                if page.status == 200 {
                    let tokens = Tokens::of(&page);
                    refused(&app, &tokens.refresh).await;
                    assert_eq!(app.userinfo(&tokens.access).await.status, 401);
                } else {
                    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")));
                }
            }
        }
        stage.stop().await;
    }
}
