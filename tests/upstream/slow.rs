//! AC-47: a provider that is slow, endless or gone costs its own sign-ins a bounded time, and nobody else anything.

use std::{
    io::Write,
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use vestibule::{
    egress::{Bounds, Egress},
    types::SystemClock,
    upstream::UpstreamError,
};

use crate::{
    begin, build, build_with,
    fake_op::{FakeOp, Fault, Raw},
    sign_in,
};

/// Below the bounds of the design, above what a busy machine needs.
const PATIENCE: Duration = Duration::from_millis(7500);

/// Short, so that the test is.
fn hasty() -> Egress {
    Egress::new(Bounds { whole: Duration::from_secs(1), ..Bounds::default() })
}

#[tokio::test]
async fn a_stalled_answer_ends_in_time() {
    let op = FakeOp::start();
    let provider = build_with(&op.oidc(), &hasty(), Arc::new(SystemClock));
    assert!(sign_in(&provider, &op).await.is_ok());
    for (case, raw) in [("no answer", Raw::Stall), ("a byte in a while", Raw::Drip)] {
        op.inject(&Fault::Answer("/token", raw));
        let began = Instant::now();
        let result = sign_in(&provider, &op).await.map(drop);
        assert!(matches!(result, Err(UpstreamError::Unavailable(_))), "{case}: {result:?}");
        assert!(began.elapsed() < PATIENCE, "{case}");
        op.honest();
        assert!(sign_in(&provider, &op).await.is_ok(), "{case}");
    }
}

#[test]
fn the_bounds_are_those_of_the_design() {
    let bounds = Bounds::default();
    assert_eq!((bounds.connect, bounds.whole), (Duration::from_secs(3), Duration::from_secs(8)));
    assert_eq!(bounds.step, Duration::from_secs(10));
    assert_eq!(bounds.body, 1024 * 1024);
}

#[tokio::test]
async fn answers_that_are_each_in_time_are_given_up_in_sum() {
    let op = FakeOp::start();
    let bounds = Bounds { step: Duration::from_secs(2), ..Bounds::default() };
    let provider = build_with(&op.oidc(), &Egress::new(bounds), Arc::new(SystemClock));
    assert!(sign_in(&provider, &op).await.is_ok());
    op.inject(&Fault::Answer("/token", Raw::Stall));
    let began = Instant::now();
    let result = sign_in(&provider, &op).await.map(drop);
    assert!(matches!(result, Err(UpstreamError::Unavailable(_))), "{result:?}");
    assert!(began.elapsed() < PATIENCE);
    let fresh = build_with(&op.oidc(), &Egress::new(bounds), Arc::new(SystemClock));
    op.inject(&Fault::Answer("/.well-known/openid-configuration", Raw::Stall));
    assert!(matches!(fresh.begin(&begin()).await, Err(UpstreamError::Unavailable(_))));
    op.honest();
    assert!(sign_in(&fresh, &op).await.is_ok(), "what was given up is asked for again");
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let op = FakeOp::start();
    op.inject(&Fault::Answer("/.well-known/openid-configuration", Raw::Endless));
    let began = Instant::now();
    let result = build(&op.oidc()).begin(&begin()).await.map(drop);
    assert!(matches!(result, Err(UpstreamError::Invalid(_))), "{result:?}");
    assert!(began.elapsed() < PATIENCE, "long before the time is up");
}

#[tokio::test]
async fn headers_without_end_and_connections_without_answer() {
    let endless_headers = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = endless_headers.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in endless_headers.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let started = stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok();
                while started && stream.write_all(b"x-more: and more\r\n").is_ok() {}
            });
        }
    });
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let op = FakeOp::start();
    for (case, port) in [("headers", port), ("silence", silent.local_addr().unwrap().port())] {
        let issuer = format!("http://127.0.0.1:{port}");
        let section = op.section(vestibule::config::ProviderKind::Oidc { issuer });
        let began = Instant::now();
        let result = build_with(&section, &hasty(), Arc::new(SystemClock)).begin(&begin()).await.map(drop);
        assert!(matches!(result, Err(UpstreamError::Unavailable(_))), "{case}: {result:?}");
        assert!(began.elapsed() < PATIENCE, "{case}");
    }
}

#[tokio::test]
async fn one_provider_down_costs_the_others_nothing() {
    let (slow, fast) = (FakeOp::start(), FakeOp::start());
    slow.inject(&Fault::Answer("/token", Raw::Stall));
    let egress = hasty();
    let stuck = build_with(&slow.oidc(), &egress, Arc::new(SystemClock));
    let works = build_with(&fast.oidc(), &egress, Arc::new(SystemClock));
    let stuck = futures_util::future::join_all((0..50).map(|_| sign_in(&stuck, &slow)));
    let served = async {
        let began = Instant::now();
        for _ in 0..5 {
            assert!(sign_in(&works, &fast).await.is_ok());
        }
        began.elapsed()
    };
    let (stuck, took) = tokio::join!(stuck, served);
    assert!(stuck.iter().all(|result| matches!(result, Err(UpstreamError::Unavailable(_)))));
    assert!(took < PATIENCE, "{took:?}");
}

#[tokio::test]
async fn a_provider_that_is_gone_is_unavailable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let op = FakeOp::start();
    let section = op.section(vestibule::config::ProviderKind::Oidc { issuer: format!("http://127.0.0.1:{port}") });
    let result = build(&section).begin(&begin()).await.map(drop);
    assert!(matches!(result, Err(UpstreamError::Unavailable(_))), "{result:?}");
}
