//! Codes and client authentication.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::types::bytes;

use crate::{
    on_both_stores,
    stage::{
        App, Browser, CHALLENGE, NATIVE, NOTES_CALLBACK, NOTES_SECRET, OnStore, Stage, Tokens, VERIFIER, WIKI_SECRET,
        eventually, param,
    },
};

async fn fresh_code(stage: &Stage, browser: &Browser, changes: &[(&str, &str)]) -> String {
    param(&browser.sign_in(stage, changes, "google").await, "code").unwrap()
}

/// Redeems the code of this answer twice, the second time so much later: refused, and nothing that it gave works.
pub async fn reused_after(stage: &Stage, answer: &url::Url, span: Option<Duration>) {
    let (code, app) = (param(answer, "code").unwrap(), App::of(stage));
    let tokens = Tokens::of(&app.token(&[("code", &code)]).await);
    assert_eq!(app.userinfo(&tokens.access).await.status, 200);
    let later = match span {
        Some(span) => Some(stage.instance_after(span).await),
        None => None,
    };
    let second = later.as_ref().map_or_else(|| App::of(stage), |instance| App::at(&instance.origin));
    let again = second.token(&[("code", &code)]).await;
    assert_eq!((again.status.as_u16(), again.json()["error"].as_str()), (400, Some("invalid_grant")), "{}", again.body);
    for app in [&app, &second] {
        assert_eq!(app.userinfo(&tokens.access).await.status, 401, "after {span:?}");
        let refreshed = app.refresh(&tokens.refresh, &[]).await;
        assert_eq!(refreshed.json()["error"], "invalid_grant", "after {span:?}");
    }
    if let Some(instance) = later {
        instance.running.stop().await;
    }
}

on_both_stores! {
    /// AC-10: a code used twice takes back what it gave.
    async fn a_code_used_twice_revokes_what_it_gave(stage: Stage) {
        reused_after(&stage, &Browser::new().sign_in(&stage, &[], "google").await, None).await;
        stage.stop().await;
    }

    /// And so it does long after its end, while what it gave still lives.
    async fn a_code_reused_after_its_end(stage: Stage) {
        reused_after(&stage, &Browser::new().sign_in(&stage, &[], "google").await, Some(Duration::from_secs(120))).await;
        stage.stop().await;
    }

    /// The same when what it gave has long become something else: everything of the family ends.
    async fn a_code_used_again_ends_what_was_refreshed_since(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let code = fresh_code(&stage, &browser, &[]).await;
        let first = Tokens::of(&app.token(&[("code", &code)]).await);
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        // Another app's try is nothing to it.
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET), ("code", code.as_str())];
        assert_eq!(app.token(&wiki).await.json()["error"], "invalid_grant");
        assert_eq!(app.userinfo(&second.access).await.status, 200);
        assert_eq!(app.token(&[("code", &code)]).await.json()["error"], "invalid_grant");
        for tokens in [first, second] {
            assert_eq!(app.userinfo(&tokens.access).await.status, 401);
            assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        }
        stage.stop().await;
    }

    /// AC-12, AC-15, AC-13: the code is bound to app, redirect URI and challenge; what is wrong burns nothing.
    async fn a_code_is_bound_to_everything_and_wrong_tries_burn_nothing(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let code = fresh_code(&stage, &browser, &[]).await;
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        for (changes, error, status) in [
            (wiki.to_vec(), "invalid_grant", 400),
            (vec![("client_secret", WIKI_SECRET)], "invalid_client", 401),
            (vec![("client_id", "wiki")], "invalid_client", 401),
            (vec![("client_secret", "")], "invalid_client", 401),
            (vec![("client_id", ""), ("client_secret", "")], "invalid_client", 401),
            (vec![("client_id", "nobody")], "invalid_client", 401),
            (vec![("redirect_uri", "https://notes.test/other")], "invalid_grant", 400),
            (vec![("redirect_uri", "")], "invalid_grant", 400),
            (vec![("redirect_uri", "https://notes.test/c%61llback")], "invalid_grant", 400),
            (vec![("code_verifier", "")], "invalid_grant", 400),
            (vec![("code_verifier", CHALLENGE)], "invalid_grant", 400),
            (vec![("code_verifier", "short")], "invalid_grant", 400),
            (vec![("grant_type", "")], "invalid_request", 400),
            (vec![("grant_type", "password")], "unsupported_grant_type", 400),
            (vec![("grant_type", "implicit")], "unsupported_grant_type", 400),
        ] {
            let changed = [changes.as_slice(), &[("code", code.as_str())]].concat();
            let page = app.token(&changed).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{changes:?}");
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("www-authenticate").is_empty(), status != 401, "{changes:?}");
        }
        for wrong in ["", "vst_c_", "vst_c_AAAA", &code[..code.len() - 1], &format!("{code}A"), &code.to_uppercase()] {
            let page = app.token(&[("code", wrong)]).await;
            assert_eq!(page.status, 400, "{wrong}");
        }
        Tokens::of(&app.token(&[("code", &code)]).await);
        stage.stop().await;
    }

    /// AC-13: a verifier without a challenge is a downgrade; a confidential app may do without both.
    async fn a_verifier_needs_a_challenge(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        let code = fresh_code(&stage, &browser, &without).await;
        let page = app.token(&[("code", &code), ("code_verifier", VERIFIER)]).await;
        assert_eq!(page.json()["error"], "invalid_grant");
        Tokens::of(&app.token(&[("code", &code), ("code_verifier", "")]).await);
        stage.stop().await;
    }

    /// AC-13: an app whose verifier is always the same is protected by none, and its operator can read so. Another app with
    /// that verifier is another app.
    async fn a_verifier_is_for_one_login(on: OnStore) {
        let mut stage = Stage::start_with(on, |config| format!("{config}\n[audit]\nfile = \"audit.jsonl\"\n")).await;
        let mut process = stage.leave_to_the_binary().await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let login = async |verifier: &str| {
            let challenge = bytes::to_base64url(&bytes::sha256(verifier.as_bytes()));
            let code = fresh_code(&stage, &browser, &[("code_challenge", &challenge)]).await;
            assert_eq!(app.token(&[("code", &code), ("code_verifier", verifier)]).await.status, 200);
            assert_eq!(app.token(&[("code", "vst_c_x"), ("code_verifier", verifier)]).await.status, 400);
        };
        let lines = || {
            let text = std::fs::read_to_string(stage.folder().join("audit.jsonl")).unwrap_or_default();
            text.matches("\"verifier_reuse\"").count()
        };
        for first in ["0", "1"] {
            login(&VERIFIER.replacen('d', first, 1)).await;
        }
        app.native_tokens(&browser.sign_in(&stage, &NATIVE, "google").await).await;
        login(VERIFIER).await;
        login(VERIFIER).await;
        eventually("the second login stands in the stream", async || lines() == 1).await;
        login(VERIFIER).await;
        eventually("and so does the third", async || lines() == 2).await;
        process.kill();
        stage.stop().await;
    }

    /// AC-16: one method at a time, form-encoded before it is base64.
    async fn client_secret_basic(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let code = fresh_code(&stage, &browser, &[]).await;
        let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", NOTES_CALLBACK), ("code_verifier", VERIFIER)];
        let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let both = [form.as_slice(), &[("client_secret", NOTES_SECRET)]].concat();
        let good = basic("notes", NOTES_SECRET);
        assert_eq!(app.token_with(&both, &[("authorization", &good)]).await.json()["error"], "invalid_request");
        let other = [form.as_slice(), &[("client_id", "wiki")]].concat();
        assert_eq!(app.token_with(&other, &[("authorization", &good)]).await.json()["error"], "invalid_request");
        for wrong in [basic("notes", "x"), basic("wiki", NOTES_SECRET), "Basic !!!".into(), "Basic".into(), "Bearer x".into()] {
            let page = app.token_with(&form, &[("authorization", &wrong)]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{wrong}");
            assert!(page.header("www-authenticate").starts_with("Basic "));
        }
        let encoded = basic("%6eotes", &NOTES_SECRET.replace('-', "%2D"));
        Tokens::of(&app.token_with(&form, &[("authorization", &encoded)]).await);
        stage.stop().await;
    }

    /// An app without a secret may say so in a header, as x/oauth2 does at first; one with a secret proves nothing by it.
    async fn an_empty_secret_is_none(stage: Stage) {
        let app = App::of(&stage);
        let basic = |id: &str| format!("Basic {}", STANDARD.encode(format!("{id}:")));
        let answer = Browser::new().sign_in(&stage, &NATIVE, "google").await;
        let form = [("grant_type", "authorization_code"), NATIVE[1], ("code", &*param(&answer, "code").unwrap()), ("code_verifier", VERIFIER)];
        for id in ["notes", "nobody"] {
            let page = app.token_with(&form, &[("authorization", &basic(id))]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{id}");
        }
        Tokens::of(&app.token_with(&form, &[("authorization", &basic("native"))]).await);
        stage.stop().await;
    }

    /// A secret in the query is none (AS20).
    async fn a_secret_in_the_uri_is_not_looked_at(stage: Stage) {
        let browser = Browser::new();
        let url = format!("{}/token?client_id=notes&client_secret={NOTES_SECRET}&grant_type=authorization_code", stage.issuer);
        let page = browser.post(&url, &[("code", "x")], &[]).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")));
        let url = format!("{}/token", stage.issuer);
        assert_eq!(browser.get(&url).await.status, 405);
        stage.stop().await;
    }

    /// Sixty-four at once: one wins, and the others take it back, or come to nothing.
    async fn a_race_for_a_code_has_one_winner(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        for _ in 0..3 {
            let code = fresh_code(&stage, &browser, &[]).await;
            let tries = (0..32).map(|_| async { app.token(&[("code", &code)]).await.status.as_u16() });
            let statuses = futures_util::future::join_all(tries).await;
            let wins = statuses.iter().filter(|status| **status == 200).count();
            assert!(wins <= 1, "{statuses:?}");
        }
        stage.stop().await;
    }
}
