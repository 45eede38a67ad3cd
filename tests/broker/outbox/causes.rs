//! Each cause reaches the apps that it concerns, by the names that they know, and no others.

use serde_json::json;
use vestibule::{
    accounts::Deleted,
    consent::Changed,
    partition::{By, Origin, StatusCode, Told},
    types::{Claim, SystemRandom},
};

use super::{Event, Guest, Town};
use crate::{on_both_stores, stage::OnStore};

/// What waits in the mailbox of `wiki`.
async fn fetched(town: &Town) -> Vec<Event> {
    let app = "wiki".parse().unwrap();
    let (letters, more) = town.house.outbox.mailbox(&app, 100).await.unwrap();
    assert!(!more);
    let directory = town.house.directory();
    let sign = |letter| {
        let app = directory.apps.get(&app).unwrap();
        vestibule::courier::sign(letter, app, &town.house.issuer, &town.house.keyring, town.house.clock.now()).unwrap()
    };
    letters.iter().map(|letter| super::event(&town.keys(), &sign(letter), "wiki", &town.stage.issuer)).collect()
}

/// Takes everything out of it.
async fn empty(town: &Town) {
    let app = "wiki".parse().unwrap();
    for letter in town.house.outbox.mailbox(&app, 100).await.unwrap().0 {
        let held = town.house.outbox.in_mailbox(&app, letter.id).await.unwrap().unwrap();
        town.house.outbox.end(&held, Told::Acknowledged(town.house.clock.now())).await.unwrap();
    }
}

fn name<'a>(guest: &'a Guest, app: &str) -> (&'a str, &'a str) {
    let (sub, sid) = &guest.seen[app];
    (sub, sid)
}

/// No app reads what another is told, and nobody goes to `shop`.
fn assert_no_others(town: &Town) {
    assert!(town.shop.take().is_empty());
    for delivery in town.notes.seen() {
        if delivery.path == "/events" {
            assert_eq!(delivery.headers["authorization"], super::AUTHORIZATION);
            assert_eq!(delivery.headers["accept"], "application/json");
        } else {
            assert!(!delivery.headers.contains_key("authorization"));
        }
    }
}

on_both_stores! {
    /// One browser of two signs out: the apps that were visited in it hear of that session, the others of nothing.
    async fn a_session_that_ends_is_told_to_its_apps(on: OnStore) {
        let (town, [ada, grace, elsewhere]) =
            Town::with(on, [("ada", &["notes", "wiki"]), ("grace", &["notes"]), ("ada", &["notes"])]).await;
        assert_eq!(name(&ada, "notes").0, name(&elsewhere, "notes").0);
        let cookie = ada.browser.cookie(&town.stage.issuer, "vst_session").unwrap();
        let session = town.house.sessions.find(&cookie).await.unwrap().unwrap();
        town.house.sessions.end(&session).await.unwrap();
        town.settle().await;
        assert_no_others(&town);

        let ((sub, sid), deliveries) = (name(&ada, "notes"), town.notes.take());
        let events = town.events(&deliveries, "notes");
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.kind.as_str(), event.sub.as_str(), event.sid.as_deref()), ("session-revoked", sub, Some(sid)));
        assert_eq!(event.content["initiating_entity"], "user");
        assert_eq!(town.logouts(&deliveries, "notes"), [(sub.to_owned(), Some(sid.to_owned()))]);

        let ((sub, sid), events) = (name(&ada, "wiki"), fetched(&town).await);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.sub.as_str(), event.sid.as_deref()), (sub, Some(sid)));
        assert_eq!(town.logouts(&town.wiki.take(), "wiki"), [(sub.to_owned(), Some(sid.to_owned()))]);
        assert_ne!(name(&ada, "wiki").0, name(&grace, "notes").0);
        empty(&town).await;
        town.assert_all_told().await;

        // What was told is not told again when the rest ends.
        town.house.sessions.end_all(&elsewhere.who, By::Admin).await.unwrap();
        town.settle().await;
        let ((sub, sid), deliveries) = (name(&elsewhere, "notes"), town.notes.take());
        assert_eq!(town.logouts(&deliveries, "notes"), [(sub.to_owned(), Some(sid.to_owned()))]);
        let events = town.events(&deliveries, "notes");
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.sub.as_str(), event.sid.as_deref()), (sub, None), "all of them");
        assert_eq!(event.content["initiating_entity"], "admin");
        assert!(town.wiki.take().is_empty() && fetched(&town).await.is_empty());
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// A session that begins before the apps are told that all ended goes on.
    async fn signing_out_everywhere_spares_what_comes_after(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        town.house.sessions.end_all(&ada.who, By::User).await.unwrap();
        let arrival = vestibule::session::Arrival {
            provider: "google".parse().unwrap(),
            identity: ada.who.living.identities[0].identity,
            known: vestibule::types::Claims::default(),
            auth_time: town.house.clock.now(),
            device: None,
        };
        let begun = town.house.sessions.begin(&arrival, None).await.unwrap();
        town.settle().await;
        let (sub, sid) = name(&ada, "notes");
        assert_eq!(town.logouts(&town.notes.take(), "notes"), [(sub.to_owned(), Some(sid.to_owned()))]);
        town.house.sessions.end(&begun.session).await.unwrap();
        town.settle().await;
        assert!(town.notes.take().is_empty(), "no app was visited in it");
        town.stage.stop().await;
    }

    /// Whom the operator shuts out is signed out at every app.
    async fn a_block_is_told_as_a_sign_out(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        town.house.accounts.block(ada.who.living.identities[0].identity).await.unwrap();
        town.settle().await;
        let ((sub, sid), deliveries) = (name(&ada, "notes"), town.notes.take());
        let events = town.events(&deliveries, "notes");
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.kind.as_str(), &event.content["initiating_entity"]), ("session-revoked", &json!("admin")));
        assert_eq!(town.logouts(&deliveries, "notes"), [(sub.to_owned(), Some(sid.to_owned()))]);
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    async fn a_disconnected_app_is_told_and_no_other(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes", "wiki"])]).await;
        let done = town.house.consents.disconnect(&ada.who, &"notes".parse().unwrap()).await.unwrap();
        assert_eq!(done, Changed::Done);
        town.settle().await;
        assert_no_others(&town);
        let ((sub, sid), deliveries) = (name(&ada, "notes"), town.notes.take());
        let events = town.events(&deliveries, "notes");
        let mut kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["consent-withdrawn", "session-revoked"]);
        assert!(events.iter().all(|event| event.sub == sub && event.sid.is_none()));
        assert_eq!(town.logouts(&deliveries, "notes"), [(sub.to_owned(), Some(sid.to_owned()))]);
        assert!(town.wiki.take().is_empty() && fetched(&town).await.is_empty());
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// What an app may see has changed: names, never values, and to that app alone.
    async fn a_change_is_told_by_names(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes", "wiki"])]).await;
        let directory = town.house.directory.load_full();
        let notes = directory.apps.find("notes").unwrap();
        for (on, claims, granted) in [
            (vec![Claim::Name], json!({}), json!(["name"])),
            (vec![], json!({ "name": null }), json!([])),
        ] {
            town.house.consents.change(&ada.who, notes, &on.into_iter().collect()).await.unwrap();
            town.settle().await;
            let deliveries = town.notes.take();
            let events = town.events(&deliveries, "notes");
            let [event] = events.as_slice() else { panic!("{events:?}") };
            assert_eq!((event.kind.as_str(), event.sub.as_str()), ("token-claims-change", name(&ada, "notes").0));
            assert_eq!((&event.content["claims"], &event.content["granted"]), (&claims, &granted));
            assert!(town.logouts(&deliveries, "notes").is_empty());
        }
        assert!(town.wiki.take().is_empty() && fetched(&town).await.is_empty());
        town.assert_all_told().await;
        town.stage.stop().await;
    }

    /// Everybody who ever knew the person hears of a deletion; the page of its code says how far it is.
    async fn a_deletion_is_told_to_every_app_that_knew_the_person(on: OnStore) {
        let (town, [ada, grace]) = Town::with(on, [("ada", &["notes", "wiki", "blog"]), ("grace", &["notes"])]).await;
        // An app that is gone again knows them all the same.
        town.house.consents.disconnect(&ada.who, &"blog".parse().unwrap()).await.unwrap();
        town.settle().await;
        let code = StatusCode::generate(&SystemRandom);
        let deleted = town.house.accounts.delete(&ada.who, Origin::Person, &code).await.unwrap();
        assert_eq!(deleted, Deleted::Done);
        assert_eq!(town.house.accounts.status(&code).await.unwrap().unwrap().gone, None);
        town.settle().await;
        assert_no_others(&town);

        let ((sub, _), deliveries) = (name(&ada, "notes"), town.notes.take());
        let events = town.events(&deliveries, "notes");
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.kind.as_str(), event.sub.as_str(), &event.sid), ("account-purged", sub, &None));
        assert_eq!(town.logouts(&deliveries, "notes"), [(sub.to_owned(), None)]);
        let ((sub, sid), events) = (name(&ada, "wiki"), fetched(&town).await);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.kind.as_str(), event.sub.as_str()), ("account-purged", sub));
        assert_eq!(town.logouts(&town.wiki.take(), "wiki"), [(sub.to_owned(), Some(sid.to_owned()))]);

        let now = town.house.clock.now();
        let told = async |app: &str| {
            let status = town.house.accounts.status(&code).await.unwrap().unwrap();
            assert_eq!(status.gone, Some(now));
            assert_eq!(status.apps.len(), 3);
            status.apps[&app.parse().unwrap()]
        };
        assert_eq!(told("notes").await, Told::Acknowledged(now));
        assert_eq!(told("wiki").await, Told::Waiting);
        assert_eq!(told("blog").await, Told::NoChannel);
        empty(&town).await;
        assert_eq!(told("wiki").await, Told::Acknowledged(now));
        town.assert_all_told().await;

        // Nothing of the life is left but that there was one; the others' lives go on.
        let left = town.stage.people_records().await;
        let of_ada: Vec<_> = left.iter().filter(|entry| entry.partition == ada.who.partition()).collect();
        assert!(matches!(of_ada.as_slice(), [head] if head.key.as_str() == "head"), "{of_ada:?}");
        assert!(left.iter().filter(|entry| entry.partition == grace.who.partition()).count() > 3);
        town.stage.stop().await;
    }

    /// Whoever signed out and then left at once: what an app still hears is that they left.
    async fn a_deletion_overtakes_a_sign_out(on: OnStore) {
        let (town, [ada]) = Town::with(on, [("ada", &["notes"])]).await;
        town.house.sessions.end_all(&ada.who, By::User).await.unwrap();
        let who = town.house.accounts.resolve(ada.who.living.identities[0].identity).await.unwrap();
        let vestibule::partition::Standing::Here(who) = who else { panic!("{who:?}") };
        let code = StatusCode::generate(&SystemRandom);
        town.house.accounts.delete(&who, Origin::Operator, &code).await.unwrap();
        town.settle().await;
        let deliveries = town.notes.take();
        let kinds: Vec<String> = town.events(&deliveries, "notes").into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["account-purged"]);
        assert_eq!(town.logouts(&deliveries, "notes").len(), 1);
        town.assert_all_told().await;
        town.stage.stop().await;
    }
}
