//! `vestibule serve` as a process among others: ports, signals, and the commands that run beside it.

use std::{fs, net::TcpListener, process::Output};

use serde_json::Value;

use crate::stage::{App, Browser, OnStore, Process, Stage, eventually, param};

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn served() -> (Stage, Process) {
    let mut stage = Stage::start_with(OnStore::Sqlite, |config| config + "\n[audit]\nfile = \"audit.jsonl\"\n").await;
    let process = stage.leave_to_the_binary().await;
    (stage, process)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_and_a_taken_database_name_themselves() {
    let (stage, process) = served().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let other = ("VESTIBULE__LISTEN__MANAGEMENT", "127.0.0.1:0");
    for (name, key) in
        [("VESTIBULE__LISTEN__HTTP", "listen.http"), ("VESTIBULE__LISTEN__MANAGEMENT", "listen.management")]
    {
        let free = ("VESTIBULE__LISTEN__HTTP", "127.0.0.1:0");
        let output = process.command(&["serve"], &[free, other, (name, &address)]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        for said in [key, address.as_str(), "next:"] {
            assert!(stderr(&output).contains(said), "{said} in {}", stderr(&output));
        }
    }
    let output = process.command(&["serve"], &[("VESTIBULE__LISTEN__HTTP", "127.0.0.1:0"), other]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(&format!("process {}", process.id())), "{}", stderr(&output));
    drop(process);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_it() {
    let (stage, mut process) = served().await;
    assert_eq!(json(&process.command(&["healthcheck", "--json"], &[]))["status"], "ok");
    let kids = |state: &str| {
        let listed = json(&process.command(&["keys", "list", "--json"], &[]));
        let of = |key: &Value| (key["state"] == state).then(|| key["kid"].as_str().unwrap().to_owned());
        listed["keys"].as_array().unwrap().iter().filter_map(of).collect::<Vec<_>>()
    };
    let next = kids("next");
    assert_eq!((next.len(), kids("current").len()), (3, 3));
    assert_eq!(json(&process.command(&["keys", "rotate", "--now", "--json"], &[]))["rotated"], true);
    assert_eq!(kids("current"), next);
    // Who serves takes them over.
    let browser = Browser::new();
    let mut hint = String::new();
    eventually("the new keys sign", async || {
        let answer = browser.sign_in(&stage, &[], "google").await;
        hint = App::of(&stage).tokens(&answer).await.id;
        next.iter().any(|kid| crate::stage::jws_header(&hint)["kid"] == **kid)
    })
    .await;
    assert_eq!(browser.get(&format!("{}/logout?id_token_hint={hint}", stage.issuer)).await.status, 303);

    process.signal("TERM");
    assert_eq!(process.ended(), Some(0));
    let audit = stage.folder().join("audit.jsonl");
    let path = audit.to_str().unwrap();
    let verified = process.command(&["audit", "verify", path, "--json"], &[]);
    assert!(json(&verified)["lines"].as_u64().unwrap() >= 2, "a login and a logout");
    let told = fs::read_to_string(&audit).unwrap();
    assert!(told.contains("\"event\":\"login\"") && !told.contains("gmail.com"), "{told}");
    fs::write(&audit, told.replacen("google", "gobble", 1)).unwrap();
    assert_eq!(process.command(&["audit", "verify", path], &[]).status.code(), Some(1));
    assert!(!process.command(&["healthcheck"], &[]).status.success());
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_takes_over_what_is_right_and_keeps_what_was_before_a_fault() {
    let (stage, process) = served().await;
    let browser = Browser::new();
    let new = [("client_id", "new"), ("redirect_uri", "https://new.test/cb")];
    let asks = async |changes: &[(&str, &str)]| browser.get(&stage.authorize(changes)).await.status.as_u16();
    assert_eq!(asks(&new).await, 400);

    fs::write(process.config(), "issuer = \"nonsense\"").unwrap();
    process.signal("HUP");
    eventually("the fault is told", async || process.log().contains("what was before stays")).await;
    assert_eq!(asks(&[]).await, 303);

    let app = "\n[apps.new]\nname = \"New\"\nredirect_uris = [\"https://new.test/cb\"]\n";
    fs::write(process.config(), format!("{}{app}", stage.config())).unwrap();
    process.signal("HUP");
    eventually("the new app is known", async || asks(&new).await == 303).await;
    drop(process);
    stage.stop().await;
}

/// Promise 8: a login that is on its way when the process is replaced arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_loses_no_login_in_flight() {
    let (stage, mut process) = served().await;
    let browser = Browser::new();
    let login = browser.open(&stage.authorize(&[])).await;
    process.signal("TERM");
    assert_eq!(process.ended(), Some(0));
    process.serve().await;
    let answer = browser.choose(&login, "google").await.location().unwrap();
    assert!(param(&answer, "code").is_some(), "{answer}");
    App::of(&stage).tokens(&answer).await;
    drop(process);
    stage.stop().await;
}
