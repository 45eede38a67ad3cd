//! Many people at once: nobody is ever taken for another (C-62, AC-19).

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::{
    on_both_stores,
    stage::{App, Browser, Stage, jws_claims, param},
};

/// How many browsers sign in at the same time.
const BROWSERS: usize = 50;

/// Who, where, and the address by which a token is known to be theirs.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("google", "ada", "ada.lovelace@gmail.com"),
    ("google", "grace", "grace@example.com"),
    ("google", "fatima", "fatima.alfihri@gmail.com"),
    ("google", "maximiliana", "maximiliana@example.net"),
    ("facebook", "ada", "ada@example.com"),
    ("facebook", "fatima", "fatima@example.org"),
];

/// Signs somebody in, and gives back `sub`, e-mail address and `nonce` of the token.
async fn sign_in(stage: &Stage, app: &App, person: usize, state: &str) -> [String; 3] {
    let (provider, name, _) = PEOPLE[person];
    let browser = Browser::new();
    let answer = browser.sign_in_as(stage, &[("state", state), ("nonce", state)], provider, name).await;
    assert_eq!(param(&answer, "state").as_deref(), Some(state));
    let tokens = app.tokens(&answer).await;
    let (claims, info) = (jws_claims(&tokens.id), app.userinfo(&tokens.access).await.json());
    assert_eq!((&claims["sub"], &claims["email"]), (&info["sub"], &info["email"]));
    ["sub", "email", "nonce"].map(|name| claims[name].as_str().unwrap().to_owned())
}

on_both_stores! {
    /// AC-19: fifty browsers, six people, all at the same time: each token is its own browser's person's.
    async fn nobody_is_taken_for_another(stage: Stage) {
        stage.google.clear();
        stage.facebook.clear();
        let app = App::of(&stage);
        let mut subs = BTreeMap::new();
        for (person, (.., email)) in PEOPLE.iter().enumerate() {
            let [sub, seen, _] = sign_in(&stage, &app, person, "alone").await;
            assert_eq!(seen, *email);
            assert!(subs.insert(sub, person).is_none(), "six people, six subjects");
        }
        let crowd = join_all((0..BROWSERS).map(async |n| (n, sign_in(&stage, &app, n % PEOPLE.len(), &format!("browser-{n}")).await))).await;
        assert_eq!(crowd.len(), BROWSERS);
        for (n, [sub, email, nonce]) in crowd {
            assert_eq!(subs.get(&sub), Some(&(n % PEOPLE.len())), "browser {n} was taken for another");
            assert_eq!((email.as_str(), nonce), (PEOPLE[n % PEOPLE.len()].2, format!("browser-{n}")));
        }
        stage.stop().await;
    }

    /// One person in one browser asks for codes for two apps in many tabs at once: each code is its own app's.
    async fn tabs_of_one_session_do_not_mix(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        browser.sign_in(&stage, &[], "google").await;
        let tabs = join_all((0..40).map(async |n| {
            let state = format!("tab-{n}");
            let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb"), ("state", state.as_str())];
            let notes = [("state", state.as_str())];
            let request: &[(&str, &str)] = if n % 2 == 0 { &wiki } else { &notes };
            let answer = browser.get(&stage.authorize(request)).await.location().unwrap();
            assert_eq!(answer.host_str(), Some(if n % 2 == 0 { "wiki.test" } else { "notes.test" }));
            assert_eq!(param(&answer, "state"), Some(state));
            (n, app.redeem(&answer).await.status.as_u16())
        }));
        for (n, status) in tabs.await {
            assert_eq!(status, if n % 2 == 0 { 400 } else { 200 }, "`notes` redeems what is its own");
        }
        stage.stop().await;
    }
}
