//! From the first visit to signing out.

use std::collections::BTreeSet;

use vestibule::{
    partition::At,
    seal::Lock,
    store::{Commit, Entry, Guard, Kind, Outcome, Put, RecordKey},
};

use super::{BOARD, FILES, Visitor, gated, visitor::text};
use crate::{
    on_both_stores,
    stage::{App, OnStore, Stage, eventually, jws_claims, jws_header, param},
};

on_both_stores! {
    /// The first visit leads through a login back to the very address; the second host needs no second login; what the
    /// app is told is complete, and the same assertion serves again.
    async fn one_login_opens_every_host(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        let uri = "/app/a%20b/c?x=1&y=%2F..&z=//evil.test";
        let let_in = ada.visit(BOARD, uri).await;
        assert_eq!(let_in.status, 200, "{}", let_in.body);
        assert_eq!(text(&let_in, "x-vestibule-auth"), "user");
        assert_eq!(text(&let_in, "remote-email"), "ada.lovelace@gmail.com");
        // What is optional is off until the person turns it on.
        assert_eq!(let_in.headers.get("remote-name").map(|value| value.len()), Some(0));
        assert!(let_in.headers.contains_key("remote-groups"));
        let jwt = text(&let_in, "x-vestibule-jwt");
        let claims = jws_claims(&jwt);
        assert_eq!(jws_header(&jwt)["typ"], "vestibule-gate+jwt");
        assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(stage.issuer.as_str()), Some("https://board.test")));
        assert_eq!(claims["sub"].as_str(), Some(text(&let_in, "remote-user").as_str()));
        assert_eq!(claims["email"], "ada.lovelace@gmail.com");
        assert!(claims["name"].is_null());
        let lives = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert!((1..=300).contains(&lives), "{lives}");
        assert_eq!(text(&ada.navigate(BOARD, "/app/other").await, "x-vestibule-jwt"), jwt, "signed once");

        // The provider is away: nobody is asked to sign in again.
        stage.google.fault(vestibule::demo::simulators::Fault::Http500);
        let elsewhere = ada.visit(FILES, "/").await;
        assert_eq!(elsewhere.status, 200);
        assert_ne!(text(&elsewhere, "remote-user"), text(&let_in, "remote-user"), "apps cannot compare notes");
        stage.stop().await;
    }

    /// Signing out on one host ends it on all of them at once, and where the session began.
    async fn signing_out_ends_every_host_at_once(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        ada.visit(BOARD, "/app/").await;
        ada.visit(FILES, "/").await;
        let page = ada.own_page(&"https://board.test/.vestibule/logout".parse().unwrap()).await;
        assert_eq!(page.status, 200, "GET asks: {}", page.body);
        assert!(page.header("content-security-policy").contains(&format!("style-src {}", stage.issuer)));
        assert_eq!(ada.navigate(FILES, "/").await.status, 200, "asking ends nothing");
        let mut fields = page.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        // Another site cannot say yes for the person.
        for foreign in [[("origin", "https://evil.test")], [("origin", "https://files.test")], [("sec-fetch-site", "cross-site")]] {
            assert_eq!(ada.post("https://board.test/.vestibule/logout", &fields, &foreign).await.status, 403, "{foreign:?}");
        }
        let own = [("origin", "https://board.test"), ("sec-fetch-site", "same-origin")];
        let done = ada.post("https://board.test/.vestibule/logout", &fields, &own).await;
        assert_eq!(done.location().map(String::from), Some(format!("{}/logout/done", stage.issuer)));
        assert!(ada.cookie(BOARD, "__Host-vst_gate").is_none());
        assert_eq!(ada.navigate(FILES, "/").await.status, 302);
        let issuer = format!("{}/.well-known/openid-configuration", stage.issuer);
        assert_eq!(ada.browser.get(&issuer).await.status, 200);
        let again = ada.browser.open(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(param(&again.location().unwrap(), "error").as_deref(), Some("login_required"));
        stage.stop().await;
    }

    /// A session that ends anywhere, an account that is blocked or gone, an app that is paused or left: no check passes
    /// any more, from that moment on.
    async fn what_ends_elsewhere_ends_here_at_once(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let house = stage.broker().house();
        let (files, board) = ("files".parse().unwrap(), "board".parse().unwrap());
        let directory = house.directory();
        let app = directory.apps.get(&files).unwrap();

        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        let who = stage.who(&ada.browser).await;
        house.consents.pause(&who, app).await.unwrap();
        assert_eq!(ada.navigate(FILES, "/").await.status, 302, "paused");
        assert_eq!(ada.navigate(BOARD, "/app/").await.status, 200, "another app is not");
        // The way in says so, and does not turn in a circle.
        let told = ada.sign_in(&ada.navigate(FILES, "/").await, "google").await;
        assert_eq!(told.status, 403, "{:?}", told.location());
        house.consents.resume(&who, app).await.unwrap();
        assert_eq!(ada.navigate(FILES, "/").await.status, 200, "resumed");
        house.consents.disconnect(&who, &files).await.unwrap();
        assert_eq!(ada.navigate(FILES, "/").await.status, 302, "disconnected");
        // Whoever comes back begins another agreement; the pass of the first stays dead.
        let old = ada.cookie(FILES, "__Host-vst_gate").unwrap();
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        ada.set_cookie(FILES, "__Host-vst_gate", &old);
        assert_eq!(ada.navigate(FILES, "/").await.status, 302);

        house.consents.disconnect(&who, &board).await.unwrap();
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        house.sessions.end_all(&stage.who(&ada.browser).await, vestibule::partition::By::User).await.unwrap();
        assert_eq!(ada.navigate(BOARD, "/app/").await.status, 302, "signed out everywhere");

        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        let identity = who.living.identities[0].identity;
        house.accounts.block(identity).await.unwrap();
        assert_eq!(ada.navigate(BOARD, "/app/").await.status, 302, "blocked");
        assert_eq!(ada.sign_in(&ada.navigate(BOARD, "/app/").await, "google").await.status, 403);
        house.accounts.unblock(identity).await.unwrap();
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        let who = stage.who(&ada.browser).await;
        let code = vestibule::partition::StatusCode::generate(&vestibule::types::SystemRandom);
        house.accounts.delete(&who, vestibule::partition::Origin::Person, &code).await.unwrap();
        assert_eq!(ada.navigate(BOARD, "/app/").await.status, 302, "deleted");
        // What the life that is over left goes, and the pass of the new one stays.
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        house.accounts.sweep(who.home).await.unwrap();
        let is_pass = |entry: &&vestibule::store::Entry| entry.key.kind() == Some(vestibule::store::Kind::Gate);
        assert_eq!(stage.records().await.iter().filter(is_pass).count(), 1);
        assert_eq!(ada.navigate(BOARD, "/app/").await.status, 200);
        stage.stop().await;
    }

    /// What a life that is over left goes, pass by pass and record by record, although the person is back: here it lies
    /// as after a crash, beside the new life.
    async fn what_an_earlier_life_left_goes_beside_the_new_one(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let house = stage.broker().house();
        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        let who = stage.who(&ada.browser).await;
        let of_a_life = |entry: &Entry| {
            let outlives = matches!(entry.key.kind(), Some(Kind::Head | Kind::Intent));
            entry.partition == who.partition() && !outlives
        };
        let old: Vec<Entry> = stage.records().await.into_iter().filter(of_a_life).collect();
        let kinds: BTreeSet<Kind> = old.iter().filter_map(|entry| entry.key.kind()).collect();
        let life = [Kind::Session, Kind::Gate, Kind::Grant, Kind::Consent, Kind::Served, Kind::History, Kind::Receipt];
        assert_eq!(kinds, BTreeSet::from(life));
        let code = vestibule::partition::StatusCode::generate(&vestibule::types::SystemRandom);
        house.accounts.delete(&who, vestibule::partition::Origin::Person, &code).await.unwrap();
        eventually("the apps are told", async || house.accounts.status(&code).await.unwrap().unwrap().gone.is_some()).await;

        assert_eq!(ada.visit(FILES, "/").await.status, 200, "the person is back");
        let new: Vec<Entry> = stage.records().await.into_iter().filter(of_a_life).collect();
        for Entry { partition, key, stored } in old.clone() {
            // Of those with a name that says nothing of the life, the new one has its own.
            if new.iter().any(|entry| entry.key == key) {
                continue;
            }
            let put = Put { key: key.clone(), version: stored.version, value: stored.value, expires: stored.expires, due: None };
            let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
            assert_eq!(stage.backend().commit(&partition, commit).await.unwrap(), Outcome::Committed);
        }
        house.accounts.sweep(who.home).await.unwrap();
        let left: Vec<_> = stage.records().await.into_iter().filter(of_a_life).map(|entry| entry.key).collect();
        let names = |keys: Vec<RecordKey>| keys.iter().map(|key| key.as_str().to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(names(left), names(new.into_iter().map(|entry| entry.key).collect()));
        assert_eq!(ada.navigate(FILES, "/").await.status, 200, "and the pass of the new life stays");
        stage.stop().await;
    }

    /// Promise 1 at the gate: the master opens which host a pass is of, and nothing of what is known.
    async fn the_master_alone_opens_no_pass(on: OnStore) {
        #[derive(serde::Deserialize)]
        struct Sealed {
            #[serde(with = "serde_bytes")]
            header: Vec<u8>,
            #[serde(with = "serde_bytes")]
            content: Vec<u8>,
        }
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(FILES, "/").await.status, 200);
        let (codec, who) = (stage.codec(), stage.who(&ada.browser).await);
        let records = stage.records().await;
        let passes: Vec<&Entry> = records.iter().filter(|entry| entry.key.kind() == Some(Kind::Gate)).collect();
        assert_eq!(passes.len(), 1);
        for pass in passes {
            let sealed: Sealed = rmp_serde::from_slice(&pass.stored.value).unwrap();
            let at = |part| At { part, partition: &pass.partition, key: &pass.key, life: &who.life };
            assert!(codec.opens(at("gate header"), Lock::Master, &sealed.header), "this is how one tries");
            for lock in [Lock::Master, Lock::Key(&who.living.account_key), Lock::MasterAnd(&who.living.account_key)] {
                assert!(!codec.opens(at("gate pass"), lock, &sealed.content));
            }
        }
        stage.stop().await;
    }

    /// A pass opens the host that it was given for, whoever carries it where; and nothing of ours is a pass but a pass.
    async fn a_pass_is_for_one_host(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        ada.visit(BOARD, "/app/").await;
        ada.visit(FILES, "/").await;
        let (board, files) = (ada.cookie(BOARD, "__Host-vst_gate").unwrap(), ada.cookie(FILES, "__Host-vst_gate").unwrap());
        let session = ada.browser.cookie(&stage.issuer, "vst_session").unwrap();
        let thief = Visitor::new(&stage);
        for (host, uri, value) in [
            (FILES, "/", board.as_str()),
            (BOARD, "/app/", &files),
            (BOARD, "/app/", &session),
            (BOARD, "/app/", &board[..board.len() - 1]),
            (BOARD, "/app/", &board.to_uppercase()),
            (BOARD, "/app/", ""),
        ] {
            thief.set_cookie(host, "__Host-vst_gate", value);
            assert_eq!(thief.navigate(host, uri).await.status, 302, "{host} {value}");
            // The names that it has elsewhere are nothing here.
            thief.set_cookie(host, "__Host-vst_gate", "x");
            thief.set_cookie(host, "vst_gate", &board);
            thief.set_cookie(host, "__Host-vst_session", &session);
            assert_eq!(thief.navigate(host, uri).await.status, 302);
        }
        // Of two with one name neither is believed.
        let twice = format!("__Host-vst_gate={board}; __Host-vst_gate={board}");
        let page = thief.forward_auth("GET", BOARD, "/app/", &[("accept", "text/html"), ("cookie", &twice)]).await;
        assert_eq!(page.status, 302);
        stage.stop().await;
    }

    /// A callback is for the browser that began, once; whatever else comes there leads to a page, and to no pass.
    async fn a_callback_belongs_to_the_browser_that_began(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let (ada, eve) = (Visitor::new(&stage), Visitor::new(&stage));
        let begun = ada.own_page(&ada.navigate(BOARD, "/app/").await.location().unwrap()).await;
        let page = ada.browser.open(begun.location().unwrap().as_str()).await;
        let page = ada.browser.choose(&page, "google").await;
        let callback = page.location().unwrap();
        assert_eq!(callback.host_str(), Some(BOARD));
        // Login CSRF: somebody else's browser is given the answer.
        eve.own_page(&eve.navigate(BOARD, "/app/").await.location().unwrap()).await;
        assert_eq!(eve.own_page(&callback).await.status, 400);
        assert!(eve.cookie(BOARD, "__Host-vst_gate").is_none());
        for (name, value) in [("iss", "https://evil.test"), ("iss", ""), ("state", "x"), ("code", "vst_c_x"), ("error", "access_denied")] {
            let mut changed = callback.clone();
            let others: Vec<(String, String)> =
                callback.query_pairs().filter(|(other, _)| other != name).map(|(n, v)| (n.into(), v.into())).collect();
            changed.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
            let status = ada.own_page(&changed).await.status.as_u16();
            assert!((400..500).contains(&status), "{name}={value}: {status}");
            assert!(ada.cookie(BOARD, "__Host-vst_gate").is_none());
            if name == "error" {
                continue;
            }
        }
        // The sign-in that was told no is over; a new one goes well, and its answer serves once.
        assert_eq!(ada.visit(BOARD, "/app/").await.status, 200);
        stage.stop().await;
    }

    /// A proxy that leads nowhere sends the browser back again and again: the circle is broken by a page.
    async fn a_circle_is_broken(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        let start = ada.navigate(BOARD, "/app/").await.location().unwrap();
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(ada.own_page(&start).await.status.as_u16());
        }
        assert_eq!(statuses[..8], [303; 8], "several tabs may sign in at once");
        assert_eq!(statuses[8..], [429; 4]);
        assert!(ada.own_page(&start).await.body.contains("https://board.test/.vestibule/start"));
        stage.stop().await;
    }

    /// A person decides at the question as for any app, and what they turn on reaches the app with the next check.
    async fn the_question_is_asked_and_the_answer_holds(on: OnStore) {
        let asking = |config: String| gated(config).replace("consent = \"implicit\"\n", "");
        let stage = Stage::start_with(on, asking).await;
        let ada = Visitor::careful(&stage);
        let begun = ada.own_page(&ada.navigate(BOARD, "/app/").await.location().unwrap()).await;
        let page = ada.browser.open(begun.location().unwrap().as_str()).await;
        let page = ada.browser.choose(&page, "google").await;
        assert!(page.is_question() && page.body.contains("board.test"), "{}", page.body);
        let declined = ada.browser.submit(&page, "no", &[]).await;
        let told = ada.own_page(&declined.location().unwrap()).await;
        assert_eq!(told.status, 403);
        assert!(ada.cookie(BOARD, "__Host-vst_gate").is_none());

        let begun = ada.own_page(&ada.navigate(BOARD, "/app/").await.location().unwrap()).await;
        let page = ada.browser.open(begun.location().unwrap().as_str()).await;
        let agreed = ada.browser.submit(&page, "yes", &["name"]).await;
        ada.own_page(&agreed.location().unwrap()).await;
        let let_in = ada.navigate(BOARD, "/app/").await;
        assert_eq!(text(&let_in, "remote-name"), "Ada Lovelace");
        let (house, who) = (stage.broker().house(), stage.who(&ada.browser).await);
        let (directory, board) = (house.directory(), "board".parse().unwrap());
        house.consents.change(&who, directory.apps.get(&board).unwrap(), &Default::default()).await.unwrap();
        let let_in = ada.navigate(BOARD, "/app/").await;
        assert_eq!((let_in.status.as_u16(), text(&let_in, "remote-name")), (200, String::new()));
        assert!(jws_claims(&text(&let_in, "x-vestibule-jwt"))["name"].is_null());
        let served = house.accounts.served(&who).await.unwrap();
        assert!(served.iter().any(|(app, _)| *app == board), "what went out is written down");
        stage.stop().await;
    }
}

/// A gated app has no other way in: its code is for its own host alone, whoever knows the verifier.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_the_gate_is_for_the_gate() {
    let stage = Stage::start_with(OnStore::Sqlite, gated).await;
    let (ada, app) = (Visitor::new(&stage), App::of(&stage));
    let begun = ada.own_page(&ada.navigate(BOARD, "/app/").await.location().unwrap()).await;
    let page = ada.browser.open(begun.location().unwrap().as_str()).await;
    let callback = ada.browser.choose(&page, "google").await.location().unwrap();
    let code = param(&callback, "code").unwrap();
    let uri = "https://board.test/.vestibule/callback";
    let form = [("client_id", "board"), ("client_secret", ""), ("redirect_uri", uri), ("code", code.as_str())];
    assert_eq!(app.token(&form).await.json()["error"], "unauthorized_client");
    // Somebody asks for themselves, with a verifier of their own.
    let asked = [("client_id", "board"), ("redirect_uri", uri)];
    let own = ada.browser.get(&stage.authorize(&asked)).await.location().unwrap();
    let code = param(&own, "code").unwrap_or_else(|| panic!("{own}"));
    let form = [("client_id", "board"), ("client_secret", ""), ("redirect_uri", uri), ("code", code.as_str())];
    assert_eq!(app.token(&form).await.json()["error"], "unauthorized_client");
    let changes = [("client_id", "board"), ("redirect_uri", "https://evil.test/.vestibule/callback")];
    assert_eq!(ada.browser.get(&stage.authorize(&changes)).await.status, 400);
    stage.stop().await;
}
