//! What people take with them: everything that the store has on them, and nothing of anyone else.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use serde_json::Value;
use vestibule::store::Kind;

use crate::{
    gate::{BOARD, FILES, Visitor, gated},
    on_both_stores,
    stage::{App, Browser, OnStore, Stage},
};

/// The files of an archive, by name.
pub type Files = BTreeMap<String, String>;

#[expect(clippy::disallowed_methods, reason = "tests are the browser, which is not the broker's egress")]
pub async fn export(stage: &Stage, browser: &Browser) -> Files {
    let url = format!("{}/account/export", stage.issuer);
    let cookies: Vec<String> =
        browser.cookies(&url).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let answer = reqwest::Client::new().get(&url).header("cookie", cookies.join("; ")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename="));
    let bytes = answer.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut content = String::new();
            file.read_to_string(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

async fn session(stage: &Stage, browser: &Browser) -> vestibule::session::Session {
    let cookie = browser.cookie(&stage.issuer, "vst_session").unwrap();
    stage.broker().house().sessions.find(&cookie).await.unwrap().unwrap()
}

fn json(files: &Files, name: &str) -> Value {
    serde_json::from_str(&files[name]).unwrap()
}

fn len(files: &Files, name: &str) -> usize {
    json(files, name).as_array().unwrap().len()
}

/// A life worth exporting: two browsers, an app with tokens, a claim turned on.
async fn live(stage: &Stage, person: &str) -> Browser {
    stage.google.answer_with(person);
    let (first, second) = (Browser::new(), Browser::new());
    for browser in [&first, &second] {
        let answer = browser.sign_in(stage, &[], "google").await;
        App::of(stage).tokens(&answer).await;
    }
    second
}

on_both_stores! {
    /// A link on another site makes no archive of anybody, and no line in their history; the person's own click does.
    async fn nobody_has_an_archive_made_of_somebody_else(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let url = format!("{}/account/export", stage.issuer);
        let lines = async || stage.records().await.iter().filter(|entry| entry.key.kind() == Some(Kind::History)).count();
        let before = lines().await;
        for site in ["cross-site", "same-site", "?"] {
            let sent = browser.get_with(&url, &[("sec-fetch-site", site)]).await;
            assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/account"), "{site}");
        }
        assert_eq!(lines().await, before);
        for site in ["same-origin", "none"] {
            let asked = browser.get_with(&url, &[("sec-fetch-site", site)]).await;
            assert_eq!((asked.status.as_u16(), asked.header("content-type")), (200, "application/zip"), "{site}");
        }
        assert_eq!(lines().await, before + 2);
        stage.stop().await;
    }

    /// Every record of the partition is in the archive, one for one; a walk of the store says which there are.
    async fn an_export_has_every_record_and_nothing_of_anyone_else(stage: Stage) {
        let browser = live(&stage, "ada").await;
        let of_ada: Vec<_> = stage.records().await.into_iter().map(|entry| entry.partition).collect();
        live(&stage, "grace").await;
        let files = export(&stage, &browser).await;
        let mut count: BTreeMap<Kind, usize> = BTreeMap::new();
        for entry in stage.records().await.iter().filter(|entry| of_ada.contains(&entry.partition)) {
            *count.entry(entry.key.kind().unwrap()).or_default() += 1;
        }
        for (kind, file) in [
            (Kind::Session, "sessions.json"),
            (Kind::Grant, "access.json"),
            (Kind::History, "history.json"),
            (Kind::Receipt, "receipts.json"),
        ] {
            assert_eq!(len(&files, file), count.remove(&kind).unwrap_or_default(), "{file}");
            assert!(len(&files, file) > 0, "{file}");
        }
        let apps = json(&files, "apps.json");
        let has = |member: &str| apps.as_array().unwrap().iter().filter(|app| !app[member].is_null()).count();
        assert_eq!(has("consent"), count.remove(&Kind::Consent).unwrap());
        assert_eq!(has("given"), count.remove(&Kind::Served).unwrap());
        assert_eq!(count.remove(&Kind::Head), Some(1), "account.json and ways.json");
        // What is left says nothing of Ada: the keys of this place, and what was used up.
        assert!(count.keys().all(|kind| matches!(kind, Kind::Keyring | Kind::Spent | Kind::Mark)), "{count:?}");

        let all: String = files.values().map(String::as_str).collect();
        assert!(all.contains("Ada") && !all.contains("Grace"), "{all}");
    }

    /// The gate's passes, too: which app and since when, and by name what only their own cookie opens.
    async fn an_export_lists_what_lets_the_person_in_at_the_gate(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let (ada, grace) = (Visitor::new(&stage), Visitor::new(&stage));
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        let other = Visitor::new(&stage);
        assert_eq!(other.visit(FILES, "/").await.status, 200);
        let of_ada: Vec<_> = stage.records().await.into_iter().map(|entry| entry.partition).collect();
        stage.google.answer_with("grace");
        assert_eq!(grace.visit(FILES, "/").await.status, 200);

        let files = export(&stage, &ada.browser).await;
        let passes = json(&files, "passes.json");
        let kept = stage.records().await.into_iter().filter(|entry| entry.key.kind() == Some(Kind::Gate));
        let of_ada = kept.filter(|entry| of_ada.contains(&entry.partition)).count();
        assert_eq!((len(&files, "passes.json"), of_ada), (3, 3));
        let told = |pass: &Value| (pass["app"].as_str().unwrap().to_owned(), pass["this_one"].as_bool().unwrap());
        let mut all: Vec<_> = passes.as_array().unwrap().iter().map(told).collect();
        all.sort();
        let expected = [("board", true), ("files", false), ("files", true)].map(|(app, this)| (app.to_owned(), this));
        assert_eq!(all, expected);
        let board = passes.as_array().unwrap().iter().find(|pass| pass["app"] == "board").unwrap();
        assert!(board["claims"].as_array().unwrap().contains(&"email".into()), "{board}");
        assert!(!passes.to_string().contains("ada"), "names, never values: {passes}");

        // A pass ends with its session, and is kept as long; so is its line.
        stage.broker().house().sessions.end_others(&session(&stage, &ada.browser).await).await.unwrap();
        assert_eq!(len(&export(&stage, &ada.browser).await, "passes.json"), 2);
        stage.stop().await;
    }

    async fn an_archive_says_what_is_in_it(stage: Stage) {
        let browser = live(&stage, "ada").await;
        let files = export(&stage, &browser).await;
        let manifest = json(&files, "manifest.json");
        for listed in manifest["files"].as_array().unwrap() {
            let content = &files[listed["name"].as_str().unwrap()];
            let hash = vestibule::types::bytes::sha256(content.as_bytes());
            assert_eq!(listed["sha256"], vestibule::types::bytes::to_hex(&hash));
        }
        assert_eq!(manifest["files"].as_array().unwrap().len() + 2, files.len(), "and manifest and README");
        assert!(files["README.txt"].contains("receipts.json"));
        let history = json(&files, "history.json");
        let last = history.as_array().unwrap().last().unwrap();
        assert_eq!(last["event"], "exported", "{history}");
        // Secrets of ours stay out, whatever they are called.
        let all: String = files.values().map(String::as_str).collect();
        assert!(!all.contains("vst_s_") && !all.contains("vst_r_") && !all.contains("vst_c_"));
    }

    async fn nobody_exports_without_a_session(stage: Stage) {
        let page = Browser::careful().get(&format!("{}/account/export", stage.issuer)).await;
        assert_eq!(page.status, 303);
        let before = stage.records().await.len();
        Browser::careful().get(&format!("{}/account/export", stage.issuer)).await;
        assert_eq!(stage.records().await.len(), before);
    }
}
