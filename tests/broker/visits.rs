//! A person on their own behalf: signing in for their page, adding a way to sign in, deleting everything.

use std::collections::BTreeSet;

use vestibule::{
    demo::simulators::{self, Fault, Simulator},
    partition::{Origin, StatusCode},
    store::{Entry, Kind},
    types::SystemRandom,
    web::csrf::{self, Purpose},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Stage, eventually, jws_claims},
};

const OURS: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

async fn signed_in(stage: &Stage, provider: &str) -> Browser {
    let browser = Browser::new();
    browser.sign_in(stage, &[], provider).await;
    browser
}

async fn form_token(stage: &Stage, browser: &Browser, purpose: Purpose) -> String {
    let cookie = browser.cookie(&stage.issuer, "vst_session").unwrap();
    let house = stage.broker().house();
    let session = house.sessions.find(&cookie).await.unwrap().unwrap();
    csrf::token_for(&house, purpose, session.id.as_bytes())
}

/// The first step of adding a provider, as the button on the privacy page does it.
async fn start_link(stage: &Stage, browser: &Browser, provider: &str) -> Page {
    let token = form_token(stage, browser, Purpose::Link).await;
    let url = format!("{}/account/link/{provider}", stage.issuer);
    browser.post(&url, &[("form_token", &token)], &OURS).await
}

/// The same until somebody is asked.
async fn link_question(stage: &Stage, browser: &Browser, provider: &str) -> Page {
    let started = start_link(stage, browser, provider).await;
    let page = browser.follow(started).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/account/link"), "{}", page.body);
    page
}

/// The page on which one confirms the deletion, answered.
async fn confirm_deletion(stage: &Stage, browser: &Browser) -> Page {
    let page = browser.get(&format!("{}/account/delete", stage.issuer)).await;
    assert_eq!(page.status, 200);
    browser.submit(&page, "yes", &[]).await
}

async fn subject(stage: &Stage, browser: &Browser, provider: &str) -> String {
    let answer = browser.sign_in(stage, &[], provider).await;
    let tokens = App::of(stage).tokens(&answer).await;
    jws_claims(&tokens.id)["sub"].as_str().unwrap().to_owned()
}

async fn ways(stage: &Stage, browser: &Browser) -> BTreeSet<String> {
    let who = stage.who(browser).await;
    who.living.identities.iter().map(|way| way.provider.to_string()).collect()
}

fn kinds(records: &[Entry]) -> Vec<Kind> {
    records.iter().filter_map(|entry| entry.key.kind()).collect()
}

on_both_stores! {
    async fn whoever_opens_their_page_signs_in_first(stage: Stage) {
        let browser = Browser::new();
        let before = stage.records().await.len();
        let page = browser.open(&format!("{}/account", stage.issuer)).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/login"));
        assert_eq!(stage.records().await.len(), before, "an anonymous visit writes nothing");
        let unknown = browser.choose(&page, "nobody").await;
        assert_eq!(unknown.status, 404);
        let page = browser.choose(&page, "google").await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(ways(&stage, &browser).await, ["google".to_owned()].into());
        let cookies = browser.cookies(&stage.issuer);
        assert!(!cookies.keys().any(|name| name.starts_with("vst_a_")), "{cookies:?}");
        stage.stop().await;
    }

    async fn with_one_provider_there_is_nothing_to_choose(stage: Stage) {
        stage.reload(|config| config.replacen("kind = \"facebook\"", "kind = \"facebook\"\nenabled = false", 1));
        let browser = Browser::new();
        let page = browser.open(&format!("{}/account", stage.issuer)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(browser.cookie(&stage.issuer, "vst_session").is_some());
        stage.stop().await;
    }

    /// Shows 5: linked by signing in from inside a session and saying yes. The subject stays, whichever way one comes.
    async fn a_second_way_leads_to_the_same_person(stage: Stage) {
        let browser = Browser::new();
        let before = subject(&stage, &browser, "google").await;
        let page = link_question(&stage, &browser, "facebook").await;
        assert!(page.body.contains("ada@example.com"), "{}", page.body);
        assert_eq!(ways(&stage, &browser).await.len(), 1, "nothing happens before the answer");
        let done = browser.submit(&page, "yes", &[]).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/account#ways"));
        assert_eq!(ways(&stage, &browser).await, ["google".to_owned(), "facebook".to_owned()].into());
        for provider in ["facebook", "google"] {
            assert_eq!(subject(&stage, &Browser::new(), provider).await, before, "{provider}");
        }
        stage.stop().await;
    }

    /// AC-49: the same person with the same address at two providers is two accounts, until somebody links them.
    async fn an_address_alone_links_nobody(stage: Stage) {
        let google = subject(&stage, &Browser::new(), "google").await;
        let facebook = subject(&stage, &Browser::new(), "facebook").await;
        assert_ne!(google, facebook);
        stage.stop().await;
    }

    async fn no_leaves_everything_as_it_was(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let page = link_question(&stage, &browser, "facebook").await;
        let done = browser.submit(&page, "no", &[]).await;
        assert_eq!(done.header("location"), "/account");
        assert_eq!(ways(&stage, &browser).await.len(), 1);
        let late = browser.submit(&page, "yes", &[]).await;
        assert_eq!(late.status, 400, "the proof went with the answer");
        assert_eq!(ways(&stage, &browser).await.len(), 1);
        stage.stop().await;
    }

    /// AC-55: a proof is for the session, the browser, the provider and the person that it was made for, and for one use.
    async fn a_link_proof_is_bound(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let page = link_question(&stage, &browser, "facebook").await;
        let cookies = browser.cookies(&stage.issuer);
        let attempt = cookies.iter().find(|(name, _)| name.starts_with("vst_a_")).unwrap();

        // Another browser, in which somebody else is signed in: with nothing of it, and with the stolen attempt.
        stage.google.answer_with("grace");
        let other = signed_in(&stage, "google").await;
        assert_eq!(other.submit(&page, "yes", &[]).await.status, 400);
        other.set_cookie(&stage.issuer, attempt.0, attempt.1);
        assert_eq!(other.get(page.url.as_str()).await.status, 400);
        assert_eq!(other.submit(&page, "yes", &[]).await.status, 400);
        assert_eq!(ways(&stage, &other).await.len(), 1);

        // The same browser, but another proof: a form answers the one that it showed.
        stage.facebook.answer_with("grace");
        let second = link_question(&stage, &browser, "facebook").await;
        let mut mixed = second.hidden_fields();
        let token = page.hidden_fields().into_iter().find(|(name, _)| name == "form_token").unwrap().1;
        mixed.iter_mut().filter(|(name, _)| name == "form_token").for_each(|(_, value)| value.clone_from(&token));
        mixed.push(("answer".into(), "yes".into()));
        assert_eq!(browser.post_from(&second, &mixed).await.status, 403);
        assert_eq!(ways(&stage, &browser).await.len(), 1);

        // Used twice, also by a browser that kept the cookie.
        assert_eq!(browser.submit(&page, "yes", &[]).await.status, 303);
        let who = stage.who(&browser).await;
        let facebook = who.living.identities.iter().find(|way| way.provider.as_str() == "facebook").unwrap().identity;
        stage.broker().house().accounts.unlink(&who, facebook).await.unwrap();
        browser.set_cookie(&stage.issuer, attempt.0, attempt.1);
        let again = browser.submit(&page, "yes", &[]).await;
        assert_eq!(again.status, 400, "{}", again.body);
        assert_eq!(ways(&stage, &browser).await.len(), 1);
        stage.stop().await;
    }

    /// AC-55: what began in a session ends with it, wherever the person is at that moment.
    async fn a_pending_link_ends_with_its_session(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let page = link_question(&stage, &browser, "facebook").await;
        let on_its_way = start_link(&stage, &browser, "facebook").await;
        let who = stage.who(&browser).await;
        stage.broker().house().sessions.end_all(&who, vestibule::partition::By::User).await.unwrap();
        assert_eq!(browser.submit(&page, "yes", &[]).await.status, 400);
        let back = browser.follow(on_its_way).await;
        assert_eq!(back.status, 400, "{}", back.body);
        // Not even for the same person, signed in again.
        browser.sign_in(&stage, &[], "google").await;
        assert_eq!(browser.submit(&page, "yes", &[]).await.status, 400);
        assert_eq!(ways(&stage, &browser).await.len(), 1);
        stage.stop().await;
    }

    /// AC-55: the provider that was asked is the one that answers; its answer counts once.
    async fn a_swapped_provider_links_nobody(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let started = start_link(&stage, &browser, "facebook").await;
        let state = crate::stage::param(&started.location().unwrap(), "state").unwrap();
        for provider in ["google", "nobody"] {
            let url = format!("{}/callback/{provider}?code=x&state={state}", stage.issuer);
            let page = browser.get(&url).await;
            assert!(matches!(page.status.as_u16(), 400 | 404), "{provider} {}", page.status);
        }
        let elsewhere = Browser::new();
        let foreign = elsewhere.follow(started.clone()).await;
        assert_eq!(foreign.status, 400, "{}", foreign.body);
        assert_eq!(ways(&stage, &browser).await.len(), 1);
        stage.stop().await;
    }

    /// AC-54: somebody came in by it meanwhile. It is theirs, and the pending link is void.
    async fn whoever_came_in_by_it_first_keeps_it(stage: Stage) {
        stage.google.answer_with("grace");
        let attacker = signed_in(&stage, "google").await;
        let pending = link_question(&stage, &attacker, "facebook").await;
        let victim = Browser::new();
        let theirs = subject(&stage, &victim, "facebook").await;
        let late = attacker.submit(&pending, "yes", &[]).await;
        assert_eq!(late.status, 409, "{}", late.body);
        assert_eq!(ways(&stage, &attacker).await.len(), 1);
        assert_eq!(subject(&stage, &Browser::new(), "facebook").await, theirs);
        stage.stop().await;
    }

    /// From inside a fresh session: an older one is renewed on the way, by the same person and nobody else.
    async fn an_old_login_is_renewed_before_a_way_is_added(stage: Stage) {
        stage.google.answer_with("grace");
        signed_in(&stage, "google").await;
        stage.google.answer_with("ada");
        stage.google.fault(vestibule::demo::simulators::Fault::StaleLogin);
        let browser = signed_in(&stage, "google").await;
        stage.google.clear();
        stage.google.answer_with("grace");
        let started = start_link(&stage, &browser, "facebook").await;
        assert!(started.location().unwrap().as_str().starts_with(stage.google.origin()), "first who it is");
        let page = browser.follow(started).await;
        assert_eq!(page.status, 403, "somebody else came back: {}", page.body);
        assert_eq!(ways(&stage, &browser).await, ["google".to_owned()].into());

        stage.google.answer_with("ada");
        let page = link_question(&stage, &browser, "facebook").await;
        browser.submit(&page, "yes", &[]).await;
        assert_eq!(ways(&stage, &browser).await.len(), 2);
        stage.stop().await;
    }

    async fn forms_come_from_pages_of_this_person(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let token = form_token(&stage, &browser, Purpose::Link).await;
        let other = form_token(&stage, &browser, Purpose::Account).await;
        let url = |path: &str| format!("{}{path}", stage.issuer);
        for (path, fields, headers, status) in [
            ("/account/link/facebook", vec![], OURS.to_vec(), 403),
            ("/account/link/facebook", vec![("form_token", other.as_str())], OURS.to_vec(), 403),
            ("/account/link/facebook", vec![("form_token", token.as_str())], vec![("origin", "https://evil.test")], 403),
            ("/account/link/facebook", vec![("form_token", token.as_str())], vec![("sec-fetch-site", "cross-site")], 403),
            ("/account/link/nobody", vec![("form_token", token.as_str())], OURS.to_vec(), 404),
            ("/account/delete", vec![("answer", "yes")], OURS.to_vec(), 403),
            ("/account/delete", vec![("answer", "yes"), ("form_token", token.as_str())], OURS.to_vec(), 403),
        ] {
            let page = browser.post(&url(path), &fields, &headers).await;
            assert_eq!(page.status.as_u16(), status, "{path} {fields:?} {headers:?}");
        }
        let stranger = Browser::new().post(&url("/account/link/facebook"), &[("form_token", &token)], &OURS).await;
        assert_eq!(stranger.status, 400);
        stage.stop().await;
    }

    /// Everything that was issued ends at once, the code opens a page without a login, and whoever comes back is new.
    async fn deleting_ends_everything_at_once(stage: Stage) {
        let (browser, other, app) = (Browser::new(), Browser::new(), App::of(&stage));
        let offline = [("scope", "openid email offline_access"), ("prompt", "consent")];
        let tokens = app.tokens(&browser.sign_in(&stage, &offline, "google").await).await;
        other.sign_in(&stage, &[], "google").await;
        let gone = stage.who(&browser).await;
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);

        let confirmed = confirm_deletion(&stage, &browser).await;
        assert_eq!(app.userinfo(&tokens.access).await.status, 200, "nothing happens before the fresh login");
        let page = browser.follow(confirmed).await;
        assert!(page.status == 200 && page.url.path().starts_with("/status/"), "{} {}", page.url, page.body);
        assert!(browser.cookie(&stage.issuer, "vst_session").is_none());
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.status, 400);
        let silent = other.get(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(crate::stage::param(&silent.location().unwrap(), "error").as_deref(), Some("login_required"));
        let anybody = Browser::new().get(page.url.as_str()).await;
        assert_eq!(anybody.status, 200);

        stage.broker().house().accounts.sweep(gone.home).await.unwrap();
        let left: Vec<Entry> = stage.people_records().await.into_iter().filter(|entry| entry.partition == gone.partition()).collect();
        let of_a_life = kinds(&left).into_iter().filter(|kind| !matches!(kind, Kind::Head | Kind::Intent));
        assert_eq!(of_a_life.count(), 0, "{left:?}");
        let before = jws_claims(&tokens.id)["sub"].as_str().unwrap().to_owned();
        assert_ne!(subject(&stage, &Browser::new(), "google").await, before);
        stage.stop().await;
    }

    /// Both ways in are gone, by whichever of them the person confirmed it.
    async fn deleting_by_a_second_way_takes_all_ways(stage: Stage) {
        let browser = Browser::new();
        let before = subject(&stage, &browser, "google").await;
        let page = link_question(&stage, &browser, "facebook").await;
        browser.submit(&page, "yes", &[]).await;
        let page = browser.get(&format!("{}/account/delete", stage.issuer)).await;
        assert_eq!(page.attrs("main input[name=provider]", "value"), ["google", "facebook"]);
        let mut fields = page.hidden_fields();
        fields.extend([("answer".into(), "yes".into()), ("provider".into(), "facebook".into())]);
        let confirmed = browser.post_from(&page, &fields).await;
        assert!(confirmed.location().unwrap().as_str().starts_with(stage.facebook.origin()));
        let page = browser.follow(confirmed).await;
        assert!(page.url.path().starts_with("/status/"), "{}", page.body);
        let subjects = [subject(&stage, &Browser::new(), "google").await, subject(&stage, &Browser::new(), "facebook").await];
        assert!(subjects[0] != subjects[1] && !subjects.contains(&before));
        stage.stop().await;
    }

    /// The fresh login has to be theirs, in their browser, in their session, after they said yes.
    async fn nobody_deletes_for_somebody_else(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let url = format!("{}/account/delete", stage.issuer);
        let page = browser.get(&url).await;
        assert_eq!(browser.submit(&page, "no", &[]).await.header("location"), "/account");
        for answer in ["", "maybe"] {
            assert_eq!(browser.submit(&page, answer, &[]).await.status, 400);
        }
        let mut fields = page.hidden_fields();
        fields.extend([("answer".into(), "yes".into()), ("provider".into(), "facebook".into())]);
        assert_eq!(browser.post_from(&page, &fields).await.status, 400, "no way of theirs");
        stage.google.answer_with("grace");
        let grace = signed_in(&stage, "google").await;
        let confirmed = confirm_deletion(&stage, &browser).await;
        assert_eq!(browser.follow(confirmed).await.status, 403, "somebody else signed in");
        assert!(grace.get(&stage.authorize(&[("prompt", "none")])).await.header("location").contains("code="));
        stage.google.answer_with("ada");
        let confirmed = confirm_deletion(&stage, &browser).await;
        assert_eq!(Browser::new().follow(confirmed).await.status, 400, "another browser");
        let confirmed = confirm_deletion(&stage, &browser).await;
        let who = stage.who(&browser).await;
        stage.broker().house().sessions.end_all(&who, vestibule::partition::By::User).await.unwrap();
        let again = confirmed.clone();
        assert_eq!(browser.follow(confirmed).await.status, 400, "signed out meanwhile");
        browser.sign_in(&stage, &[], "google").await;
        assert_eq!(browser.follow(again).await.status, 400, "another session of the same person");
        let confirmed = confirm_deletion(&stage, &browser).await;
        stage.broker().house().sessions.end_all(&who, vestibule::partition::By::User).await.unwrap();
        browser.sign_in(&stage, &[], "google").await;
        assert_eq!(browser.follow(confirmed).await.status, 400, "confirmed in a session that is over");
        browser.sign_in(&stage, &[], "google").await;
        assert_eq!(stage.who(&browser).await.account, who.account, "nothing was deleted");
        stage.stop().await;
    }

    /// An older login does not do, however the provider feels about it.
    async fn a_stale_login_deletes_nothing(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let who = stage.who(&browser).await;
        stage.google.fault(vestibule::demo::simulators::Fault::StaleLogin);
        let confirmed = confirm_deletion(&stage, &browser).await;
        let page = browser.follow(confirmed).await;
        assert_eq!(page.status, 403, "{}", page.body);
        assert_eq!(stage.who(&browser).await.account, who.account);
        stage.stop().await;
    }

    /// An app that the person agreed with, and that came for nothing yet, has a line on the page, too.
    async fn an_app_that_was_given_nothing_yet_is_told(stage: Stage) {
        let browser = signed_in(&stage, "google").await;
        let (house, who) = (stage.broker().house(), stage.who(&browser).await);
        assert!(house.accounts.served(&who).await.unwrap().is_empty(), "the code was not redeemed");
        let code = StatusCode::generate(&SystemRandom);
        house.accounts.delete(&who, Origin::Person, &code).await.unwrap();
        let status = async || house.accounts.status(&code).await.unwrap().unwrap();
        eventually("everything is gone", async || status().await.gone.is_some()).await;
        assert_eq!(status().await.apps.into_keys().collect::<Vec<_>>(), ["notes".parse().unwrap()]);
        stage.stop().await;
    }

    /// Whoever deletes everything reads whether the provider took back what they had allowed us there, in their language.
    async fn the_status_says_what_the_provider_took_back(on: OnStore) {
        let microsoft = Simulator::new(simulators::Kind::Microsoft).start().await.unwrap();
        microsoft.answer_with("ada");
        let section = microsoft.provider_section("microsoft");
        let stage = Stage::start_with(on, move |config| format!("{config}\n{section}")).await;
        for (provider, fault, words) in [
            ("google", None, ["Google has taken back", "Google hat zurückgenommen", "Google a retiré", "Google ha retirado"]),
            ("google", Some(Fault::RevocationFails), ["did not work", "ging nicht", "pas marché", "No funcionó"]),
            ("facebook", None, ["Facebook has taken back", "Facebook hat zurückgenommen", "Facebook a retiré", "Facebook ha retirado"]),
            ("facebook", Some(Fault::RevocationFails), ["did not work", "ging nicht", "pas marché", "No funcionó"]),
            ("microsoft", None, ["Microsoft has no way", "Bei Microsoft können", "Microsoft ne nous permet", "Microsoft no nos deja"]),
        ] {
            let browser = signed_in(&stage, provider).await;
            let at = [("google", &stage.google), ("facebook", &stage.facebook)].into_iter().find(|(name, _)| *name == provider);
            let given_back = || at.map_or(0, |(_, simulator)| simulator.revoked().len());
            let before = given_back();
            if let (Some(fault), Some((_, simulator))) = (fault, at) {
                simulator.fault(fault);
            }
            let confirmed = confirm_deletion(&stage, &browser).await;
            let page = browser.follow(confirmed).await;
            assert!(page.status == 200 && page.url.path().starts_with("/status/"), "{provider}: {} {}", page.url, page.body);
            let worked = at.is_some() && fault.is_none();
            assert_eq!(given_back() - before, usize::from(worked), "{provider} {fault:?}");
            if let Some((_, simulator)) = at {
                simulator.clear();
                simulator.answer_with("ada");
            }
            for (language, said) in ["en", "de", "fr", "es"].into_iter().zip(words) {
                let page = Browser::new().get_with(page.url.as_str(), &[("accept-language", language)]).await;
                assert!(page.texts("main").concat().contains(said), "{language}: {}", page.body);
            }
        }
        // Where nobody signed in for it there is nothing to say.
        let browser = signed_in(&stage, "google").await;
        let code = StatusCode::generate(&SystemRandom);
        stage.broker().house().accounts.delete(&stage.who(&browser).await, Origin::Operator, &code).await.unwrap();
        let page = Browser::new().get(&format!("{}/status/{}", stage.issuer, code.expose())).await;
        assert!(!page.body.contains("Your account at"), "{}", page.body);
        stage.stop().await;
    }

    async fn a_status_opens_by_its_code_alone(stage: Stage) {
        let browser = Browser::new();
        for code in ["x", "0123456789abcdef0123456789abcdef", "..%2f", "%00"] {
            assert_eq!(browser.get(&format!("{}/status/{code}", stage.issuer)).await.status, 404, "{code}");
        }
        let code = vestibule::partition::StatusCode::generate(&SystemRandom);
        let house = stage.broker().house();
        house.accounts.nobody(Origin::Provider("facebook".parse().unwrap()), &code).await.unwrap();
        let page = browser.get(&format!("{}/status/{}", stage.issuer, code.expose())).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Facebook"), "{}", page.body);
        assert!(page.header("cache-control").contains("no-store"));
        stage.stop().await;
    }
}
