//! Promise 7 upstream: a provider that is down at the start stops nothing, and works once it is back.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use vestibule::demo::simulators::{Kind, Simulator};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, param},
};

/// What promise 7 gives a provider to be noticed again.
const WORKS_WITHIN: Duration = Duration::from_secs(60);

const SECRET: &str = "secret-of-the-late-provider-0123456789";

/// The provider `late`, whose port is closed until somebody starts it there.
fn late(port: u16) -> Simulator {
    Simulator { port, client_secret: Some(SECRET.into()), ..Simulator::new(Kind::Google) }
}

on_both_stores! {
    /// Promise 7: it is not asked before somebody wants to go there, and within a minute of its return it is used.
    async fn a_provider_that_is_down_at_start_stops_nothing(on: OnStore) {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let client_id = late(port).client_id;
        let stage = Stage::start_with(on, move |config| {
            format!(
                "{config}\n[providers.late]\nkind = \"google\"\nissuer = \"http://127.0.0.1:{port}\"\n\
                 allow_loopback = true\nclient_id = \"{client_id}\"\nclient_secret = \"{SECRET}\"\n"
            )
        })
        .await;
        let browser = Browser::new();
        assert_eq!(browser.get(&format!("{}/readyz", stage.management)).await.status, 200);
        assert_eq!(browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.status, 200);
        let login = browser.open(&stage.authorize(&[])).await;
        let page = browser.choose(&login, "late").await;
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(page.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
        assert!(browser.cookie(&stage.issuer, "vst_session").is_none());
        App::of(&stage).tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;

        let provider = late(port).start().await.unwrap();
        provider.answer_with("grace");
        let back = Instant::now();
        let answer = loop {
            let login = browser.open(&stage.authorize(&[])).await;
            let page = browser.choose(&login, "late").await;
            if let Some(answer) = page.location().filter(|url| param(url, "code").is_some()) {
                break answer;
            }
            assert!(back.elapsed() < WORKS_WITHIN, "{} {}", page.status, page.body);
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        App::of(&stage).tokens(&answer).await;
        provider.stop().await;
        stage.stop().await;
    }
}
