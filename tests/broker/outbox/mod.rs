//! Apps are told: what, whom, how often, and what becomes of it.

mod causes;
mod delivery;
mod mailbox;
mod operator;
mod outage;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use vestibule::{
    broker::{Broker, World},
    courier::Courier,
    partition::Presence,
    store::Kind,
    types::{Clock, SetClock, SystemClock},
    web::House,
};

use crate::stage::{
    App, Browser, Delivery, NOTES_CALLBACK, NOTES_SECRET, OnStore, Receiver, Stage, Tokens, WIKI_SECRET, jws_claims,
    verified,
};

const HOUR: Duration = Duration::from_secs(3600);
/// What `notes` knows us by.
const AUTHORIZATION: &str = "Bearer notes-hears-us";

/// Apps that can be told, and a broker beside them whose clock stands still.
pub struct Town {
    stage: Stage,
    clock: Arc<SetClock>,
    broker: Broker,
    house: House,
    /// Posts and logout tokens.
    notes: Receiver,
    /// Logout tokens, with the session alone; its events it fetches.
    wiki: Receiver,
    /// Posts, but nobody goes there.
    shop: Receiver,
}

/// Somebody who is signed in at some apps.
pub struct Visitor {
    browser: Browser,
    /// Whom each app sees: `sub` and `sid`.
    seen: BTreeMap<&'static str, (String, String)>,
}

/// The same where the broker runs in this process, which knows them.
pub struct Guest {
    browser: Browser,
    who: Presence,
    seen: BTreeMap<&'static str, (String, String)>,
}

/// A configuration in which apps say where they can be told.
pub fn with_channels(config: &str, notes: &str, wiki: &str, shop: &str) -> String {
    let section = |app: &str| format!("[apps.{app}]");
    config
        .replacen(
            &section("notes"),
            &format!(
                "[apps.notes]\nallow_loopback = true\nevents_uri = \"{notes}/events\"\n\
                 events_authorization = \"{AUTHORIZATION}\"\nbackchannel_logout_uri = \"{notes}/logout\""
            ),
            1,
        )
        .replacen(
            &section("wiki"),
            &format!(
                "[apps.wiki]\nallow_loopback = true\nevents_poll = true\ncontacts = [\"wiki@example.org\"]\n\
                 backchannel_logout_uri = \"{wiki}/logout\"\nbackchannel_logout_session_required = true"
            ),
            1,
        )
        .replacen(&section("shop"), &format!("[apps.shop]\nallow_loopback = true\nevents_uri = \"{shop}/events\""), 1)
}

/// Signs in at an app, and redeems what it brings.
async fn visit(stage: &Stage, browser: &Browser, app: &'static str) -> (String, String) {
    let (redirect, secret) = match app {
        "notes" => (NOTES_CALLBACK, NOTES_SECRET),
        "wiki" => ("https://wiki.test/cb", WIKI_SECRET),
        "blog" => ("https://blog.test/cb", ""),
        other => panic!("{other}"),
    };
    let answer = browser.sign_in(stage, &[("client_id", app), ("redirect_uri", redirect)], "google").await;
    let code = crate::stage::param(&answer, "code").unwrap_or_else(|| panic!("{answer}"));
    let changes = [("client_id", app), ("redirect_uri", redirect), ("client_secret", secret), ("code", &code)];
    let claims = jws_claims(&Tokens::of(&App::of(stage).token(&changes).await).id);
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    (text("sub"), text("sid"))
}

/// Somebody signs in at apps in a browser of their own.
pub async fn visitor(stage: &Stage, person: &str, apps: &[&'static str]) -> Visitor {
    stage.google.answer_with(person);
    let (browser, mut seen) = (Browser::new(), BTreeMap::new());
    for app in apps {
        seen.insert(*app, visit(stage, &browser, app).await);
    }
    Visitor { browser, seen }
}

pub async fn guest(stage: &Stage, person: &str, apps: &[&'static str]) -> Guest {
    let Visitor { browser, seen } = visitor(stage, person, apps).await;
    let who = stage.who(&browser).await;
    Guest { browser, who, seen }
}

impl Visitor {
    /// Signs out, and waits for the answer.
    pub async fn sign_out(&self, stage: &Stage) {
        let question = self.browser.get(&format!("{}/logout", stage.issuer)).await;
        let mut fields = question.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let done = self.browser.post(&format!("{}/logout/answer", stage.issuer), &fields, &[]).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/logout/done"));
    }
}

impl Town {
    /// People sign in as `arrive` has it; then the broker that they came through stops, and another one goes on.
    pub async fn with<const N: usize>(on: OnStore, arrivals: [(&str, &[&'static str]); N]) -> (Self, [Guest; N]) {
        let [notes, wiki, shop] = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
        let origins = [&notes, &wiki, &shop].map(|receiver| receiver.origin.clone());
        let [n, w, s] = origins;
        let mut stage = Stage::start_with(on, move |config| with_channels(&config, &n, &w, &s)).await;
        let mut guests = Vec::new();
        for (person, apps) in arrivals {
            guests.push(guest(&stage, person, apps).await);
        }
        stage.close().await;
        let clock = Arc::new(SetClock::at(SystemClock.now()));
        let broker = beside(&stage, &clock).await;
        let house = broker.house();
        let Ok(guests) = guests.try_into() else { panic!("as many as came") };
        (Self { stage, clock, broker, house, notes, wiki, shop }, guests)
    }

    /// Another broker in its place, as after a crash.
    pub async fn restart(&mut self) {
        self.broker = beside(&self.stage, &self.clock).await;
        self.house = self.broker.house();
    }

    pub fn courier(&self) -> &Arc<Courier> {
        self.broker.courier()
    }

    /// Everything that is due is done.
    pub async fn settle(&self) {
        self.courier().settle().await.unwrap();
    }

    pub fn keys(&self) -> String {
        keys(&self.broker)
    }

    /// Nothing waits any more, and nothing says that anything did.
    pub async fn assert_all_told(&self) {
        let left: Vec<_> = self.stage.records().await.into_iter().map(|entry| entry.key).collect();
        let left: Vec<_> = left.iter().filter(|key| matches!(key.kind(), Some(Kind::Intent | Kind::Outbox))).collect();
        assert!(left.is_empty(), "{left:?}");
    }

    /// The events that came to an app, verified: their type, content and subject.
    pub fn events(&self, deliveries: &[Delivery], app: &str) -> Vec<Event> {
        let events = deliveries.iter().filter(|delivery| delivery.path == "/events");
        events.map(|delivery| event(&self.keys(), &delivery.token(), app, &self.stage.issuer)).collect()
    }

    /// The logout tokens that came to an app, verified: `sub` and `sid`.
    pub fn logouts(&self, deliveries: &[Delivery], app: &str) -> Vec<(String, Option<String>)> {
        let logouts = deliveries.iter().filter(|delivery| delivery.path == "/logout");
        logouts.map(|delivery| logout(&self.keys(), &delivery.token(), app, &self.stage.issuer)).collect()
    }
}

pub async fn beside(stage: &Stage, clock: &Arc<SetClock>) -> Broker {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let broker = Broker::new(stage.parsed(), World { clock, ..World::system() }).unwrap();
    broker.keyring().refresh().await.unwrap();
    broker
}

fn keys(broker: &Broker) -> String {
    String::from_utf8(broker.keyring().jwks().unwrap().json.to_vec()).unwrap()
}

/// A security event as an app reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub kind: String,
    pub content: Value,
    pub sub: String,
    pub sid: Option<String>,
    pub jti: String,
}

/// Reads an event as SSF 1.0 has them, and refuses it otherwise.
pub fn event(keys: &str, token: &str, app: &str, issuer: &str) -> Event {
    let claims = verified(keys, token, "secevent+jwt", app);
    assert_eq!(claims["iss"], issuer);
    for never in ["sub", "exp", "nonce"] {
        assert!(claims.get(never).is_none(), "{claims}");
    }
    let events = claims["events"].as_object().unwrap();
    assert_eq!(events.len(), 1);
    let (kind, content) = events.iter().next().unwrap();
    let subject = &claims["sub_id"];
    let (user, sid) = match subject["format"].as_str().unwrap() {
        "iss_sub" => (subject, None),
        "complex" => {
            assert_eq!(subject["session"]["format"], "opaque");
            (&subject["user"], Some(subject["session"]["id"].as_str().unwrap().to_owned()))
        }
        other => panic!("{other}"),
    };
    assert_eq!((&user["format"], &user["iss"]), (&"iss_sub".into(), &issuer.into()));
    let kind = kind.rsplit(['/', ':']).next().unwrap().to_owned();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Event { kind, content: content.clone(), sub: text(&user["sub"]), sid, jti: text(&claims["jti"]) }
}

/// Reads a logout token as Back-Channel Logout 1.0, section 2.6, says, and refuses it otherwise.
pub fn logout(keys: &str, token: &str, app: &str, issuer: &str) -> (String, Option<String>) {
    let claims = verified(keys, token, "logout+jwt", app);
    assert_eq!(claims["iss"], issuer);
    assert!(claims.get("nonce").is_none());
    assert_eq!(claims["events"], serde_json::json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    let number = |name: &str| claims[name].as_u64().unwrap();
    assert!((1..=120).contains(&(number("exp") - number("iat"))));
    assert!(!claims["jti"].as_str().unwrap().is_empty());
    (claims["sub"].as_str().unwrap().to_owned(), claims.get("sid").map(|sid| sid.as_str().unwrap().to_owned()))
}
