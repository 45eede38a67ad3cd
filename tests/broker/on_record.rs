//! What an operator does on the command line stands in the audit stream, in one chain with what `serve` writes there.

use std::{fs, process::Output};

use serde_json::{Value, json};
use vestibule::types::bytes;

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Process, Stage},
};

/// Ada's subject at Google.
const ADA: &str = "110248495921238986420";
const INITIAL: &str = "an-initial-access-token-0123456789abcdef";

async fn stage(on: OnStore, file: &'static str) -> Stage {
    let hash = bytes::to_hex(&bytes::sha256(INITIAL.as_bytes()));
    let sections = format!("[audit]\nfile = \"{file}\"\n\n[registration]\ninitial_access_token_sha256 = \"{hash}\"\n");
    Stage::start_with(on, move |config| format!("{config}\n{sections}")).await
}

/// An app that registers itself: its client id.
async fn registered(stage: &Stage) -> String {
    let bearer = format!("Bearer {INITIAL}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let app = json!({ "client_name": "List", "redirect_uris": ["https://list.test/cb"] });
    let page = Browser::new().raw("POST", &format!("{}/register", stage.issuer), &headers, &app.to_string()).await;
    page.json()["client_id"].as_str().unwrap().to_owned()
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The lines of the stream from `from` on: event, reason, account, app, provider.
fn lines(text: &str, from: usize) -> Vec<[Option<String>; 5]> {
    let member = |line: &Value, name: &str| line[name].as_str().map(str::to_owned);
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        ["event", "reason", "account", "app", "provider"].map(|name| member(&line, name))
    };
    text.lines().skip(from).map(line).collect()
}

fn some<const N: usize>(line: [&str; N]) -> [Option<String>; N] {
    line.map(|part| (!part.is_empty()).then(|| part.to_owned()))
}

on_both_stores! {
    async fn commands_that_change_something_leave_a_line(on: OnStore) {
        let mut stage = stage(on, "audit.jsonl").await;
        let list = registered(&stage).await;
        let serve: Process = stage.leave_to_the_binary().await;
        let file = stage.folder().join("audit.jsonl");
        let browser = Browser::new();
        App::of(&stage).tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let show = serve.command(&["account", "show", "google", ADA, "--json"], &[]);
        let show: Value = serde_json::from_slice(&show.stdout).unwrap();
        let ada = show["account"]["audit_id"].as_str().unwrap();
        let before = fs::read_to_string(&file).unwrap().lines().count();

        // What only looks leaves none.
        for looks in [vec!["account", "export", "google", ADA], vec!["keys", "list"], vec!["app", "list"], vec!["outbox", "list"]] {
            done(&serve.command(&looks, &[]));
        }
        for changes in [
            vec!["account", "block", "google", ADA],
            vec!["account", "unblock", "google", ADA],
            vec!["account", "block", "google", "1"],
            vec!["account", "delete", "google", ADA],
            vec!["keys", "rotate"],
            vec!["app", "revoke", &list],
            vec!["outbox", "retry", "--app", "notes"],
            vec!["outbox", "retry"],
        ] {
            done(&serve.command(&changes, &[]));
        }
        // What came to nothing leaves none.
        assert_eq!(serve.command(&["app", "revoke", "nobody"], &[]).status.code(), Some(1));
        done(&serve.command(&["account", "delete", "google", ADA], &[]));
        let text = fs::read_to_string(&file).unwrap();
        let by_operator: Vec<_> = lines(&text, before).into_iter().filter(|line| line[0].as_deref() != Some("logout")).collect();
        let expected = [
            ["blocked", "operator", ada, "", "google"],
            ["unblocked", "operator", ada, "", "google"],
            ["blocked", "operator", "", "", "google"],
            ["deleted", "operator", ada, "", "google"],
            ["key_rotation_asked", "when_published", "", "", ""],
            ["app_revoked", "", "", &list, ""],
            ["outbox_retried", "", "", "notes", ""],
            ["outbox_retried", "", "", "", ""],
        ];
        assert_eq!(by_operator, expected.map(some), "{text}");
        assert!(!text.contains(ADA), "pseudonyms only");

        // `serve` goes on in the same chain.
        Browser::new().sign_in(&stage, &[], "facebook").await;
        let verified = serve.command(&["audit", "verify", file.to_str().unwrap(), "--json"], &[]);
        done(&verified);
        let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert!(verified["lines"].as_u64().unwrap() > u64::try_from(before + expected.len()).unwrap(), "{verified}");

        // Where nothing can be written down, nothing is done.
        fs::write(&file, "what is this?\n").unwrap();
        assert_eq!(serve.command(&["account", "block", "facebook", "1"], &[]).status.code(), Some(2));
        let show = serve.command(&["account", "show", "facebook", "1", "--json"], &[]);
        assert_eq!(serde_json::from_slice::<Value>(&show.stdout).unwrap()["blocked"], false);
        drop(serve);
        stage.stop().await;
    }

    /// Standard output is for the answer: a stream that goes there is told on standard error.
    async fn a_line_never_mixes_with_the_answer(on: OnStore) {
        let stage = stage(on, "-").await;
        let output = stage.command(&["account", "block", "google", ADA, "--json"]);
        done(&output);
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), json!({ "blocked": true }));
        let told = lines(std::str::from_utf8(&output.stderr).unwrap(), 0);
        assert_eq!(told, [some(["blocked", "operator", "", "", "google"])]);
        stage.stop().await;
    }
}
