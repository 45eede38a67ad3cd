//! Refresh tokens over real HTTP: an honest app, a thief, two instances, and everything that ends them.

use std::collections::BTreeSet;

use vestibule::{
    partition::{Head, Life, Presence},
    store::{Commit, Outcome, RecordKey},
    types::{Claim, SystemRandom},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, NATIVE, NOTES_SECRET, OnStore, Stage, Tokens, WIKI_SECRET, jws_claims, param},
};

const OFFLINE: [(&str, &str); 1] = [("scope", "openid email profile offline_access")];

/// No second chance for a lost answer: then every spent token is a stolen one.
fn strict(config: String) -> String {
    format!("{config}\n[lifetimes]\nrefresh_grace = \"0s\"\n")
}

async fn refused(app: &App, token: &str) {
    let page = app.refresh(token, &[]).await;
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_grant")), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
}

/// Somebody signed in, with an app that may come back while they are away.
async fn visit(stage: &Stage, request: &[(&str, &str)]) -> (Browser, App, Tokens) {
    let (browser, app) = (Browser::new(), App::of(stage));
    let tokens = app.tokens(&browser.sign_in(stage, request, "google").await).await;
    (browser, app, tokens)
}

/// Changes the head of an account, as an operator or a deletion does.
async fn change_head(stage: &Stage, who: &Presence, change: impl FnOnce(&mut Head)) {
    let (codec, store, partition) = (stage.codec(), stage.backend(), who.partition());
    let stored = store.read(&partition, &[RecordKey::head()]).await.unwrap().pop().flatten().unwrap();
    let mut head = codec.open_head(who.home, &stored).unwrap();
    change(&mut head);
    let commit = Commit { guards: vec![who.unchanged()], puts: vec![codec.put_head(who.home, &head)], deletes: vec![] };
    assert_eq!(store.commit(&partition, commit).await.unwrap(), Outcome::Committed);
}

on_both_stores! {
    /// The same person, the same login, new tokens (OpenID Connect Core, section 12.2).
    async fn a_refresh_brings_new_tokens_for_the_same_login(stage: Stage) {
        let (_, app, first) = visit(&stage, &[]).await;
        assert!(first.refresh.starts_with("vst_r_"));
        let page = app.refresh(&first.refresh, &[]).await;
        assert_eq!((page.header("cache-control"), page.header("content-type")), ("no-store", "application/json"));
        let json = page.json();
        assert_eq!((json["token_type"].as_str(), json["scope"].as_str()), (Some("Bearer"), Some("openid profile email")));
        let second = Tokens::of(&page);
        let (was, is) = (jws_claims(&first.id), jws_claims(&second.id));
        for name in ["iss", "sub", "aud", "auth_time", "sid", "email"] {
            assert_eq!(was[name], is[name], "{name}");
        }
        assert!(was["nonce"] == "n-1" && is.get("nonce").is_none());
        assert_ne!(jws_claims(&first.access)["jti"], jws_claims(&second.access)["jti"]);
        assert!(second.refresh != first.refresh && second.refresh.starts_with("vst_r_"));
        // An access token of an earlier generation works until it expires.
        for tokens in [&first, &second] {
            assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        }
        stage.stop().await;
    }

    /// A public app has no secret; rotation alone protects it (AS15).
    async fn a_public_app_refreshes_without_a_secret(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let first = app.native_tokens(&browser.sign_in(&stage, &NATIVE, "google").await).await;
        let bare = [("client_id", "native"), ("client_secret", "")];
        let second = Tokens::of(&app.refresh(&first.refresh, &bare).await);
        Tokens::of(&app.refresh(&second.refresh, &bare).await);
        assert_eq!(app.refresh(&first.refresh, &bare).await.json()["error"], "invalid_grant");
        stage.stop().await;
    }

    /// The network loses answers: asking again brings the identical one, until it was used.
    async fn a_lost_answer_comes_again(stage: Stage) {
        let (_, app, first) = visit(&stage, &[]).await;
        let lost = app.refresh(&first.refresh, &[]).await.body;
        let heard = app.refresh(&first.refresh, &[]).await;
        assert_eq!(heard.body, lost);
        let second = Tokens::of(&heard);
        let third = Tokens::of(&app.refresh(&second.refresh, &[]).await);
        assert_eq!(app.userinfo(&third.access).await.status, 200);
        // Only the direct predecessor enjoys it.
        refused(&app, &first.refresh).await;
        for tokens in [&first, &second, &third] {
            refused(&app, &tokens.refresh).await;
            assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        }
        stage.stop().await;
    }

    /// AC-27: whoever comes second, thief or app, ends it for both; the person reads of it.
    async fn a_thief_and_the_app_end_it_for_both(on: OnStore) {
        let stage = Stage::start_with(on, strict).await;
        for thief_first in [true, false] {
            let (browser, app, first) = visit(&stage, &OFFLINE).await;
            let thief = App::of(&stage);
            let (one, other) = if thief_first { (&thief, &app) } else { (&app, &thief) };
            let second = Tokens::of(&one.refresh(&first.refresh, &[]).await);
            let third = Tokens::of(&one.refresh(&second.refresh, &[]).await);
            refused(other, &first.refresh).await;
            for tokens in [&first, &second, &third] {
                refused(one, &tokens.refresh).await;
                assert_eq!(app.userinfo(&tokens.access).await.status, 401);
            }
            let who = stage.who(&browser).await;
            let history = stage.broker().house().accounts.history(&who).await.unwrap();
            let told = history.iter().filter(|line| format!("{:?}", line.deed).starts_with("Reused")).count();
            assert_eq!(told, 1 + usize::from(!thief_first));
        }
        stage.stop().await;
    }

    /// C-54, AC-76: bound to its app; one kind is never taken for another; what is wrong burns nothing.
    async fn a_refresh_token_is_bound_and_wrong_tries_burn_nothing(stage: Stage) {
        let (browser, app, first) = visit(&stage, &[]).await;
        let code = param(&browser.sign_in(&stage, &[], "google").await, "code").unwrap();
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        for (changes, error, status) in [
            (wiki.to_vec(), "invalid_grant", 400),
            (vec![("client_secret", WIKI_SECRET)], "invalid_client", 401),
            (vec![("client_id", "wiki")], "invalid_client", 401),
            (vec![("client_secret", "")], "invalid_client", 401),
            (vec![("client_id", "wiki"), ("client_secret", NOTES_SECRET)], "invalid_client", 401),
            (vec![("scope", "openid email profile address")], "invalid_scope", 400),
            (vec![("scope", "bogus")], "invalid_scope", 400),
            (vec![("refresh_token", "")], "invalid_request", 400),
        ] {
            let page = app.refresh(&first.refresh, &changes).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{changes:?}");
        }
        let cookie = browser.cookie(&stage.issuer, "vst_session").unwrap();
        let upper = first.refresh.to_uppercase();
        for wrong in ["vst_r_", "vst_r_AAAA", &code, &first.access, &first.id, &cookie, &upper, &first.refresh[1..]] {
            refused(&app, wrong).await;
        }
        assert_eq!(app.token(&[("code", &first.refresh)]).await.json()["error"], "invalid_grant");
        assert_eq!(app.userinfo(&first.refresh).await.status, 401);
        Tokens::of(&app.refresh(&first.refresh, &[]).await);
        stage.stop().await;
    }

    /// RFC 6749, section 6: less for one answer; the family keeps what was granted (AS16).
    async fn a_scope_gets_narrower_and_never_wider(stage: Stage) {
        let (_, app, first) = visit(&stage, &[]).await;
        let page = app.refresh(&first.refresh, &[("scope", "openid")]).await;
        assert_eq!(page.json()["scope"], "openid");
        let narrow = Tokens::of(&page);
        assert!(jws_claims(&narrow.id).get("email").is_none());
        assert!(app.userinfo(&narrow.access).await.json().get("email").is_none());
        let without = app.refresh(&narrow.refresh, &[("scope", "email")]).await.json();
        assert!(without.get("id_token").is_none());
        let page = app.userinfo(without["access_token"].as_str().unwrap()).await;
        assert_eq!((page.status.as_u16(), page.header("www-authenticate").contains("insufficient_scope")), (403, true));
        let whole = Tokens::of(&app.refresh(without["refresh_token"].as_str().unwrap(), &[]).await);
        assert_eq!(jws_claims(&whole.id)["email"], "ada.lovelace@gmail.com");
        stage.stop().await;
    }

    /// DESIGN section 11: without `offline_access` it ends with the session, with it, it survives signing out (AC-33).
    async fn signing_out_ends_what_is_not_offline(stage: Stage) {
        let (browser, app, offline) = visit(&stage, &OFFLINE).await;
        let bound = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        assert_eq!(jws_claims(&offline.access)["scope"], "openid profile email offline_access");
        let out = browser.get(&format!("{}/logout?id_token_hint={}", stage.issuer, bound.id)).await;
        assert_eq!(out.status, 303);
        refused(&app, &bound.refresh).await;
        assert_eq!(app.userinfo(&bound.access).await.status, 401);
        let next = Tokens::of(&app.refresh(&offline.refresh, &[]).await);
        assert_eq!(app.userinfo(&next.access).await.status, 200);
        stage.stop().await;
    }

    /// A choice counts from the next refresh on, and at UserInfo at once; a pause and a disconnection at both at once.
    async fn the_person_decides_at_any_time(stage: Stage) {
        let (browser, app, first) = visit(&stage, &OFFLINE).await;
        let (house, directory) = (stage.broker().house(), stage.broker().house().directory.load_full());
        let notes = directory.apps.find("notes").unwrap();
        let who = stage.who(&browser).await;
        house.consents.change(&who, notes, &BTreeSet::from([Claim::Name])).await.unwrap();
        assert_eq!(app.userinfo(&first.access).await.json()["name"], "Ada Lovelace");
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        assert_eq!(jws_claims(&second.id)["name"], "Ada Lovelace");
        house.consents.change(&who, notes, &BTreeSet::new()).await.unwrap();
        assert!(app.userinfo(&first.access).await.json().get("name").is_none());
        // The answer that was given before said more: it is made anew, with the same refresh token.
        let again = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        assert!(jws_claims(&again.id).get("name").is_none() && again.refresh == second.refresh);

        house.consents.pause(&who, notes).await.unwrap();
        refused(&app, &again.refresh).await;
        assert_eq!(app.userinfo(&again.access).await.status, 401);
        house.consents.resume(&who, notes).await.unwrap();
        let third = Tokens::of(&app.refresh(&again.refresh, &[]).await);

        house.consents.disconnect(&who, &notes.id).await.unwrap();
        refused(&app, &third.refresh).await;
        assert_eq!(app.userinfo(&third.access).await.status, 401);
        // Coming back begins anew, and brings nothing back.
        let new = app.tokens(&browser.sign_in(&stage, &OFFLINE, "google").await).await;
        refused(&app, &third.refresh).await;
        Tokens::of(&app.refresh(&new.refresh, &[]).await);
        stage.stop().await;
    }

    /// C-61, AC-56: a blocked account, and one that is deleted, refreshes nothing.
    async fn a_block_and_a_deletion_end_it(stage: Stage) {
        let (browser, app, first) = visit(&stage, &OFFLINE).await;
        let blocked = stage.who(&browser).await;
        change_head(&stage, &blocked, |head| head.blocked = true).await;
        refused(&app, &first.refresh).await;
        assert_eq!(app.introspect(&first.refresh, &[]).await.json()["active"], false);

        stage.google.answer_with("grace");
        let (browser, app, first) = visit(&stage, &OFFLINE).await;
        let gone = stage.who(&browser).await;
        let end = |head: &mut Head| (head.life, head.living) = (Life::generate(&SystemRandom), None);
        change_head(&stage, &gone, end).await;
        refused(&app, &first.refresh).await;
        assert_eq!(app.userinfo(&first.access).await.status, 401);
        stage.stop().await;
    }

    /// C-38, AC-30: a provider that was disabled, and an app that was taken away, count at the next refresh.
    async fn the_configuration_of_the_moment_counts(stage: Stage) {
        let (_, app, first) = visit(&stage, &OFFLINE).await;
        let google = |config: &str| config.replacen("[providers.google]", "[providers.google]\nenabled = false", 1);
        stage.reload(|config| google(&config));
        refused(&app, &first.refresh).await;
        assert_eq!(app.userinfo(&first.access).await.status, 401, "AC-21");
        stage.reload(|config| config);
        let first = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        stage.reload(|config| config.replacen("[apps.notes]", "[apps.renamed]", 1));
        assert_eq!(app.refresh(&first.refresh, &[]).await.json()["error"], "invalid_client");
        assert_eq!(app.userinfo(&first.access).await.status, 401, "AC-21");
        let only_code = "[apps.notes]\ngrant_types = [\"authorization_code\"]";
        stage.reload(|config| config.replacen("[apps.notes]", only_code, 1));
        assert_eq!(app.refresh(&first.refresh, &[]).await.json()["error"], "unauthorized_client");
        let without = app.tokens(&Browser::new().sign_in(&stage, &OFFLINE, "google").await).await;
        assert_eq!((without.refresh.as_str(), &jws_claims(&without.access)["scope"]), ("", &"openid profile email".into()));
        stage.stop().await;
    }

    /// C-35: a restart forgets nothing, not even within the second.
    async fn a_restart_forgets_nothing(on: OnStore) {
        let mut stage = Stage::start_with(on, strict).await;
        let (_, app, first) = visit(&stage, &OFFLINE).await;
        let second = Tokens::of(&app.refresh(&first.refresh, &[]).await);
        let mut process = stage.leave_to_the_binary().await;
        let third = Tokens::of(&app.refresh(&second.refresh, &[]).await);
        process.kill();
        process.serve().await;
        refused(&app, &first.refresh).await;
        refused(&app, &third.refresh).await;
        drop(process);
        stage.stop().await;
    }

    /// AC-28 on one instance: sixty-four at once hear one answer.
    async fn sixty_four_at_once_hear_one_answer(stage: Stage) {
        let (_, app, first) = visit(&stage, &[]).await;
        let mut token = first.refresh;
        for _ in 0..2 {
            let pages = futures_util::future::join_all((0..64).map(|_| app.refresh(&token, &[]))).await;
            let answers: BTreeSet<&str> = pages.iter().map(|page| page.body.as_str()).collect();
            assert_eq!(answers.len(), 1, "{answers:?}");
            token = Tokens::of(&pages[0]).refresh;
        }
        Tokens::of(&app.refresh(&token, &[]).await);
        stage.stop().await;
    }

    /// And without a window: one winner at most, and then nobody.
    async fn without_a_window_a_race_ends_it(on: OnStore) {
        let stage = Stage::start_with(on, strict).await;
        let (_, app, first) = visit(&stage, &[]).await;
        let pages = futures_util::future::join_all((0..32).map(|_| app.refresh(&first.refresh, &[]))).await;
        let won: Vec<Tokens> = pages.iter().filter(|page| page.status == 200).map(Tokens::of).collect();
        assert!(won.len() <= 1, "{won:?}");
        for tokens in &won {
            refused(&app, &tokens.refresh).await;
        }
        stage.stop().await;
    }

    /// What is larger than any honest request is refused in the words of the standard.
    async fn a_body_without_an_end_is_refused_in_the_words_of_the_standard(stage: Stage) {
        let (browser, large) = (Browser::new(), "x".repeat(20 * 1024));
        for path in ["/token", "/revoke", "/introspect", "/userinfo"] {
            let page = browser.post(&format!("{}{path}", stage.issuer), &[("token", &large)], &[]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (413, Some("invalid_request")), "{path}");
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
        }
        stage.stop().await;
    }
}

/// AC-28 on two instances: identical answers, never two successors.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_give_one_answer() {
    let stage = Stage::start(OnStore::Redis).await;
    let second = stage.second_instance().await;
    let apps = [App::of(&stage), App::at(&second.origin)];
    let mut token = apps[0].tokens(&Browser::new().sign_in(&stage, &[], "google").await).await.refresh;
    for _ in 0..4 {
        let tries = (0..64).map(|n| apps[n % 2].refresh(&token, &[]));
        let pages = futures_util::future::join_all(tries).await;
        let answers: BTreeSet<&str> = pages.iter().map(|page| page.body.as_str()).collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        token = Tokens::of(&pages[0]).refresh;
    }
    second.running.stop().await;
    stage.stop().await;
}
