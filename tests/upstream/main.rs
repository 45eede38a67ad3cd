//! The broker as a client of providers that lie, fail and stall: each fault is refused by name, and an honest sign-in
//! right after it works.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../support/fake_op/mod.rs"]
mod fake_op;

mod apple_and_google;
mod discovery;
mod facebook_and_github;
mod freshness;
mod id_tokens;
mod keys;
mod microsoft;
mod oauth2;
mod parting;
mod responses;
mod simulators;
mod slow;
mod user_info;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fake_op::FakeOp;
use vestibule::{
    config::ProviderConfig,
    egress::Egress,
    types::{Clock, SystemClock, SystemRandom, Timestamp},
    upstream::{self, Begin, Identity, Provider, UpstreamError},
};

/// The machine's clock, moved on by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Hand {
    fn turn(&self, span: Duration) {
        self.0.fetch_add(u64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_millis(self.0.load(Ordering::SeqCst)))
    }
}

fn build(section: &ProviderConfig) -> Arc<dyn Provider> {
    build_with(section, &Egress::default(), Arc::new(SystemClock))
}

fn build_with(section: &ProviderConfig, egress: &Egress, clock: Arc<dyn Clock>) -> Arc<dyn Provider> {
    let callback = format!("https://login.example.com/callback/{}", section.id).parse().unwrap();
    upstream::build(section, &callback, egress, clock, Arc::new(SystemRandom)).unwrap()
}

fn begin() -> Begin {
    Begin { state: "state-1".into(), ..Begin::default() }
}

/// Signs the person in: there, and back.
async fn sign_in(provider: &Arc<dyn Provider>, op: &FakeOp) -> Result<Identity, UpstreamError> {
    sign_in_as(provider, op, &begin()).await
}

async fn sign_in_as(provider: &Arc<dyn Provider>, op: &FakeOp, begin: &Begin) -> Result<Identity, UpstreamError> {
    let started = provider.begin(begin).await?;
    provider.finish(&started.held, &op.visit(&started.url)).await
}

/// The reason of an answer that was wrong.
fn invalid(result: Result<Identity, UpstreamError>, case: &str) -> String {
    match result {
        Err(UpstreamError::Invalid(why)) => why,
        other => panic!("{case}: {other:?}"),
    }
}
