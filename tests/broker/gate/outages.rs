//! The store goes away in the middle of traffic, and comes back; and what `gate.recheck` changes about that.

use super::{FILES, Visitor, gated, visitor::text};
use crate::stage::{OnStore, Stage, eventually};

/// Promise 7: with the store away only 503, never a pass; then all goes on, and nobody signs in again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_store_nobody_passes_and_afterwards_everybody_does() {
    let mut stage = Stage::start_with(OnStore::Redis, gated).await;
    let cookies = {
        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        ada.cookie(FILES, "__Host-vst_gate").unwrap()
    };
    stage.store.redis().stop();
    {
        let ada = Visitor::new(&stage);
        ada.set_cookie(FILES, "__Host-vst_gate", &cookies);
        for _ in 0..3 {
            let page = ada.navigate(FILES, "/").await;
            assert_eq!(page.status, 503);
            assert!(!page.header("retry-after").is_empty());
            assert_eq!(ada.auth_request("GET", "https://files.test/", &[]).await.status, 503);
        }
        // What nobody needs a pass for goes on.
        assert_eq!(ada.navigate("board.test", "/public/").await.status, 200);
        assert_eq!(Visitor::new(&stage).navigate(FILES, "/").await.status, 302);
    }
    stage.store.redis().restart();
    let ada = Visitor::new(&stage);
    ada.set_cookie(FILES, "__Host-vst_gate", &cookies);
    eventually("the same pass counts again", async || ada.navigate(FILES, "/").await.status == 200).await;
    stage.stop().await;
}

/// With `recheck` a check stands for so long, and no longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recheck_is_a_delay_and_not_a_pardon() {
    let delayed = |config: String| format!("{}\n[gate]\nrecheck = \"2s\"\n", gated(config));
    let mut stage = Stage::start_with(OnStore::Redis, delayed).await;
    let cookie = {
        let ada = Visitor::new(&stage);
        ada.visit(FILES, "/").await;
        let user = text(&ada.navigate(FILES, "/").await, "remote-user");
        assert!(!user.is_empty());
        ada.cookie(FILES, "__Host-vst_gate").unwrap()
    };
    stage.store.redis().stop();
    let ada = Visitor::new(&stage);
    ada.set_cookie(FILES, "__Host-vst_gate", &cookie);
    assert_eq!(ada.navigate(FILES, "/").await.status, 200, "looked up a moment ago");
    eventually("the delay is over", async || ada.navigate(FILES, "/").await.status == 503).await;
    assert_eq!(ada.navigate(FILES, "/").await.status, 503);
}

/// A sign-out counts within the delay, on every host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_counts_within_the_delay() {
    let delayed = |config: String| format!("{}\n[gate]\nrecheck = \"1s\"\n", gated(config));
    let stage = Stage::start_with(OnStore::Sqlite, delayed).await;
    let ada = Visitor::new(&stage);
    assert_eq!(ada.visit(FILES, "/").await.status, 200);
    let who = stage.who(&ada.browser).await;
    stage.broker().house().sessions.end_all(&who, vestibule::partition::By::User).await.unwrap();
    eventually("the sign-out counts", async || ada.navigate(FILES, "/").await.status == 302).await;
    stage.stop().await;
}
