//! Power cuts and outages, with the real binary: nobody who should hear that a session ended does not.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Visitor, logout, visitor};
use crate::stage::{Browser, Delivery, OnStore, Process, Receiver, Reply, Stage, eventually};

/// Three apps that hear of sign-outs; the third has another sector than itself.
async fn three() -> (Stage, [Receiver; 3]) {
    let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
    let origins: Vec<String> = receivers.iter().map(|receiver| receiver.origin.clone()).collect();
    let stage = Stage::start_with(OnStore::Sqlite, move |config| {
        ["notes", "wiki", "blog"].iter().zip(&origins).fold(config, |config, (app, origin)| {
            let uri = format!("allow_loopback = true\nbackchannel_logout_uri = \"{origin}/logout\"");
            config.replacen(&format!("[apps.{app}]"), &format!("[apps.{app}]\n{uri}"), 1)
        })
    })
    .await;
    (stage, receivers)
}

fn waiting(process: &Process) -> Vec<Value> {
    let listed = process.command(&["outbox", "list", "--json"], &[]);
    assert!(listed.status.success(), "{listed:?}");
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    listed["waiting"].as_array().unwrap().clone()
}

/// The logout tokens that came to an app: all of one message, about the session that this app knows.
fn assert_told(keys: &str, deliveries: &[Delivery], guest: &Visitor, app: &str, issuer: &str) {
    let (sub, sid) = &guest.seen[app];
    let mut names = BTreeSet::new();
    for delivery in deliveries {
        let token = delivery.token();
        assert_eq!(logout(keys, &token, app, issuer), (sub.clone(), Some(sid.clone())));
        names.insert(crate::stage::jws_claims(&token)["jti"].to_string());
    }
    assert_eq!(names.len(), 1, "{app} hears it once, however often it was sent");
}

/// One app is down at first, one answers 500 twice, and the broker is killed in between: the first two hear of it at
/// once, the third when it is up, and the person waits for none of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_reaches_every_app_through_outage_and_power_cut() {
    let (mut stage, [notes, wiki, mut blog]) = three().await;
    let mut process = stage.leave_to_the_binary().await;
    let ada = visitor(&stage, "ada", &["notes", "wiki", "blog"]).await;
    wiki.answer([Reply::With(500, "", ""), Reply::With(500, "", "")]);
    blog.down().await;
    let begun = Instant::now();
    ada.sign_out(&stage).await;
    let signed_out = Instant::now();
    assert!(signed_out - begun < Duration::from_secs(3), "{:?}", signed_out - begun);
    eventually("the first app has heard of it", async || notes.seen().len() == 1).await;
    assert!(signed_out.elapsed() < Duration::from_secs(2), "{:?}", signed_out.elapsed());
    eventually("the others were tried", async || {
        let tried = waiting(&process);
        tried.len() == 2 && tried.iter().all(|letter| letter["attempts"].as_u64() >= Some(1))
    })
    .await;
    process.kill();
    process.serve().await;
    eventually("the second app has heard of it", async || wiki.seen().len() == 3).await;
    assert_eq!(blog.seen().len(), 0);
    blog.up().await;
    eventually("the third app has heard of it", async || blog.seen().len() == 1).await;
    eventually("nothing waits any more", async || waiting(&process).is_empty()).await;
    let keys = Browser::new().get(&format!("{}/jwks", stage.issuer)).await.body;
    for (receiver, app, times) in [(&notes, "notes", 1), (&wiki, "wiki", 3), (&blog, "blog", 1)] {
        let deliveries = receiver.seen();
        assert_eq!(deliveries.len(), times);
        assert_told(&keys, &deliveries, &ada, app, &stage.issuer);
    }
    drop(process);
    stage.stop().await;
}

/// The broker is killed the moment that the person has their answer, whatever it is doing: all apps hear of it, since
/// what must be told was written with the act.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_right_after_the_answer_loses_nothing() {
    let (mut stage, receivers) = three().await;
    let mut process = stage.leave_to_the_binary().await;
    let ada = visitor(&stage, "ada", &["notes", "wiki", "blog"]).await;
    ada.sign_out(&stage).await;
    process.kill();
    process.serve().await;
    // What was in hand when it died is taken up when its lease is over.
    let mut lasted = 0;
    while receivers.iter().any(|receiver| receiver.seen().is_empty()) || !waiting(&process).is_empty() {
        tokio::time::sleep(Duration::from_millis(250)).await;
        lasted += 1;
        assert!(lasted < 4 * 90, "not within a minute and a half");
    }
    let keys = Browser::new().get(&format!("{}/jwks", stage.issuer)).await.body;
    for (receiver, app) in receivers.iter().zip(["notes", "wiki", "blog"]) {
        assert_told(&keys, &receiver.seen(), &ada, app, &stage.issuer);
    }
    drop(process);
    stage.stop().await;
}

/// A store that is away is waited for; then everything goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_is_waited_for() {
    let mut receiver = Receiver::start().await;
    let origin = receiver.origin.clone();
    let logout = format!("allow_loopback = true\nbackchannel_logout_uri = \"{origin}/logout\"");
    let change = move |config: String| config.replacen("[apps.notes]", &format!("[apps.notes]\n{logout}"), 1);
    let mut stage = Stage::start_with(OnStore::Redis, change).await;
    let ada = visitor(&stage, "ada", &["notes"]).await;
    receiver.down().await;
    ada.sign_out(&stage).await;
    let tried = async || {
        let overview = stage.broker().courier().outbox().list().await.unwrap();
        overview.iter().any(|letter| letter.attempts > 0)
    };
    eventually("it was tried", tried).await;
    stage.store.redis().stop();
    receiver.up().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(receiver.seen().is_empty(), "without the store nobody knows of it");
    stage.store.redis().restart();
    eventually("the app has heard of it", async || receiver.seen().len() == 1).await;
    stage.stop().await;
}
