//! The store goes away in the middle of traffic, and comes back; and what `gate.recheck` changes about that.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{FILES, Visitor, gated, visitor::text};
use crate::stage::{Browser, OnStore, Stage, eventually};

/// Checks without a pause, by several at a time, and each answer with the moments when it was asked for and when it came.
#[derive(Default)]
struct Traffic {
    answers: Mutex<Vec<(Instant, Instant, u16)>>,
    over: AtomicBool,
}

impl Traffic {
    fn begin(issuer: &str, cookie: &str) -> (Arc<Self>, Vec<tokio::task::JoinHandle<()>>) {
        let traffic = Arc::new(Self::default());
        let one = || {
            let (url, cookie) = (format!("{issuer}/gate/forward-auth"), format!("__Host-vst_gate={cookie}"));
            tokio::spawn(Arc::clone(&traffic).go_on(url, cookie))
        };
        let running = (0..8).map(|_| one()).collect();
        (traffic, running)
    }

    async fn go_on(self: Arc<Self>, url: String, cookie: String) {
        let proxy = Browser::careful();
        let told = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", FILES),
            ("x-forwarded-uri", "/"),
            ("cookie", &cookie),
        ];
        while !self.over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let page = proxy.raw("GET", &url, &told, "").await;
            assert_eq!(page.status == 200, !text(&page, "remote-user").is_empty(), "an identity with a yes alone");
            self.answers.lock().unwrap().push((asked, Instant::now(), page.status.as_u16()));
        }
    }

    /// What was asked for and answered in this time.
    fn between(&self, from: Instant, to: Instant) -> Vec<u16> {
        let answers = self.answers.lock().unwrap();
        let within = answers.iter().filter(|(asked, answered, _)| *asked >= from && *answered < to);
        within.map(|(.., status)| *status).collect()
    }

    /// Waits until enough was asked for and answered since.
    async fn flows(&self, from: Instant, what: &str) {
        eventually(what, async || self.between(from, Instant::now()).len() >= 50).await;
    }
}

/// Promise 7 in the middle of traffic: whatever is asked once the store is away, and once `recheck` is over, is answered
/// by 503; with the store back all pass again with the cookie that they have.
async fn stopped_in_traffic(recheck: Duration) {
    let delayed = move |config: String| format!("{}\n[gate]\nrecheck = \"{}s\"\n", gated(config), recheck.as_secs());
    let mut stage = Stage::start_with(OnStore::Redis, delayed).await;
    let cookie = {
        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        ada.cookie(FILES, "__Host-vst_gate").unwrap()
    };
    let begun = Instant::now();
    let (traffic, running) = Traffic::begin(&stage.issuer, &cookie);
    traffic.flows(begun, "traffic").await;
    let stopping = Instant::now();
    stage.store.redis().stop();
    let away = Instant::now() + recheck;
    traffic.flows(away, "answers without the store").await;
    let back = Instant::now();
    stage.store.redis().restart();
    let ada = Visitor::new(&stage);
    ada.set_cookie(FILES, "__Host-vst_gate", &cookie);
    eventually("the same pass counts again", async || ada.navigate(FILES, "/").await.status == 200).await;
    let well = Instant::now();
    traffic.flows(well, "answers with the store").await;
    traffic.over.store(true, Ordering::Relaxed);
    for task in running {
        task.await.unwrap();
    }
    let whole = |from, to, status| traffic.between(from, to).iter().all(|answer| *answer == status);
    assert!(whole(begun, stopping, 200) && whole(well, Instant::now(), 200));
    assert!(whole(away, back, 503), "{:?}", traffic.between(away, back));
    let all = traffic.between(begun, Instant::now());
    assert!(all.iter().all(|status| matches!(status, 200 | 503)), "nobody was sent to sign in");
    drop(ada);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_in_traffic_nobody_passes() {
    stopped_in_traffic(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_in_traffic_nobody_passes_once_the_delay_is_over() {
    stopped_in_traffic(Duration::from_secs(1)).await;
}

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
