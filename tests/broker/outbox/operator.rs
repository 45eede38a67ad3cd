//! What an operator sees of the outbox, and can do about it, beside a running `serve`.

use serde_json::Value;

use super::{guest, visitor};
use crate::stage::{Browser, OnStore, Receiver, Stage, eventually};

/// One app, which is down.
async fn down() -> (Stage, Receiver) {
    let mut receiver = Receiver::start().await;
    let origin = receiver.origin.clone();
    let stage = Stage::start_with(OnStore::Sqlite, move |config| {
        let uri = format!("allow_loopback = true\nevents_uri = \"{origin}/events\"");
        config.replacen("[apps.notes]", &format!("[apps.notes]\n{uri}"), 1)
    })
    .await;
    receiver.down().await;
    (stage, receiver)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_listed_and_sent_on_demand() {
    let (mut stage, mut receiver) = down().await;
    let mut process = stage.leave_to_the_binary().await;
    let nothing = process.command(&["outbox", "list"], &[]);
    assert_eq!(String::from_utf8_lossy(&nothing.stdout).trim(), "Nothing waits.");
    let ada = visitor(&stage, "ada", &["notes"]).await;
    ada.sign_out(&stage).await;

    let list = || {
        let listed = process.command(&["outbox", "list", "--json"], &[]);
        serde_json::from_slice::<Value>(&listed.stdout).unwrap()["waiting"].as_array().unwrap().clone()
    };
    // Until the next try is so far away that only a command can bring it about.
    eventually("it was tried four times", async || list().iter().any(|letter| letter["attempts"].as_u64() >= Some(4)))
        .await;
    let waiting = list();
    let [letter] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((&letter["app"], &letter["event"]), (&"notes".into(), &"session-revoked".into()));
    let text = process.command(&["outbox", "list"], &[]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("notes  session-revoked"), "{text}");
    let (sub, sid) = &ada.seen["notes"];
    for shown in [text, letter.to_string(), process.log()] {
        assert!(!shown.contains(sub) && !shown.contains(sid), "{shown}");
    }

    receiver.up().await;
    let retry = |app: &str| process.command(&["outbox", "retry", "--json", "--app", app], &[]);
    assert_eq!(retry("nobody").status.code(), Some(2));
    let retried = retry("wiki");
    assert_eq!(serde_json::from_slice::<Value>(&retried.stdout).unwrap()["retried"], 0);
    let retried = process.command(&["outbox", "retry"], &[]);
    assert!(retried.status.success(), "{retried:?}");
    let begun = std::time::Instant::now();
    eventually("the app has heard of it", async || receiver.seen().len() == 1).await;
    assert!(begun.elapsed().as_secs() < 6, "{:?}", begun.elapsed());
    eventually("nothing waits", async || list().is_empty()).await;

    let metrics = Browser::new().get(&format!("{}/metrics", stage.management)).await.body;
    let sent = "vestibule_outbox_messages_total{app=\"notes\",outcome=";
    for line in ["vestibule_outbox_waiting ", "vestibule_outbox_oldest_seconds ", sent] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert!(metrics.contains(&format!("{sent}\"delivered\"}} 1")));
    let log = process.log();
    assert!(log.contains("an app was told") && !log.contains(sub.as_str()) && !log.contains("ada"), "{log}");
    process.signal("TERM");
    assert_eq!(process.ended(), Some(0));
    stage.stop().await;
}

/// A stop lets what is on its way arrive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_what_is_on_its_way() {
    let (mut stage, mut receiver) = down().await;
    receiver.up().await;
    receiver.hold(true);
    let ada = guest(&stage, "ada", &["notes"]).await;
    stage.broker().house().sessions.end_all(&ada.who, vestibule::partition::By::User).await.unwrap();
    eventually("it is on its way", async || receiver.seen().len() == 1).await;
    let stopping = stage.close();
    let released = async {
        tokio::task::yield_now().await;
        receiver.hold(false);
    };
    tokio::join!(stopping, released);
    let waits = stage.records().await.into_iter().filter(|entry| entry.key.as_str().starts_with("d:")).count();
    assert_eq!(waits, 0, "it arrived, and that is written down");
    stage.stop().await;
}
