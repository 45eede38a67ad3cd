//! `vestibule report`: true to the configuration, the same each time, and nothing that an app writes becomes markup.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

use scraper::{Html, Selector};
use serde_json::Value;
use tempfile::TempDir;
use vestibule::{
    config::{Config, Environment},
    report::Report,
    store::Kind,
};

const BASE: &str = r#"
issuer = "https://login.example.com"

[secrets]
master = "CM6BOsk-ILJE8rZNLYSMZBrqKH2BpORM3bm8icZbauc"

[providers.google]
kind = "google"
client_id = "x"
client_secret = "y-0123456789"

[apps.notes]
name = "Notes"
redirect_uris = ["https://notes.example.com/callback", "https://beta.notes.example.com/callback"]
policy_uri = "https://notes.example.com/privacy"
claims.email = { need = "required", why = "To send you <b>notes</b> & more.", keep = "until you disconnect Notes" }
claims.name = { need = "optional", why = "To greet you." }
"#;

const OPERATOR: &str = r#"
[operator]
name = "Example Ltd"
contact = "privacy@example.com"
address = "1 Example Street, Dublin"
country = "Ireland"
authority = "Data Protection Commission, Dublin"
"#;

fn report(more: &str) -> Report {
    let text = format!("{BASE}{more}");
    Report::of(&Config::parse(&text, Path::new("/nowhere"), &Environment::default()).unwrap_or_else(|f| panic!("{f}")))
}

fn json(report: &Report) -> Value {
    serde_json::to_value(report).unwrap()
}

/// The record of one kind.
fn record(report: &Value, kind: Kind) -> &Value {
    report["records"].as_array().unwrap().iter().find(|row| row["record"] == kind.prefix()).unwrap()
}

#[test]
fn the_report_names_everything_that_article_30_asks_for() {
    let full = report(OPERATOR);
    let value = json(&full);
    assert_eq!(value["operator"]["name"], "Example Ltd");
    assert_eq!(value["operator"]["authority"], "Data Protection Commission, Dublin");
    assert_eq!(value["gaps"], Value::Array(vec![]));
    assert_eq!(value["providers"][0]["party"]["countries"], "Ireland, United States");
    let app = &value["apps"][0];
    assert_eq!(app["hosts"], serde_json::json!(["beta.notes.example.com", "notes.example.com"]));
    assert_eq!(app["claims"][0]["claim"], "name");
    assert_eq!(
        (&app["claims"][0]["need"], &app["claims"][0]["basis"]),
        (&"optional".into(), &"consent (Art. 6(1)(a))".into())
    );
    assert_eq!(app["claims"][1]["keep"], "until you disconnect Notes");
    assert_eq!(value["records"].as_array().unwrap().len(), Kind::ALL.len());
    for list in ["cookies", "streams", "security", "backups", "rights"] {
        assert!(!value[list].as_array().unwrap().is_empty(), "{list}");
    }
    let text = full.to_string();
    for line in [
        "https://login.example.com, as Vestibule",
        "  name         Example Ltd",
        "Google (google)",
        "Notes (notes), at beta.notes.example.com, notes.example.com",
        "Line of history (h)",
        "  kept         90 days (lifetimes.history)",
        "  kept         12 hours unused, 7 days at most (lifetimes.session_idle, lifetimes.session)",
        "__Host-vst_session",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn periods_and_streams_are_those_of_the_configuration() {
    let value = json(&report(
        "[lifetimes]\nhistory = \"30d\"\nsession = \"2h\"\nsession_idle = \"1h\"\n[audit]\nfile = \"-\"\n",
    ));
    assert_eq!(record(&value, Kind::History)["keep"], "30 days");
    assert_eq!(record(&value, Kind::Session)["keep"], "one hour unused, 2 hours at most");
    assert_eq!(record(&value, Kind::Status)["keep"], "one year");
    assert_eq!(record(&value, Kind::Spent)["keep"], "one hour");
    assert_eq!(record(&value, Kind::Grant)["keep"], "30 days unused, 180 days at most");
    let cookie = &value["cookies"][0];
    assert_eq!((&cookie["name"], &cookie["keep"]), (&"__Host-vst_session".into(), &"2 hours at most".into()));
    let audit = value["streams"][1]["what"].as_str().unwrap();
    assert!(audit.starts_with("Goes to standard output."), "{audit}");
}

#[test]
fn the_same_configuration_gives_the_same_report() {
    let (one, other) = (report(OPERATOR), report(OPERATOR));
    assert_eq!(one, other);
    assert_eq!(one.to_string(), other.to_string());
    assert_eq!(one.html().unwrap(), other.html().unwrap());
    assert_ne!(one, report(""));
}

#[test]
fn a_secret_is_in_no_report() {
    let report = report(OPERATOR);
    for text in [report.to_string(), report.html().unwrap(), json(&report).to_string()] {
        assert!(!text.contains("y-0123456789") && !text.contains("CM6BOsk-"), "{text}");
    }
}

#[test]
fn what_an_app_writes_is_text_and_not_markup() {
    let html = report(OPERATOR).html().unwrap();
    let document = Html::parse_document(&html);
    assert!(document.errors.is_empty(), "{:?}", document.errors);
    let found = |css: &str| -> Vec<String> {
        document.select(&Selector::parse(css).unwrap()).map(|element| element.text().collect()).collect()
    };
    assert!(found("td").contains(&"To send you <b>notes</b> & more.".to_owned()));
    assert!(found("b, script, link, img, iframe").is_empty(), "nothing but text, and nothing from elsewhere");
    assert_eq!(found("h1"), ["Record of processing activities"]);
}

#[test]
fn what_is_missing_is_named_with_a_remedy() {
    let more = "[operator]\nname = \"Example Ltd\"\n[providers.home]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\n\
                client_id = \"x\"\nclient_secret = \"y-0123456789\"\n";
    let gaps = report(more).gaps;
    let what: Vec<&str> = gaps.iter().map(|gap| gap.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "operator.contact is missing",
            "operator.address is missing",
            "operator.country is missing",
            "operator.authority is missing",
            "who runs the provider home is not known here",
        ]
    );
    assert!(gaps.iter().all(|gap| gap.remedy.contains("[operator]") || gap.remedy.contains("your own record")));
}

#[test]
fn the_command_answers_on_standard_output_and_warns_on_standard_error() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("vestibule.toml"), BASE).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        let output = command.arg("report").args(arguments).current_dir(folder.path()).env_clear().output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, text, warnings) = run(&[]);
    assert_eq!(code, 0, "{warnings}");
    assert!(text.starts_with("Record of processing activities (GDPR, Art. 30)\n"), "{text}");
    assert!(
        warnings.starts_with("warning: operator.name is missing\n    next: add to [operator]: name = "),
        "{warnings}"
    );
    let (code, text, _) = run(&["--json"]);
    assert_eq!((code, serde_json::from_str::<Value>(&text).unwrap()), (0, json(&report(""))));
    let (code, text, _) = run(&["--html"]);
    assert_eq!((code, text.trim_end()), (0, report("").html().unwrap().trim_end()));
    assert_eq!(run(&["--html", "--json"]).0, 2);
    assert!(!folder.path().join("vestibule.db").exists(), "a report opens no store");
}
