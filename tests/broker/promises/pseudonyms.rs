//! Promises 3 and 4: who somebody is at an app survives the store, and tells other apps nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, NOTES_SECRET, Stage, Tokens, VERIFIER, WIKI_SECRET, jws_claims, param},
};

/// An app, where its people come back to, and its secret.
const APPS: [(&str, &str, &str); 4] = [
    ("notes", NOTES_CALLBACK, NOTES_SECRET),
    ("wiki", "https://wiki.test/cb", WIKI_SECRET),
    ("blog", "https://blog.test/cb", ""),
    ("shop", "https://shop.test/cb", ""),
];

/// Whom an app sees: `sub` and `sid`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    sub: String,
    sid: String,
}

/// Signs somebody in and visits all apps in one browser.
async fn visit(stage: &Stage, person: &str) -> BTreeMap<&'static str, Seen> {
    stage.google.answer_with(person);
    let (browser, back_channel) = (Browser::new(), App::of(stage));
    let mut seen = BTreeMap::new();
    for (app, redirect, secret) in APPS {
        let answer = browser.sign_in(stage, &[("client_id", app), ("redirect_uri", redirect)], "google").await;
        let code = param(&answer, "code").unwrap_or_else(|| panic!("{answer}"));
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", app),
            ("redirect_uri", redirect),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ];
        form.extend((!secret.is_empty()).then_some(("client_secret", secret)));
        let tokens = Tokens::of(&back_channel.token_with(&form, &[]).await);
        let claims = jws_claims(&tokens.id);
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        assert_eq!(jws_claims(&tokens.access)["sub"], claims["sub"]);
        seen.insert(app, Seen { sub: text("sub"), sid: text("sid") });
    }
    seen
}

on_both_stores! {
    /// Promise 3: with the store gone and the same secrets, everyone is who they were, at each app.
    async fn a_lost_store_locks_nobody_out(stage: Stage) {
        let mut before = Vec::new();
        for person in ["ada", "grace"] {
            before.push(visit(&stage, person).await);
        }
        let stage = stage.lose_the_store().await;
        assert!(stage.records().await.iter().all(|entry| entry.key.as_str() == "ring"), "nothing but new keys");
        for (person, before) in ["ada", "grace"].into_iter().zip(before) {
            let after = visit(&stage, person).await;
            for (app, seen) in before {
                assert_eq!(after[app].sub, seen.sub, "{person} at {app}");
                assert_ne!(after[app].sid, seen.sid, "a new session");
            }
        }
        stage.stop().await;
    }

    /// Promise 4: each app knows a person by another name, unless apps share a sector; and so for sessions.
    async fn apps_cannot_compare_notes(stage: Stage) {
        let (ada, grace) = (visit(&stage, "ada").await, visit(&stage, "grace").await);
        for seen in [&ada, &grace] {
            assert_eq!(seen["blog"], seen["shop"], "one sector");
            for name in [|seen: &Seen| seen.sub.clone(), |seen: &Seen| seen.sid.clone()] {
                let names: BTreeSet<String> = seen.values().map(name).collect();
                assert_eq!(names.len(), 3, "notes, wiki and the family: {seen:?}");
            }
        }
        assert!(APPS.iter().all(|(app, ..)| ada[app].sub != grace[app].sub));
        // Another session of the same person: the same sub, another sid.
        let again = visit(&stage, "ada").await;
        assert!(APPS.iter().all(|(app, ..)| again[app].sub == ada[app].sub && again[app].sid != ada[app].sid));
        stage.stop().await;
    }
}
