//! AC-68: what the real binary writes to its log, at its loudest, with hostile values all around it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::stage::{App, Browser, NOTES_SECRET, OnStore, Stage, Wire, jws_claims, param};

/// One word of every hostile value, so that it is found wherever it got to, and what would break a line.
const WORD: &str = "hunter2";
const BREAKS: &str = "\r\n{\"level\":\"ERROR\"}\u{1b}[2J\u{2028}\u{202e}";

fn hostile() -> String {
    format!("{WORD}{BREAKS}")
}

/// Sends hostile values wherever a value can be sent.
async fn annoy(stage: &Stage) {
    let (browser, app, wire) = (Browser::new(), App::of(stage), Wire::to(stage));
    let hostile = hostile();
    let long = format!("{WORD}{}", "y".repeat(10_000));
    for value in [hostile.as_str(), long.as_str()] {
        for name in ["state", "nonce", "redirect_uri", "scope", "login_hint", "ui_locales", "provider", "prompt"] {
            browser.get(&stage.authorize(&[(name, value)])).await;
        }
        for query in ["state", "code", "error", "error_description", "iss", "parked"] {
            let url = url::Url::parse_with_params(
                &format!("{}/callback/google", stage.issuer),
                [("state", "a.b"), (query, value)],
            );
            browser.get(url.unwrap().as_str()).await;
        }
        for name in ["code", "client_secret", "redirect_uri", "code_verifier", "grant_type"] {
            app.token(&[("code", "vst_c_x"), (name, value)]).await;
        }
        app.userinfo(&value.replace(['\r', '\n', '\u{1b}', '\u{2028}', '\u{202e}'], "")).await;
    }
    // A provider's own words in an error: the attempt is genuine, the answer is hostile.
    let chosen = browser.get(&stage.authorize(&[("provider", "google")])).await.location().unwrap();
    let state = param(&chosen, "state").unwrap();
    let params = [("state", state.as_str()), ("error", &*hostile), ("error_description", &*hostile)];
    let url = url::Url::parse_with_params(&format!("{}/callback/google", stage.issuer), params).unwrap();
    assert_ne!(browser.get(url.as_str()).await.status, 303);
    let lines: [&[u8]; 4] = [
        b"User-Agent: hunter2\x1b[2J\xe2\x80\xa8\xff",
        b"Referer: hunter2",
        b"X-Request-Id: hunter2",
        b"Cookie: vst_session=hunter2; hunter2=x",
    ];
    for line in ["GET /hunter2%0d%0a", "GET /static/hunter2", "HUNTER2 /", "POST /login/hunter2"] {
        wire.ask(line, &lines, b"hunter2").await;
    }
    wire.send(b"GET / HTTP/1.1\r\nHost: hunter2\r\nConnection: close\r\n\r\n").await;
    wire.send(b"hunter2\r\n\r\n").await;
}

/// AC-68: one well-formed line for each event; no raw value, no address, no secret, at any level.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_line_is_one_line_and_tells_nobody() {
    let loud = |config: String| format!("{config}\n[log]\nformat = \"json\"\nlevel = \"trace\"\n");
    let mut stage = Stage::start_with(OnStore::Sqlite, loud).await;
    let mut process = stage.leave_to_the_binary().await;
    let (browser, app) = (Browser::new(), App::of(&stage));
    let answer = browser.sign_in(&stage, &[("state", "the-state-of-the-app")], "google").await;
    let tokens = app.tokens(&answer).await;
    assert_eq!(app.userinfo(&tokens.access).await.status, 200);
    app.redeem(&answer).await;
    let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
    annoy(&stage).await;
    // Who claims to be an app is told, if it is one. Whoever mixes up name and secret sends a secret for a name.
    app.token(&[("client_secret", "wrong"), ("code", "x")]).await;
    app.token(&[("client_id", &hostile()), ("code", "x")]).await;
    app.token(&[("client_id", NOTES_SECRET), ("client_secret", "notes"), ("code", "x")]).await;
    let swapped = format!("Basic {}", STANDARD.encode(format!("{NOTES_SECRET}:notes")));
    app.token_with(&[("grant_type", "refresh_token"), ("refresh_token", "x")], &[("authorization", &swapped)]).await;
    for path in ["introspect", "par", "device_authorization", "authorize"] {
        let url = format!("{}/{path}", stage.issuer);
        browser.post(&url, &[("client_id", NOTES_SECRET), ("client_secret", "notes"), ("token", "x")], &[]).await;
    }
    browser.get(&format!("{}/logout?id_token_hint={}", stage.issuer, tokens.id)).await;
    process.kill();

    let log = process.log();
    let lines: Vec<&str> = log.split_terminator('\n').collect();
    assert!(lines.len() > 50, "{log}");
    for line in &lines {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        assert!(event["timestamp"].is_string() && event["level"].is_string() && event["message"].is_string(), "{line}");
        assert!(line.len() < 2_000, "{line}");
        assert!(
            !line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')),
            "{line}"
        );
    }
    let count = |message: &str| log.matches(message).count();
    for message in ["serving", "signed in", "tokens issued", "a code was used twice", "signed out", "answered"] {
        assert!(count(message) >= 1, "{message} in {log}");
    }
    let code = param(&answer, "code").unwrap();
    let locator = jws_claims(&tokens.access)["vst"].as_str().unwrap().to_owned();
    let sub = jws_claims(&tokens.id)["sub"].as_str().unwrap().to_owned();
    let secrets = [&code, &session, &locator, &tokens.access, &tokens.id, &sub].map(String::as_str);
    let personal = ["ada.lovelace", "Lovelace", "gmail.com", "110248495921238986420", "the-state-of-the-app"];
    for private in secrets.into_iter().chain(personal).chain([
        NOTES_SECRET,
        stage.google.client_secret(),
        WORD,
        "HUNTER2",
        "ya29.",
    ]) {
        assert!(
            !log.contains(private),
            "{private} is in the log: {}",
            lines.iter().find(|line| line.contains(private)).unwrap()
        );
    }
    let told: Vec<&&str> = lines.iter().filter(|line| line.contains("did not prove who it is")).collect();
    assert!(!told.is_empty() && told.iter().all(|line| line.contains(r#""app":"notes""#)), "{told:?}");
    assert!(count("somebody who is no app here") >= 6, "{log}");
    stage.stop().await;
}
