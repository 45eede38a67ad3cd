//! What providers tell us, with real signatures over HTTP: the right effect, once, and nothing from what is wrong.

mod effects;
mod facebook;
mod once;
mod wrong;

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use url::form_urlencoded;
use vestibule::{
    accounts::Linked,
    demo::simulators::{Kind as Provider, Simulator},
    partition::{Cause, Deed, HeadIdentity, Presence, ProviderWord, StatusCode},
    session::Arrival,
    store::{Entry, Kind},
    types::{Claims, Clock, SystemClock, ids::IdentityId},
};

use crate::stage::{Browser, OnStore, Page, Stage};

const FORM: &str = "application/x-www-form-urlencoded";

fn as_is(_: &mut Map<String, Value>) {}

/// Posts a body to a route of events, at the issuer or at another instance.
async fn post(origin: &str, route: &str, content_type: &str, body: &str) -> Page {
    let headers = [("content-type", content_type)];
    Browser::new().raw("POST", &format!("{origin}/events/{route}"), &headers, body).await
}

fn form(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

async fn facebook(stage: &Stage, route: &str, signed_request: &str) -> Page {
    post(&stage.issuer, &format!("facebook/{route}"), FORM, &form("signed_request", signed_request)).await
}

async fn risc(stage: &Stage, set: &str) -> Page {
    post(&stage.issuer, "google/risc", "application/secevent+jwt", set).await
}

/// Google says something of a person, right now.
async fn google_says(stage: &Stage, person: &str, kind: &str) {
    let page = risc(stage, &stage.google.security_event(person, kind, as_is).unwrap()).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (202, ""), "{kind}: {}", page.body);
    assert_eq!(page.header("cache-control"), "no-store", "{kind}");
}

/// Whether the browser's session is alive.
async fn signed_in(stage: &Stage, browser: &Browser) -> bool {
    let Some(cookie) = browser.cookie(&stage.issuer, "vst_session") else { return false };
    stage.broker().house().sessions.find(&cookie).await.unwrap().is_some()
}

fn identity(stage: &Stage, provider: &vestibule::demo::simulators::Running, person: &str) -> IdentityId {
    let name = provider.kind().as_str();
    stage.codec().pseudonyms().identity(name, provider.subject(person).unwrap())
}

/// The person behind `who` adds a second way to sign in.
async fn link(stage: &Stage, who: &Presence, provider: &str, identity: IdentityId) {
    let way = HeadIdentity { provider: provider.parse().unwrap(), identity };
    let linked = stage.broker().house().accounts.link(who, way).await.unwrap();
    assert!(matches!(linked, Linked::Done), "{linked:?}");
}

/// A browser signs in that came by this way, without the ceremony at the provider; its cookie.
async fn arrive(stage: &Stage, provider: &str, identity: IdentityId) -> String {
    let (provider, auth_time) = (provider.parse().unwrap(), SystemClock.now());
    let arrival = Arrival { provider, identity, known: Claims::default(), auth_time, device: None };
    stage.broker().house().sessions.begin(&arrival, None).await.unwrap().cookie.expose().to_owned()
}

async fn lives(stage: &Stage, cookie: &str) -> bool {
    stage.broker().house().sessions.find(cookie).await.unwrap().is_some()
}

/// What providers said, as the person reads it.
async fn history(stage: &Stage, who: &Presence) -> Vec<ProviderWord> {
    let lines = stage.broker().house().accounts.history(who).await.unwrap();
    let said = lines.into_iter().filter_map(|line| match line.deed {
        Deed::ProviderSaid { word, .. } => Some(word),
        _ => None,
    });
    said.collect()
}

/// What the apps are about to be told.
async fn causes(stage: &Stage) -> Vec<Cause> {
    let codec = stage.codec();
    let hints = stage.records().await;
    let mut causes = Vec::new();
    for hint in hints.iter().filter_map(|entry| codec.open_hint(entry)) {
        let partition = vestibule::store::Partition::home(hint.home);
        let key = vestibule::store::RecordKey::intent(hint.case);
        let stored = stage.backend().read(&partition, &[key]).await.unwrap().pop().flatten();
        causes.extend(stored.map(|stored| codec.open_intent(hint.home, hint.case, &stored).unwrap().cause));
    }
    causes
}

/// Whether the apps are about to be told of the deletion with that code.
async fn is_about_to_be_told(stage: &Stage, code: &StatusCode) -> bool {
    let is_it = |cause: &Cause| matches!(cause, Cause::Deleted { status, .. } if *status == code.hash());
    causes(stage).await.iter().any(is_it)
}

/// Nobody works off what is announced, so that it can be looked at.
fn silence(stage: &Stage) {
    stage.broker().courier().close();
}

/// Everything about people, by name and version.
async fn snapshot(stage: &Stage) -> BTreeSet<(String, String, [u8; 16])> {
    let name = |entry: Entry| (entry.partition.as_str().into(), entry.key.as_str().into(), entry.stored.version);
    stage.people_records().await.into_iter().map(name).collect()
}

async fn count(stage: &Stage, kind: Kind) -> usize {
    stage.people_records().await.iter().filter(|entry| entry.key.kind() == Some(kind)).count()
}

/// A stage with Apple besides.
async fn with_apple(on: OnStore) -> (Stage, vestibule::demo::simulators::Running) {
    let apple = Simulator::new(Provider::Apple).start().await.unwrap();
    let section = apple.provider_section("apple");
    (Stage::start_with(on, move |config| format!("{config}\n{section}")).await, apple)
}

async fn apple_says(stage: &Stage, payload: &str) -> Page {
    let body = serde_json::json!({ "payload": payload }).to_string();
    post(&stage.issuer, "apple/apple", "application/json", &body).await
}

fn seconds_ago(seconds: u64) -> u64 {
    SystemClock.now().minus(std::time::Duration::from_secs(seconds)).as_secs()
}
