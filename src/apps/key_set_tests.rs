use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use url::Url;

use super::{KeySets, NoKeys};
use crate::{
    egress::Egress,
    types::{App, SetClock, Timestamp, app_keys::KeySource},
};

/// An app's own web server, which publishes its keys.
struct Publisher {
    url: Url,
    says: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap()).parse().unwrap();
        let (says, asked) = (Arc::new(Mutex::new(None::<Value>)), Arc::new(AtomicUsize::new(0)));
        let (body, count) = (Arc::clone(&says), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _request = stream.read(&mut [0; 2048]).unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (status, body) = match &*body.lock().unwrap() {
                    Some(body) => ("200 OK", body.to_string()),
                    None => ("500 Oh", String::new()),
                };
                let length = body.len();
                write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                    .unwrap();
            }
        });
        Self { url, says, asked }
    }

    fn says(&self, kids: &[&str]) {
        let x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
        let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
        let key = |kid: &&str| json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid });
        let unusable = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "s" });
        let keys: Vec<Value> = kids.iter().map(key).chain([unusable]).collect();
        *self.says.lock().unwrap() = Some(json!({ "keys": keys }));
    }

    fn app(&self) -> App {
        let keys = Some(KeySource::Published(self.url.clone()));
        App { keys, allow_loopback: true, ..crate::flow::tests::app() }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn sets() -> (KeySets, Arc<SetClock>) {
    let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
    (KeySets::new(Egress::default(), clock.clone()), clock)
}

#[tokio::test]
async fn a_new_key_is_found_but_nobody_makes_us_ask_all_the_time() {
    let (publisher, (sets, clock)) = (Publisher::start(), sets());
    let app = publisher.app();
    publisher.says(&["one"]);
    let has = async |kid| sets.of(&app, Some(kid)).await.unwrap().for_kid(Some(kid)).count();
    assert_eq!((has("one").await, has("one").await, publisher.asked()), (1, 1, 1));
    publisher.says(&["two"]);
    for _ in 0..20 {
        assert_eq!((has("two").await, publisher.asked()), (0, 1), "within the cool-down");
    }
    clock.forward(Duration::from_secs(31));
    assert_eq!((has("two").await, publisher.asked()), (1, 2));
    assert_eq!(has("one").await, 0, "withdrawn");
    // AC-79: a clock that was ahead and is set right makes nobody wait.
    clock.back(Duration::from_secs(3600));
    publisher.says(&["three"]);
    assert_eq!((has("three").await, publisher.asked()), (1, 3));
}

#[tokio::test]
async fn an_address_that_fails_is_not_asked_all_the_time_and_what_was_known_serves_for_a_while() {
    let (publisher, (sets, clock)) = (Publisher::start(), sets());
    let app = publisher.app();
    for _ in 0..5 {
        assert_eq!(sets.of(&app, None).await, Err(NoKeys::Away));
    }
    assert_eq!(publisher.asked(), 1);
    clock.forward(Duration::from_secs(31));
    publisher.says(&["one"]);
    assert!(sets.of(&app, Some("one")).await.is_ok());
    *publisher.says.lock().unwrap() = None;
    clock.forward(Duration::from_secs(30 * 60));
    assert!(sets.of(&app, Some("one")).await.is_ok(), "half an hour old");
    clock.forward(Duration::from_secs(31 * 60));
    assert_eq!(sets.of(&app, Some("one")).await, Err(NoKeys::Away), "more than an hour old");
}

#[tokio::test]
async fn what_is_not_open_is_not_asked() {
    let (publisher, (sets, _)) = (Publisher::start(), sets());
    publisher.says(&["one"]);
    let app = App { allow_loopback: false, ..publisher.app() };
    assert_eq!(sets.of(&app, None).await, Err(NoKeys::Away));
    assert_eq!(publisher.asked(), 0);
}

#[tokio::test]
async fn many_who_ask_at_once_ask_once() {
    let (publisher, (sets, _)) = (Publisher::start(), sets());
    publisher.says(&["one"]);
    let app = publisher.app();
    let all = futures_util::future::join_all((0..50).map(|_| sets.of(&app, Some("one")))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(publisher.asked(), 1);
}
