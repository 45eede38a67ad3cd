use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use vestibule::demo::{self, Options, StopBroker};

use crate::{apps::http, support::client};

#[actix_web::test]
async fn the_demo_configures_the_broker_and_leaves_nothing() {
    let given: Arc<Mutex<String>> = Arc::default();
    let stopped: Arc<Mutex<bool>> = Arc::default();
    let (seen, flag) = (Arc::clone(&given), Arc::clone(&stopped));
    let running = demo::start(Options::default(), http(), async move |text| {
        seen.lock().unwrap().push_str(&text);
        let stop: StopBroker = Box::new(move || Box::pin(async move { *flag.lock().unwrap() = true }));
        Ok(stop)
    })
    .await
    .unwrap();

    let config: toml::Table = given.lock().unwrap().parse().unwrap();
    assert_eq!(config["issuer"].as_str(), Some(running.issuer.as_str()));
    assert_eq!(config["providers"]["google"]["issuer"].as_str(), Some(running.google.origin()));
    assert_eq!(config["providers"]["facebook"]["client_id"].as_str(), Some(running.facebook.client_id()));
    let callback = format!("{}callback", running.notes.base);
    assert_eq!(config["apps"]["notes"]["redirect_uris"][0].as_str(), Some(callback.as_str()));
    assert_eq!(config["apps"]["notes"]["claims"]["email"]["need"].as_str(), Some("required"));
    assert_eq!(config["apps"]["photos"]["claims"]["name"]["need"].as_str(), Some("required"));
    assert_ne!(config["secrets"]["master"], config["secrets"]["pepper"]);
    let database = config["store"]["url"].as_str().unwrap().strip_prefix("sqlite://").unwrap().to_owned();
    std::fs::write(&database, "x").unwrap();

    let welcome = running.welcome();
    for address in [running.notes.base.as_str(), running.photos.base.as_str(), &running.issuer] {
        assert!(welcome.contains(address));
    }
    for app in [&running.notes, &running.photos] {
        assert_eq!(client().get(app.base.clone()).send().await.unwrap().status(), StatusCode::OK);
    }
    running.stop().await;
    assert!(*stopped.lock().unwrap() && !std::path::Path::new(&database).exists());
}

#[actix_web::test]
async fn a_broker_that_does_not_start_says_why_and_leaves_nothing() {
    let mut given = String::new();
    // Ports of this test's own: whoever else runs a demo meanwhile could take one of the usual ports that it gives back.
    let failed = demo::start(Options { port: Some(28_600), ..Options::default() }, http(), async |text| {
        given = text;
        Err("no such thing".into())
    })
    .await;
    assert_eq!(failed.err().unwrap().to_string(), "the broker did not start: no such thing");
    let config: toml::Table = given.parse().unwrap();
    let database = config["store"]["url"].as_str().unwrap().strip_prefix("sqlite://").unwrap();
    assert!(!std::path::Path::new(database).parent().unwrap().exists());
    let app = config["apps"]["notes"]["client_uri"].as_str().unwrap();
    assert!(client().get(app).send().await.unwrap_err().is_connect());
}

#[actix_web::test]
async fn a_taken_port_names_itself() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let failed =
        demo::start(Options { port: Some(port), ..Options::default() }, http(), async |_| Err("not reached".into()))
            .await;
    assert!(failed.err().unwrap().to_string().contains(&format!("127.0.0.1:{port}")));
}
