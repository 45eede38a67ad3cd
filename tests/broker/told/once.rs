//! Each message acts once: delivered again, at once, at several instances, and after a crash in the middle.

use futures_util::future::join_all;
use vestibule::{partition::races, store::RecordKey};

use super::*;
use crate::on_both_stores;

on_both_stores! {
    /// Ten deliveries at once, spread over two instances.
    async fn a_crowd_of_deliveries_acts_once(on: OnStore) {
        let stage = Stage::start(on).await;
        silence(&stage);
        let second = match on {
            OnStore::Redis => Some(stage.second_instance().await),
            // One process to a file.
            OnStore::Sqlite => None,
        };
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let who = stage.who(&browser).await;
        let set = stage.google.security_event("ada", "risc/event-type/sessions-revoked", as_is).unwrap();
        let origins = [&stage.issuer, second.as_ref().map_or(&stage.issuer, |second| &second.origin)];
        let deliveries = (0..10).map(|n| post(origins[n % 2], "google/risc", "application/secevent+jwt", &set));
        for page in join_all(deliveries).await {
            assert_eq!(page.status, 202, "{}", page.body);
        }
        assert!(!signed_in(&stage, &browser).await);
        assert_eq!(history(&stage, &who).await, [ProviderWord::SessionsRevoked]);
        assert_eq!(count(&stage, Kind::Event).await, 1);
        assert_eq!(causes(&stage).await.len(), 1, "the apps hear once");

        let before = snapshot(&stage).await;
        for _ in 0..3 {
            assert_eq!(risc(&stage, &set).await.status, 202);
        }
        assert_eq!(snapshot(&stage).await, before);
        if let Some(second) = second {
            second.running.stop().await;
        }
        stage.stop().await;
    }

    /// Deletions, all at once: one deletion, one code, one message to the apps.
    async fn a_crowd_of_deletion_requests_deletes_once(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "facebook").await;
        let request = stage.facebook.signed_request("ada", as_is).unwrap();
        let answers = join_all((0..8).map(|_| facebook(&stage, "deletion", &request))).await;
        let codes: BTreeSet<String> = answers.iter().map(|page| page.json()["confirmation_code"].to_string()).collect();
        assert_eq!(codes.len(), 1, "{codes:?}");
        let deletions = causes(&stage).await;
        assert_eq!(deletions.iter().filter(|cause| matches!(cause, Cause::Deleted { .. })).count(), 1);
        assert_eq!((count(&stage, Kind::Status).await, count(&stage, Kind::Event).await), (1, 1));
        stage.stop().await;
    }

    /// A crash after the act and before its record: the message comes again, and acting again adds nothing.
    async fn what_was_not_written_down_is_done_again_without_harm(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let who = stage.who(&browser).await;
        let set = stage.google.security_event("ada", "risc/event-type/sessions-revoked", as_is).unwrap();
        assert_eq!(risc(&stage, &set).await.status, 202);
        forget_events(&stage).await;
        let back = Browser::new();
        back.sign_in(&stage, &[], "google").await;
        assert_eq!(risc(&stage, &set).await.status, 202);
        assert_eq!(history(&stage, &who).await, [ProviderWord::SessionsRevoked], "one line, however often it is done");
        assert!(!signed_in(&stage, &back).await, "it was not known to be done");

        let other = Browser::new();
        other.sign_in(&stage, &[], "facebook").await;
        let request = stage.facebook.signed_request("ada", as_is).unwrap();
        let first = facebook(&stage, "deletion", &request).await;
        forget_events(&stage).await;
        let again = facebook(&stage, "deletion", &request).await;
        assert_eq!(first.json(), again.json(), "the code belongs to the message");
        let code = first.json()["confirmation_code"].as_str().unwrap().parse().unwrap();
        let status = stage.broker().house().accounts.status(&code).await.unwrap().unwrap();
        assert!(!status.nobody, "the page says what the first time did");
        stage.stop().await;
    }

    /// What is remembered names nobody, and goes after 90 days.
    async fn the_record_holds_a_pseudonym_and_ends(stage: Stage) {
        silence(&stage);
        google_says(&stage, "ada", "risc/event-type/sessions-revoked").await;
        let records = stage.people_records().await;
        let [event] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!(event.key.kind(), Some(Kind::Event));
        let days = event.stored.expires.unwrap().since(SystemClock.now()).as_secs().div_ceil(24 * 3600);
        assert_eq!(days, 90 + 1, "and a minute for clocks that differ");
        let subject = stage.google.subject("ada").unwrap().as_bytes();
        assert!(!event.stored.value.windows(subject.len()).any(|window| window == subject));
        stage.stop().await;
    }
}

/// As if the broker had stopped right before it wrote down that it had acted.
async fn forget_events(stage: &Stage) {
    for entry in stage.people_records().await.iter().filter(|entry| entry.key.kind() == Some(Kind::Event)) {
        races::remove(&*stage.backend(), &entry.partition, RecordKey::event()).await.unwrap();
    }
}
