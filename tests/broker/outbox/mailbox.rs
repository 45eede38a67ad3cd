//! Apps that fetch their events (RFC 8936).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use vestibule::partition::{By, Origin, StatusCode, Told};

use super::{Guest, event, guest, with_channels};
use crate::{
    on_both_stores,
    stage::{Browser, NOTES_SECRET, OnStore, Page, Receiver, Stage, WIKI_SECRET, eventually},
};

/// Two apps that fetch, and one of them that hears nothing otherwise.
async fn stage(on: OnStore) -> (Stage, Receiver) {
    let receiver = Receiver::start().await;
    let origin = receiver.origin.clone();
    let polling = move |config: String| {
        let config = with_channels(&config, &origin, &origin, &origin);
        config.replacen(
            &format!("events_uri = \"{origin}/events\"\nevents_authorization = \"{}\"", super::AUTHORIZATION),
            "events_poll = true",
            1,
        )
    };
    (Stage::start_with(on, polling).await, receiver)
}

async fn poll(stage: &Stage, app: &str, secret: &str, ask: &Value) -> Page {
    let basic = format!("Basic {}", STANDARD.encode(format!("{app}:{secret}")));
    let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
    Browser::new().raw("POST", &format!("{}/events/poll", stage.issuer), &headers, &ask.to_string()).await
}

/// What an app has waiting: `jti` and token.
async fn sets(stage: &Stage, app: &str, secret: &str, ask: &Value) -> Vec<(String, String)> {
    let page = poll(stage, app, secret, ask).await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"), "{}", page.body);
    let sets = page.json()["sets"].as_object().unwrap().clone();
    sets.into_iter().map(|(jti, token)| (jti, token.as_str().unwrap().to_owned())).collect()
}

async fn leave(stage: &Stage, guest: &Guest) -> StatusCode {
    let code = StatusCode::generate(&vestibule::types::SystemRandom);
    stage.broker().house().accounts.delete(&guest.who, Origin::Person, &code).await.unwrap();
    code
}

on_both_stores! {
    /// Fetched until acknowledged, by the app that it is for and nobody else.
    async fn events_are_fetched_until_acknowledged(on: OnStore) {
        let (stage, _receiver) = stage(on).await;
        let ada = guest(&stage, "ada", &["notes", "wiki"]).await;
        let now = json!({ "returnImmediately": true });
        assert_eq!(poll(&stage, "wiki", WIKI_SECRET, &now).await.json(), json!({ "sets": {}, "moreAvailable": false }));
        let code = leave(&stage, &ada).await;
        let keys = Browser::new().get(&format!("{}/jwks", stage.issuer)).await.body;
        // It waits for something new, and is answered when there is.
        let first = sets(&stage, "wiki", WIKI_SECRET, &json!({})).await;
        let [(jti, token)] = first.as_slice() else { panic!("{first:?}") };
        let read = event(&keys, token, "wiki", &stage.issuer);
        assert_eq!((read.kind.as_str(), &read.sub, &read.jti), ("account-purged", &ada.seen["wiki"].0, jti));
        let again = sets(&stage, "wiki", WIKI_SECRET, &now).await;
        assert_eq!(&again[0].0, jti, "not acknowledged yet");

        let theirs = sets(&stage, "notes", NOTES_SECRET, &json!({})).await;
        let [(other, token)] = theirs.as_slice() else { panic!("{theirs:?}") };
        assert_eq!(event(&keys, token, "notes", &stage.issuer).sub, ada.seen["notes"].0);
        assert_ne!(other, jti);
        // Nobody acknowledges or refuses for another.
        sets(&stage, "notes", NOTES_SECRET, &json!({ "ack": [jti], "setErrs": { jti: { "err": "invalid_key" } }, "maxEvents": 0 })).await;
        assert_eq!(sets(&stage, "wiki", WIKI_SECRET, &now).await.len(), 1);

        assert!(sets(&stage, "wiki", WIKI_SECRET, &json!({ "ack": [jti, "nonsense", other], "returnImmediately": true })).await.is_empty());
        assert!(sets(&stage, "wiki", WIKI_SECRET, &now).await.is_empty());
        sets(&stage, "notes", NOTES_SECRET, &json!({ "setErrs": { other: { "err": "invalid_key", "description": "x" } }, "maxEvents": 0 })).await;
        assert!(sets(&stage, "notes", NOTES_SECRET, &now).await.is_empty());
        let status = stage.broker().house().accounts.status(&code).await.unwrap().unwrap();
        assert!(matches!(status.apps[&"wiki".parse().unwrap()], Told::Acknowledged(_)));
        assert!(matches!(status.apps[&"notes".parse().unwrap()], Told::Refused(_)));
        stage.stop().await;
    }

    /// No more at once than asked for, and never without end.
    async fn an_answer_is_bounded(on: OnStore) {
        let (stage, _receiver) = stage(on).await;
        for _ in 0..3 {
            let ada = guest(&stage, "ada", &["wiki"]).await;
            stage.broker().house().sessions.end_one(&ada.who, session(&stage, &ada).await, By::User).await.unwrap();
        }
        let ask = json!({ "maxEvents": 2, "returnImmediately": true });
        let complete = async || poll(&stage, "wiki", WIKI_SECRET, &json!({ "returnImmediately": true })).await.json()["sets"].as_object().unwrap().len() == 3;
        eventually("all are there", complete).await;
        let page = poll(&stage, "wiki", WIKI_SECRET, &ask).await.json();
        assert_eq!((page["sets"].as_object().unwrap().len(), &page["moreAvailable"]), (2, &json!(true)));
        let ack: Vec<&String> = page["sets"].as_object().unwrap().keys().collect();
        let page = poll(&stage, "wiki", WIKI_SECRET, &json!({ "maxEvents": 0, "ack": ack })).await.json();
        assert_eq!(page, json!({ "sets": {}, "moreAvailable": true }));
        let page = poll(&stage, "wiki", WIKI_SECRET, &json!({ "maxEvents": u64::MAX, "returnImmediately": true })).await.json();
        assert_eq!((page["sets"].as_object().unwrap().len(), &page["moreAvailable"]), (1, &json!(false)));
        // Nothing new: the wait has an end.
        let ack: Vec<&String> = page["sets"].as_object().unwrap().keys().collect();
        let begun = std::time::Instant::now();
        assert!(sets(&stage, "wiki", WIKI_SECRET, &json!({ "ack": ack })).await.is_empty());
        assert!((5..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        stage.stop().await;
    }

    /// Whoever does not prove to be an app that fetches gets nothing.
    async fn only_the_app_itself_fetches(on: OnStore) {
        let (stage, _receiver) = stage(on).await;
        let now = json!({ "returnImmediately": true });
        for (app, secret, status) in [
            ("wiki", NOTES_SECRET, 401),
            ("wiki", "", 401),
            ("nobody", WIKI_SECRET, 401),
            ("wiki", WIKI_SECRET, 200),
        ] {
            assert_eq!(poll(&stage, app, secret, &now).await.status.as_u16(), status, "{app} {secret}");
        }
        let url = format!("{}/events/poll", stage.issuer);
        let basic = format!("Basic {}", STANDARD.encode(format!("wiki:{WIKI_SECRET}")));
        let send = async |headers: &[(&str, &str)], body: &str| Browser::new().raw("POST", &url, headers, body).await.status.as_u16();
        let json_with = [("authorization", basic.as_str()), ("content-type", "application/json; charset=utf-8")];
        let form_with = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(send(&[("content-type", "application/json")], "{}").await, 401);
        assert_eq!(send(&form_with, &format!("client_id=wiki&client_secret={WIKI_SECRET}")).await, 400);
        for bad in ["", "[]", "{\"maxEvents\":-1}", "{\"ack\":\"x\"}", "{\"ack\":[1]}", &"[".repeat(10_000)] {
            assert_eq!(send(&json_with, bad).await, 400, "{bad:.40}");
        }
        let long = format!("{{\"ack\":[\"{}\"]}}", "x".repeat(64 * 1024));
        assert_eq!(send(&json_with, &long).await, 413);
        assert_eq!(Browser::new().get(&url).await.status, 405);
        // An app that others post to has nothing to fetch.
        let shop = poll(&stage, "shop", "", &now).await.status.as_u16();
        assert!([400, 401].contains(&shop), "{shop}");
        stage.stop().await;
    }
}

async fn session(stage: &Stage, guest: &Guest) -> vestibule::types::ids::RandomId {
    let cookie = guest.browser.cookie(&stage.issuer, "vst_session").unwrap();
    stage.broker().house().sessions.find(&cookie).await.unwrap().unwrap().id
}

/// What is published about it is what is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metadata_is_true() {
    let (stage, _receiver) = stage(OnStore::Sqlite).await;
    let browser = Browser::new();
    let ssf = browser.get(&format!("{}/.well-known/ssf-configuration", stage.issuer)).await;
    assert_eq!((ssf.status.as_u16(), ssf.header("content-type")), (200, "application/json"));
    let ssf = ssf.json();
    assert_eq!((&ssf["spec_version"], &ssf["issuer"]), (&json!("1_0"), &json!(stage.issuer)));
    assert_eq!(browser.get(ssf["jwks_uri"].as_str().unwrap()).await.status, 200);
    assert_eq!(ssf["delivery_methods_supported"], json!(["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"]));
    assert!(ssf.as_object().unwrap().keys().all(|name| !name.ends_with("_endpoint")));
    let discovery = browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json();
    assert_eq!(discovery["backchannel_logout_supported"], true);
    assert_eq!(discovery["backchannel_logout_session_supported"], true);
    stage.stop().await;
}

/// A stop does not wait for those who wait for events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_does_not_wait_long_for_who_fetches() {
    let (stage, _receiver) = stage(OnStore::Sqlite).await;
    let issuer = stage.issuer.clone();
    let basic = format!("Basic {}", STANDARD.encode(format!("wiki:{WIKI_SECRET}")));
    let polling = tokio::spawn(async move {
        let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
        Browser::new().raw("POST", &format!("{issuer}/events/poll"), &headers, "{}").await.status.as_u16()
    });
    let begun = std::time::Instant::now();
    tokio::time::timeout(Duration::from_secs(15), stage.stop()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    let _either_way = polling.await;
}
