//! How often, how long, and what ends it.

use std::{collections::BTreeSet, time::Duration};

use vestibule::{
    partition::{By, Origin, StatusCode, Told},
    types::{Claim, SystemRandom},
};

use super::{Guest, HOUR, Town, beside};
use crate::{
    on_both_stores,
    stage::{Delivery, OnStore, Reply, eventually},
};

const MINUTE: Duration = Duration::from_secs(60);

async fn delete(town: &Town, guest: &Guest) -> StatusCode {
    let code = StatusCode::generate(&SystemRandom);
    town.house.accounts.delete(&guest.who, Origin::Person, &code).await.unwrap();
    code
}

async fn told(town: &Town, code: &StatusCode, app: &str) -> Told {
    town.house.accounts.status(code).await.unwrap().unwrap().apps[&app.parse().unwrap()]
}

fn events(deliveries: &[Delivery]) -> Vec<&Delivery> {
    deliveries.iter().filter(|delivery| delivery.path == "/events").collect()
}

fn names(town: &Town, deliveries: &[Delivery]) -> Vec<String> {
    town.events(deliveries, "notes").into_iter().map(|event| event.jti).collect()
}

on_both_stores! {
    /// An app that is down hears of it when it is up, once, under the name that the message had from the start.
    async fn an_app_that_was_down_hears_of_it(on: OnStore) {
        let (mut town, [ada]) = Town::with(on, [("ada", &["notes", "blog"])]).await;
        town.notes.down().await;
        let code = delete(&town, &ada).await;
        for _ in 0..30 {
            town.settle().await;
            assert_eq!(told(&town, &code, "notes").await, Told::Waiting);
            town.clock.forward(HOUR);
        }
        town.notes.up().await;
        town.settle().await;
        assert_eq!(told(&town, &code, "notes").await, Told::Acknowledged(town.house.clock.now()));
        let deliveries = town.notes.take();
        assert_eq!((town.events(&deliveries, "notes").len(), town.logouts(&deliveries, "notes").len()), (1, 1));
        town.clock.forward(HOUR);
        town.settle().await;
        assert!(town.notes.take().is_empty());
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// 500 once or twice, then yes: each message goes out under one name however often it is sent.
    async fn trouble_of_an_app_is_waited_for(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        let code = delete(&town, &ada).await;
        town.notes.answer([Reply::With(500, "", ""), Reply::With(503, "retry-after: 600\r\n", ""), Reply::With(429, "", "")]);
        town.settle().await;
        assert_eq!(town.notes.seen().len(), 2, "an event and a logout token, both in vain");
        town.clock.forward(MINUTE);
        town.settle().await;
        assert_eq!(town.notes.seen().len(), 3, "one was asked to wait for ten minutes");
        town.clock.forward(10 * MINUTE);
        town.settle().await;
        let deliveries = town.notes.take();
        assert_eq!(deliveries.len(), 5);
        let distinct: BTreeSet<String> = names(&town, &deliveries).into_iter().collect();
        assert_eq!(distinct.len(), 1);
        assert_eq!(told(&town, &code, "notes").await, Told::Acknowledged(town.house.clock.now()));
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// Much waits for an app that does not answer: it is left alone with all of it, fresh news but for one included, and
    /// hears everything when it is back. Others notice nothing.
    async fn a_long_outage_of_one_app_costs_the_others_nothing(on: OnStore) {
        let arrivals = [("ada", &["notes", "wiki"][..]); 6];
        let (mut town, guests) = Town::with(on, arrivals).await;
        town.notes.down().await;
        let directory = town.house.directory.load_full();
        let notes = directory.apps.find("notes").unwrap();
        for round in 0..4 {
            let on = if round % 2 == 0 { [Claim::Name].into() } else { BTreeSet::new() };
            town.house.consents.change(&guests[0].who, notes, &on).await.unwrap();
        }
        town.settle().await;
        let attempts = async || {
            let waiting = town.house.outbox.list().await.unwrap();
            (waiting.len(), waiting.iter().map(|letter| letter.attempts).sum::<u32>())
        };
        let (all, tried) = attempts().await;
        assert_eq!(all, 4);
        assert!((1..4).contains(&tried), "two at a time were tried, and the rest spared: {tried}");
        let session = |guest: &Guest| guest.browser.cookie(&town.stage.issuer, "vst_session").unwrap();
        for guest in &guests[1..] {
            let session = town.house.sessions.find(&session(guest)).await.unwrap().unwrap();
            town.house.sessions.end(&session).await.unwrap();
        }
        town.settle().await;
        assert_eq!(town.wiki.take().len(), 5, "whoever answers is told at once");
        town.notes.up().await;
        for _ in 0..20 {
            town.clock.forward(5 * MINUTE);
            town.settle().await;
        }
        assert_eq!(town.notes.take().len(), 4 + 2 * 5);
        town.stage.stop().await;
    }

    /// A receiver that says why it refuses is not asked again (RFC 8935); nor is one that could not sign somebody out.
    async fn a_refusal_ends_it(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        let refusal = || Reply::With(400, "", r#"{"err":"invalid_audience","description":"who?"}"#);
        town.notes.answer([refusal(), refusal()]);
        let code = delete(&town, &ada).await;
        town.settle().await;
        assert_eq!(town.notes.take().len(), 2);
        assert_eq!(told(&town, &code, "notes").await, Told::Refused(town.house.clock.now()));
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// After 72 hours nobody tries any more, and the page says so.
    async fn after_three_days_it_is_given_up(on: OnStore) {
        let (mut town, [ada]) = Town::with(on, [("ada", &["notes", "wiki"])]).await;
        town.notes.down().await;
        town.wiki.down().await;
        let code = delete(&town, &ada).await;
        for _ in 0..(72 * 6 - 1) {
            town.settle().await;
            town.clock.forward(10 * MINUTE);
        }
        for _ in 0..10 {
            town.settle().await;
            town.clock.forward(MINUTE);
        }
        town.settle().await;
        for app in ["notes", "wiki"] {
            assert!(matches!(told(&town, &code, app).await, Told::NotReachable(_)), "{app}");
        }
        town.notes.up().await;
        town.clock.forward(HOUR);
        town.settle().await;
        assert!(town.notes.take().is_empty());
        town.stage.stop().await;
    }

    /// With every instance stopped for days the letter ends by itself; the page knows.
    async fn a_page_knows_when_nobody_was_there_to_write_it(on: OnStore) {
        let (mut town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        town.notes.down().await;
        let code = delete(&town, &ada).await;
        town.settle().await;
        town.clock.forward(73 * HOUR);
        let status = town.house.accounts.status(&code).await.unwrap().unwrap();
        let (app, now) = ("notes".parse().unwrap(), town.house.clock.now());
        assert!(matches!(status.told(&app, now), Some(Told::NotReachable(_))));
        assert_eq!(status.told(&app, status.received), Some(Told::Waiting));
        town.stage.stop().await;
    }

    /// A crash after the act and before anything was expanded; and one after that and before anything was delivered.
    async fn a_crash_loses_nothing_and_doubles_nothing(on: OnStore) {
        let (mut town, [ada, grace]) = Town::with(on, [("ada", &["notes"]), ("grace", &["notes"])]).await;
        delete(&town, &ada).await;
        town.restart().await;
        town.notes.down().await;
        town.settle().await;
        delete(&town, &grace).await;
        town.restart().await;
        town.settle().await;
        town.notes.up().await;
        town.restart().await;
        town.clock.forward(HOUR);
        town.settle().await;
        let deliveries = town.notes.take();
        let subjects: BTreeSet<String> = town.events(&deliveries, "notes").into_iter().map(|event| event.sub).collect();
        assert_eq!(subjects, [ada.seen["notes"].0.clone(), grace.seen["notes"].0.clone()].into());
        assert_eq!((events(&deliveries).len(), deliveries.len()), (2, 4));
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// Whatever is under way at one instance no other takes up; if it dies with it, another does when the lease is over.
    async fn two_instances_never_deliver_one_message_at_a_time(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        let other = beside(&town.stage, &town.clock).await;
        town.notes.hold(true);
        delete(&town, &ada).await;
        let courier = std::sync::Arc::clone(town.courier());
        let delivering = tokio::spawn(async move { courier.settle().await });
        eventually("both are under way", async || town.notes.seen().len() == 2).await;
        other.courier().settle().await.unwrap();
        assert_eq!(town.notes.seen().len(), 2, "the other instance leaves them alone");
        delivering.abort();
        assert!(delivering.await.unwrap_err().is_cancelled());
        town.notes.hold(false);
        other.courier().settle().await.unwrap();
        assert_eq!(town.notes.seen().len(), 2, "nobody knows yet that it died");
        town.clock.forward(MINUTE);
        tokio::try_join!(town.courier().settle(), other.courier().settle()).unwrap();
        let deliveries = town.notes.take();
        let names = names(&town, &deliveries);
        assert_eq!((deliveries.len(), names.len()), (4, 2), "once more each");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 1, "under the same name, so that an app knows");
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// Two that begin at once share the work, and do none of it twice.
    async fn two_instances_share_the_work(on: OnStore) {
        let (town, guests) = Town::with(on, [("ada", &["notes"]), ("grace", &["notes"])]).await;
        let other = beside(&town.stage, &town.clock).await;
        for guest in &guests {
            town.house.sessions.end_all(&guest.who, By::User).await.unwrap();
        }
        tokio::try_join!(town.courier().settle(), other.courier().settle()).unwrap();
        // Each may have left to the other what the other had in hand.
        tokio::try_join!(town.courier().settle(), other.courier().settle()).unwrap();
        let deliveries = town.notes.take();
        assert_eq!((deliveries.len(), events(&deliveries).len()), (4, 2));
        assert_eq!(names(&town, &deliveries).iter().collect::<BTreeSet<_>>().len(), 2);
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// An announcement whose act never came is dropped, once it is certain that none comes.
    async fn an_announcement_without_an_act_is_dropped(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        let codec = town.stage.codec();
        let backend = town.stage.backend();
        let cause = vestibule::partition::Cause::SignedOutEverywhere { by: By::User };
        let now = town.house.clock.now();
        let put = vestibule::partition::intent::announce(&*backend, &codec, &ada.who, cause, now).await.unwrap();
        town.settle().await;
        let waits = async || town.house.outbox.overview().await.unwrap().waiting;
        assert_eq!(waits().await, 1, "the commit may be on its way");
        // It comes late, but it comes.
        let commit = vestibule::store::Commit { puts: vec![put], guards: vec![ada.who.unchanged()], deletes: vec![] };
        town.clock.forward(MINUTE);
        town.settle().await;
        assert_eq!(waits().await, 1);
        let late = backend.commit(&ada.who.partition(), commit.clone()).await.unwrap();
        assert_eq!(late, vestibule::store::Outcome::Committed);
        town.clock.forward(MINUTE);
        town.settle().await;
        town.assert_all_told().await;
        // The next one never does.
        let now = town.house.clock.now();
        let cause = vestibule::partition::Cause::SignedOutEverywhere { by: By::User };
        drop(vestibule::partition::intent::announce(&*backend, &codec, &ada.who, cause, now).await.unwrap());
        town.settle().await;
        town.clock.forward(10 * MINUTE);
        town.settle().await;
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// An app that answers without end, or never, is cut off; another is not kept waiting by it.
    async fn a_hostile_app_is_cut_off(on: OnStore) {
        let (town, [ada, grace]) = Town::with(on, [("ada", &["notes", "wiki"]), ("grace", &["wiki"])]).await;
        town.notes.answer([Reply::Flood, Reply::Silence]);
        town.house.sessions.end_all(&ada.who, By::User).await.unwrap();
        town.house.sessions.end_all(&grace.who, By::User).await.unwrap();
        let courier = std::sync::Arc::clone(town.courier());
        let settling = tokio::spawn(async move { courier.settle().await });
        eventually("the other app has been told", async || town.wiki.seen().len() == 2).await;
        assert!(!settling.is_finished(), "while the silent one was still waited for");
        settling.await.unwrap().unwrap();
        eventually("both are tried again, and taken", async || {
            town.clock.forward(10 * MINUTE);
            town.settle().await;
            town.notes.seen().len() >= 4
        })
        .await;
        town.stage.stop().await;
    }

    /// What a settings file does not open is not asked, though it be an app's address (SSRF): nor where a name leads.
    async fn an_address_inside_is_not_asked(on: OnStore) {
        let (mut town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        let port = url::Url::parse(&town.notes.origin).unwrap().port().unwrap();
        let addresses = [format!("https://127.0.0.1:{port}"), format!("https://localhost:{port}"), "https://10.0.0.7".into(), "https://169.254.169.254".into()];
        for address in addresses {
            let open = town.notes.origin.clone();
            let config = town.stage.config().replace(&open, &address).replace("[apps.notes]\nallow_loopback = true\n", "[apps.notes]\nallow_loopback = false\n");
            // Loopback in the file itself is a mistake that shows at the start; where a name leads does not.
            let Ok(config) = vestibule::config::Config::parse(&config, town.stage.folder(), &vestibule::config::Environment::default()) else {
                assert!(address.contains("127.0.0.1") || address.contains("localhost"), "{address}");
                continue;
            };
            town.broker.reload(&config).unwrap();
            town.house = town.broker.house();
            town.house.consents.pause(&ada.who, town.house.directory.load_full().apps.find("notes").unwrap()).await.unwrap();
            town.house.sessions.end_all(&ada.who, By::User).await.unwrap();
            town.settle().await;
        }
        assert!(town.notes.take().is_empty());
        assert!(town.house.outbox.overview().await.unwrap().waiting > 0, "it waits, and nothing went out");
        town.stage.stop().await;
    }
}
