//! `[limits]`: who asks too much waits, and takes nobody with them.

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_SECRET, OnStore, Page, Stage, Tokens, WIKI_SECRET},
};

/// A stage with so much for an address and so much for an app, and these trusted proxies.
async fn stage(on: OnStore, per_address: u32, per_app: u32, proxies: &'static str) -> Stage {
    Stage::start_with(on, move |config| {
        let limits = format!("enabled = true\nper_address = \"{per_address}/h\"\nper_app = \"{per_app}/h\"");
        let config = config.replace("enabled = false", &limits);
        config.replace("[listen]\n", &format!("[listen]\ntrusted_proxies = [{proxies}]\n"))
    })
    .await
}

fn waits(page: &Page) -> u64 {
    assert_eq!(page.status, 429, "{}", page.body);
    page.header("retry-after").parse().unwrap()
}

/// Guesses until it is told to wait; how often was it told that the guess was wrong?
async fn guess(app: &App, client: &str) -> usize {
    for tries in 0..100 {
        let page = app.token(&[("client_id", client), ("client_secret", "a guess"), ("code", "x")]).await;
        if page.status != 401 {
            assert!(waits(&page) > 0);
            assert_eq!(page.json()["error"], "invalid_client");
            return tries;
        }
    }
    panic!("nobody stops it");
}

on_both_stores! {
    /// AC-16: wrong secrets are slowed down by app and by address, and lock nobody out who has the right one.
    async fn guessing_secrets_is_slowed_down_and_locks_nobody_out(on: OnStore) {
        let stage = stage(on, 40, 5, "").await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let answers = [browser.sign_in(&stage, &[], "google").await, browser.sign_in(&stage, &[], "google").await];
        assert_eq!(guess(&app, "notes").await, 5, "as the app's limit has it");
        assert_eq!(guess(&app, "notes").await, 0, "and it stays so");
        // The app itself, from the very same address, is not locked out; nor is another.
        Tokens::of(&app.redeem(&answers[0]).await);
        for (client, secret) in [("notes", NOTES_SECRET), ("wiki", WIKI_SECRET)] {
            let page = app.token(&[("client_id", client), ("client_secret", secret), ("code", "x")]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")), "{client}");
        }
        assert_eq!(guess(&app, "wiki").await, 5, "another app has a count of its own");
        // Who has spent what an address has does not begin anew with names that are none.
        let spent = guess(&app, "nobody").await;
        assert!(spent < 40, "{spent}");
        Tokens::of(&app.redeem(&answers[1]).await);
        stage.stop().await;
    }

    /// Anonymous starts are limited by address, and nobody chooses their own.
    async fn anonymous_starts_are_limited_by_address(on: OnStore) {
        let stage = stage(on, 10, 5, "").await;
        let browser = Browser::new();
        let url = stage.authorize(&[]);
        for _ in 0..10 {
            assert_eq!(browser.get(&url).await.status, 303);
        }
        let refused = browser.get(&url).await;
        // Ten an hour is one in six minutes.
        assert!(waits(&refused) > 0, "{}", refused.header("retry-after"));
        assert!(refused.header("content-type").starts_with("text/html"));
        for forwarded in ["192.0.2.1", "127.0.0.1", "::1", "192.0.2.1, 192.0.2.2", "unknown", ""] {
            for name in ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"] {
                let page = browser.get_with(&url, &[(name, forwarded)]).await;
                assert_eq!(page.status, 429, "{name}: {forwarded} is believed");
            }
        }
        // What needs no limit has none.
        for path in ["/jwks", "/.well-known/openid-configuration", "/"] {
            assert_eq!(browser.get(&format!("{}{path}", stage.issuer)).await.status, 200, "{path}");
        }
        stage.stop().await;
    }

    /// `X-Forwarded-For` is read from the right, as far as trusted proxies wrote it.
    async fn forwarded_addresses_are_believed_from_trusted_proxies_alone(on: OnStore) {
        let stage = stage(on, 10, 5, "\"127.0.0.1/32\", \"10.0.0.0/8\"").await;
        let (browser, url) = (Browser::new(), stage.authorize(&[]));
        let from = async |forwarded: &str| browser.get_with(&url, &[("x-forwarded-for", forwarded)]).await.status.as_u16();
        for _ in 0..10 {
            assert_eq!(from("192.0.2.1").await, 303);
        }
        assert_eq!(from("192.0.2.1").await, 429);
        assert_eq!(from("192.0.2.2").await, 303, "a neighbour is not the one who asked too much");
        // What stands to the left of the proxy's own entry was written by the client.
        assert_eq!(from("203.0.113.9, 192.0.2.1").await, 429);
        assert_eq!(from("203.0.113.9, 192.0.2.1, 10.1.2.3").await, 429);
        assert_eq!(from("192.0.2.1, 203.0.113.9").await, 303);
        // One customer's IPv6 network is one.
        for n in 0..10 {
            assert_eq!(from(&format!("2001:db8:1:2::{n}")).await, 303);
        }
        assert_eq!(from("2001:db8:1:2:ffff::1").await, 429);
        stage.stop().await;
    }
}
