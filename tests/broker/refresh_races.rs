//! AC-28 at length: many parallel uses of one refresh token, round after round, and refreshes beside a revocation.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Stage, Tokens, jws_claims},
};

/// How often the successor of a round is raced for in the next.
const ROUNDS: usize = 200;

/// How many use one refresh token at the same time.
const AT_ONCE: usize = 64;

async fn refused(app: &App, token: &str) {
    let page = app.refresh(token, &[]).await;
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")), "{}", page.body);
}

/// An honest app asks again where it was told to: on a machine with much else to do, a store may take too long.
async fn answered(app: &App, token: &str) -> Page {
    loop {
        let page = app.refresh(token, &[]).await;
        if page.status != 503 {
            return page;
        }
        assert_ne!(page.header("retry-after"), "", "{}", page.body);
    }
}

/// Everybody hears the same answer in each round; at the end, the first token still ends the last one: one family.
async fn race(apps: &[App], first: &Tokens) {
    let (sid, mut last) = (jws_claims(&first.id)["sid"].clone(), first.clone());
    for round in 0..ROUNDS {
        let tries = apps.iter().cycle().take(AT_ONCE).map(|app| answered(app, &last.refresh));
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

/// Refreshes at each of these instances beside a revocation at the last one, again and again: after both answers nothing
/// works anywhere.
async fn beside_a_revocation(stage: &Stage, apps: &[App]) {
    let browser = Browser::new();
    browser.sign_in(stage, &[], "google").await;
    let [.., revoking] = apps else { panic!("no instance") };
    for _ in 0..20 {
        let answer = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        let first = apps[0].tokens(&answer).await;
        let refreshes = join_all(apps.iter().cycle().take(8).map(|app| app.refresh(&first.refresh, &[])));
        let (pages, revoked) = join(refreshes, revoking.revoke(&first.refresh, &[])).await;
        assert_eq!(revoked.status, 200);
        let is_won = |page: &&Page| page.status == 200;
        for page in pages.iter().filter(|page| !is_won(page)) {
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")));
        }
        let gone: Vec<Tokens> = pages.iter().filter(is_won).map(Tokens::of).chain([first]).collect();
        for app in apps {
            for tokens in &gone {
                refused(app, &tokens.refresh).await;
                assert_eq!(app.userinfo(&tokens.access).await.status, 401);
            }
        }
    }
}

/// With the revocation at the other instance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_refresh_brought_beside_a_revocation_elsewhere_works() {
    let stage = Stage::start(OnStore::Redis).await;
    let second = stage.second_instance().await;
    beside_a_revocation(&stage, &[App::of(&stage), App::at(&second.origin)]).await;
    second.running.stop().await;
    stage.stop().await;
}

on_both_stores! {
    /// Whatever a refresh brought beside a revocation: after both answers nothing of it works.
    async fn nothing_that_a_refresh_brought_beside_a_revocation_works(stage: Stage) {
        beside_a_revocation(&stage, &[App::of(&stage)]).await;
        stage.stop().await;
    }
}
