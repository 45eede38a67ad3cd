//! Promise 6: leaving works. Disconnecting an app, signing out everywhere and deleting everything take effect at once, and
//! every app involved is told.

use vestibule::{
    consent::Changed,
    partition::{By, Origin, StatusCode, Told},
    types::SystemRandom,
};

use crate::{
    on_both_stores,
    outbox::with_channels,
    stage::{App, Browser, OnStore, Receiver, Stage, Tokens, WIKI_SECRET, eventually, jws_claims, verified},
};

/// Somebody's browser, and what two apps hold of them.
struct Person {
    browser: Browser,
    notes: Tokens,
    wiki: Tokens,
}

const WIKI: [(&str, &str); 2] = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];

impl Person {
    /// Signs in at both apps; they may come back while the person is away.
    async fn arrive(stage: &Stage) -> Self {
        let (browser, app) = (Browser::new(), App::of(stage));
        let offline = ("scope", "openid email profile offline_access");
        let notes = app.tokens(&browser.sign_in(stage, &[offline], "google").await).await;
        let [client_id, redirect_uri] = WIKI;
        let answer = browser.sign_in(stage, &[client_id, redirect_uri, offline], "google").await;
        let code = crate::stage::param(&answer, "code").unwrap();
        let secret = ("client_secret", WIKI_SECRET);
        let wiki = Tokens::of(&app.token(&[client_id, redirect_uri, secret, ("code", &code)]).await);
        Self { browser, notes, wiki }
    }

    async fn is_signed_in(&self, stage: &Stage) -> bool {
        self.browser.get(&stage.authorize(&[("prompt", "none")])).await.header("location").contains("code=")
    }

    /// Whether an app is let in with what it holds: UserInfo, and whether a refresh works.
    async fn is_let_in(&self, stage: &Stage, app: &str) -> [bool; 2] {
        let back = App::of(stage);
        let (tokens, changes) = match app {
            "notes" => (&self.notes, vec![]),
            _ => (&self.wiki, vec![("client_id", "wiki"), ("client_secret", WIKI_SECRET)]),
        };
        let userinfo = back.userinfo(&tokens.access).await.status;
        let refreshed = back.refresh(&tokens.refresh, &changes).await.status;
        [userinfo == 200, refreshed == 200]
    }
}

/// What an app heard: the types of events, and how many logout tokens, each about this person and signed by us.
async fn heard(stage: &Stage, receiver: &Receiver, app: &str, tokens: &Tokens) -> (Vec<String>, usize) {
    let keys = Browser::new().get(&format!("{}/jwks", stage.issuer)).await.body;
    let sub = jws_claims(&tokens.id)["sub"].clone();
    let (mut kinds, mut logouts) = (Vec::new(), 0);
    for delivery in receiver.take() {
        if delivery.path == "/logout" {
            assert_eq!(verified(&keys, &delivery.token(), "logout+jwt", app)["sub"], sub);
            logouts += 1;
        } else {
            let claims = verified(&keys, &delivery.token(), "secevent+jwt", app);
            let subject = &claims["sub_id"];
            assert!(subject["sub"] == sub || subject["user"]["sub"] == sub, "{claims}");
            let kind = claims["events"].as_object().unwrap().keys().next().unwrap();
            kinds.push(kind.rsplit(['/', ':']).next().unwrap().to_owned());
        }
    }
    kinds.sort_unstable();
    (kinds, logouts)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

on_both_stores! {
    async fn promise_6_leaving_works(on: OnStore) {
        let (notes, wiki) = (Receiver::start().await, Receiver::start().await);
        let (n, w) = (notes.origin.clone(), wiki.origin.clone());
        let stage = Stage::start_with(on, move |config| {
            // Both apps have events posted to them, so that both can be told of everything.
            with_channels(&config, &n, &w, &w).replacen("events_poll = true", &format!("events_uri = \"{w}/events\""), 1)
        })
        .await;
        let house = stage.broker().house();

        // Disconnecting: the one app is out at once, the other goes on.
        let ada = Person::arrive(&stage).await;
        let who = stage.who(&ada.browser).await;
        assert_eq!(house.consents.disconnect(&who, &"notes".parse().unwrap()).await.unwrap(), Changed::Done);
        assert_eq!(ada.is_let_in(&stage, "notes").await, [false, false]);
        assert_eq!(ada.is_let_in(&stage, "wiki").await, [true, true]);
        eventually("notes hears of it", async || notes.seen().len() == 3).await;
        assert_eq!(heard(&stage, &notes, "notes", &ada.notes).await, (words(&["consent-withdrawn", "session-revoked"]), 1));

        // Signing out everywhere: no browser is signed in; what was agreed for times of absence stays.
        let here = Person::arrive(&stage).await;
        assert!(here.is_signed_in(&stage).await && ada.is_signed_in(&stage).await);
        house.sessions.end_all(&stage.who(&here.browser).await, By::User).await.unwrap();
        assert!(!here.is_signed_in(&stage).await && !ada.is_signed_in(&stage).await);
        assert_eq!(here.is_let_in(&stage, "wiki").await, [true, true]);
        eventually("both apps hear of it", async || notes.seen().len() == 3 && wiki.seen().len() == 3).await;
        for (receiver, app, tokens) in [(&notes, "notes", &ada.notes), (&wiki, "wiki", &ada.wiki)] {
            let (kinds, logouts) = heard(&stage, receiver, app, tokens).await;
            assert_eq!((kinds, logouts), (words(&["session-revoked"]), 2), "{app}: two sessions ended");
        }

        // Deleting everything: nothing opens any more, and coming back makes somebody new.
        let ada = Person::arrive(&stage).await;
        let code = StatusCode::generate(&SystemRandom);
        let who = stage.who(&ada.browser).await;
        house.accounts.delete(&who, Origin::Person, &code).await.unwrap();
        assert!(!ada.is_signed_in(&stage).await);
        for app in ["notes", "wiki"] {
            assert_eq!(ada.is_let_in(&stage, app).await, [false, false], "{app}");
        }
        eventually("everybody has been told", async || {
            let status = house.accounts.status(&code).await.unwrap().unwrap();
            let told = |app: &str| matches!(status.apps.get(&app.parse().unwrap()), Some(Told::Acknowledged(_)));
            status.gone.is_some() && told("notes") && told("wiki") && status.apps.len() == 2
        })
        .await;
        eventually("and signed out", async || notes.seen().len() == 2 && wiki.seen().len() == 2).await;
        for (receiver, app, tokens) in [(&notes, "notes", &ada.notes), (&wiki, "wiki", &ada.wiki)] {
            assert_eq!(heard(&stage, receiver, app, tokens).await, (words(&["account-purged"]), 1), "{app}");
        }
        let back = Person::arrive(&stage).await;
        assert_ne!(jws_claims(&back.notes.id)["sub"], jws_claims(&ada.notes.id)["sub"]);
        stage.stop().await;
    }
}
