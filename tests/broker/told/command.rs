//! The command that tells Google where to, beside a broker that serves; what the audit hears.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn google_is_told_where_to_and_the_audit_hears_what_it_tells() {
    let mut stage = Stage::start_with(OnStore::Sqlite, |config| config + "\n[audit]\nfile = \"audit.jsonl\"\n").await;
    Browser::new().sign_in(&stage, &[], "google").await;
    let mut process = stage.leave_to_the_binary().await;
    let file = stage.folder().join("risc.json");
    fs::write(&file, stage.google.service_account().unwrap()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let account = ("VESTIBULE__PROVIDERS__GOOGLE__RISC_SERVICE_ACCOUNT", "{ file = \"risc.json\" }");

    let output = process.command(&["events", "register", "google", "--json"], &[account]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["endpoint"], format!("{}/events/google/risc", stage.issuer));
    assert_eq!(stage.google.delivered(), [202], "the trial arrived here");
    assert!(process.log().contains(said["state"].as_str().unwrap()), "and the operator can see it");
    for (provider, variables) in [("google", vec![]), ("facebook", vec![account]), ("nobody", vec![])] {
        let output = process.command(&["events", "register", provider], &variables);
        assert_eq!(output.status.code(), Some(2), "{provider}: {}", String::from_utf8_lossy(&output.stderr));
    }

    google_says(&stage, "ada", "risc/event-type/sessions-revoked").await;
    google_says(&stage, "grace", "risc/event-type/sessions-revoked").await;
    google_says(&stage, "ada", "risc/event-type/account-purged").await;
    process.signal("TERM");
    assert_eq!(process.ended(), Some(0));
    let lines = fs::read_to_string(stage.folder().join("audit.jsonl")).unwrap();
    let subject = stage.google.subject("ada").unwrap();
    assert!(!lines.contains(subject) && !process.log().contains(subject));
    let told: Vec<(String, bool)> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| matches!(line["event"].as_str(), Some("provider_event" | "deleted")))
        .map(|line| {
            let what = line["reason"].as_str().unwrap_or("deleted").to_owned();
            (what, line.get("account").is_some_and(Value::is_string))
        })
        .collect();
    let expected = [
        ("verification", false),
        ("sessions_revoked", true),
        ("sessions_revoked", false),
        ("gone", true),
        ("deleted", true),
    ];
    assert_eq!(told, expected.map(|(what, known)| (what.to_owned(), known)));
    stage.stop().await;
}
