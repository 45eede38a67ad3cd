//! Power cuts: the real binary is killed in a stream of logins and code exchanges, again and again on one database.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use proptest::{prelude::Strategy, strategy::ValueTree, test_runner::TestRunner};

use crate::stage::{App, Browser, OnStore, Stage, eventually, param};

/// How often the power fails.
const CUTS: usize = 50;

/// How many people sign in at once.
const BROWSERS: usize = 3;

/// A code, and whether an app was told that it is redeemed.
struct Code {
    value: String,
    acknowledged: bool,
}

/// What the world outside knows for certain.
#[derive(Default)]
struct Known {
    sessions: Mutex<Vec<Browser>>,
    codes: Mutex<Vec<Code>>,
    exchanges: AtomicUsize,
    /// Exchanges of which only the broker knows how they ended.
    lost: AtomicUsize,
}

impl Known {
    /// Signs in and redeems until the connection breaks.
    async fn stream(&self, stage: &Stage, app: &App) {
        while self.exchange(stage, app).await.is_ok() {}
    }

    /// One login and one exchange, noted as far as it was acknowledged.
    async fn exchange(&self, stage: &Stage, app: &App) -> reqwest::Result<()> {
        let browser = Browser::new();
        let walked = walk(stage, &browser).await;
        if browser.cookie(&stage.issuer, "vst_session").is_some() {
            self.sessions.lock().unwrap().push(browser);
        }
        let code = walked?;
        let answer = app.try_token(&[("code", &code)]).await;
        let acknowledged = answer.as_ref().is_ok_and(|page| page.status == 200);
        assert!(acknowledged || answer.is_err(), "{answer:?}");
        self.codes.lock().unwrap().push(Code { value: code, acknowledged });
        self.exchanges.fetch_add(1, Ordering::SeqCst);
        self.lost.fetch_add(usize::from(!acknowledged), Ordering::SeqCst);
        answer.map(|_| ())
    }

    /// After the power is back: no code works twice, no session is lost.
    async fn holds(&self, stage: &Stage, app: &App, sessions: &[Browser]) -> usize {
        let codes = std::mem::take(&mut *self.codes.lock().unwrap());
        for code in &codes {
            let mut given = usize::from(code.acknowledged);
            for _ in 0..2 {
                let page = app.token(&[("code", &code.value)]).await;
                assert!(page.status == 200 || page.json()["error"] == "invalid_grant", "{} {}", page.status, page.body);
                given += usize::from(page.status == 200);
            }
            assert!(given <= 1, "a code gave tokens {given} times");
        }
        for browser in sessions {
            let page = browser.get(&stage.authorize(&[("prompt", "none")])).await;
            let answer = page.location().unwrap_or_else(|| panic!("{} {}", page.status, page.body));
            assert!(param(&answer, "code").is_some(), "a session is lost: {answer}");
        }
        codes.len()
    }
}

/// From the app to the provider and back, to the code.
async fn walk(stage: &Stage, browser: &Browser) -> reqwest::Result<String> {
    let mut page = browser.try_get(&stage.authorize(&[("provider", "google")])).await?;
    loop {
        let next = page.location().unwrap_or_else(|| panic!("{} {} {}", page.url, page.status, page.body));
        if next.host_str() == Some("notes.test") {
            return Ok(param(&next, "code").unwrap_or_else(|| panic!("{next}")));
        }
        page = browser.try_get(next.as_str()).await?;
    }
}

/// Kill -9, fifty times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_no_session_and_gives_no_code_twice() {
    let mut stage = Stage::start(OnStore::Sqlite).await;
    let mut process = stage.leave_to_the_binary().await;
    let (app, known) = (App::of(&stage), Known::default());
    let mut chance = TestRunner::deterministic();
    let (mut all_sessions, mut all_codes) = (Vec::new(), 0);
    for _ in 0..CUTS {
        let before = known.exchanges.load(Ordering::SeqCst);
        let cut = async {
            eventually("somebody is through", async || known.exchanges.load(Ordering::SeqCst) > before).await;
            let moment = (0_u64..120).new_tree(&mut chance).unwrap().current();
            tokio::time::sleep(Duration::from_millis(moment)).await;
            process.kill();
        };
        let streams = join_all((0..BROWSERS).map(|_| known.stream(&stage, &app)));
        tokio::join!(cut, streams);
        process.serve().await;
        let sessions = std::mem::take(&mut *known.sessions.lock().unwrap());
        all_codes += known.holds(&stage, &app, &sessions).await;
        all_sessions.extend(sessions);
    }
    // None of all those that were acknowledged is lost, however many cuts ago.
    known.holds(&stage, &app, &all_sessions).await;
    assert!(all_sessions.len() >= CUTS && all_codes >= CUTS, "{} {all_codes}", all_sessions.len());
    assert!(known.lost.load(Ordering::SeqCst) > 0, "no cut came in the middle of an exchange");
    drop(process);
    stage.stop().await;
}
