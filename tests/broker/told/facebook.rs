//! Facebook's deletion requests and removed apps.

use vestibule::{
    partition::{Origin, Standing, Status, StatusCode},
    store::Kind,
};

use super::*;
use crate::{
    on_both_stores,
    stage::{App, jws_claims},
};

/// What was answered to a deletion request: the code, and the state that it shows.
async fn confirmed(stage: &Stage, page: &Page) -> (StatusCode, Status) {
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"), "{}", page.body);
    let answer = page.json();
    let members: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(members, ["confirmation_code", "url"], "{answer}");
    let code = answer["confirmation_code"].as_str().unwrap();
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code.len() >= 26, "{code}");
    assert_eq!(answer["url"].as_str().unwrap(), format!("{}/status/{code}", stage.issuer));
    let code: StatusCode = code.parse().unwrap();
    let status = stage.broker().house().accounts.status(&code).await.unwrap().expect("a status");
    assert_eq!(status.origin, Origin::Provider("facebook".parse().unwrap()));
    (code, status)
}

on_both_stores! {
    /// Everything is gone before the answer, the apps are about to be told, and coming back makes a new person.
    async fn a_deletion_request_deletes(stage: Stage) {
        silence(&stage);
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "facebook").await).await;
        let who = stage.who(&browser).await;
        let request = stage.facebook.signed_request("ada", as_is).unwrap();

        let (code, status) = confirmed(&stage, &facebook(&stage, "deletion", &request).await).await;
        assert!(!status.nobody && !status.goes_on);
        assert!(!signed_in(&stage, &browser).await);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        assert!(is_about_to_be_told(&stage, &code).await);
        assert!(matches!(
            stage.broker().house().accounts.resolve(identity(&stage, &stage.facebook, "ada")).await.unwrap(),
            Standing::Nobody { .. }
        ));

        // Again, and by a balancer that tries twice at once: the same answer, and nothing more happens.
        let before = snapshot(&stage).await;
        for _ in 0..2 {
            assert_eq!(confirmed(&stage, &facebook(&stage, "deletion", &request).await).await.0, code);
        }
        assert_eq!(snapshot(&stage).await, before);

        let back = app.tokens(&Browser::new().sign_in(&stage, &[], "facebook").await).await;
        assert_ne!(jws_claims(&back.id)["sub"], jws_claims(&tokens.id)["sub"]);
        let again = facebook(&stage, "deletion", &request).await;
        assert_eq!(confirmed(&stage, &again).await.0, code);
        assert_eq!(app.userinfo(&back.access).await.status, 200, "the new person was never meant");
        assert_ne!(stage.who(&browser_of(&stage).await).await.account, who.account);
        stage.stop().await;
    }

    /// Somebody who was never here: the same answer, and nothing but the record and the page.
    async fn an_unknown_person_is_answered_alike(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        App::of(&stage).tokens(&browser.sign_in(&stage, &[], "facebook").await).await;
        let before = snapshot(&stage).await;
        let request = stage.facebook.signed_request("grace", as_is).unwrap();
        let page = facebook(&stage, "deletion", &request).await;
        let (code, status) = confirmed(&stage, &page).await;
        assert!(status.nobody && status.gone.is_some());
        let known = stage.facebook.signed_request("ada", as_is).unwrap();
        let known = facebook(&stage, "deletion", &known).await;
        let names = |page: &Page| page.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(names(&page), names(&known));
        assert_eq!(page.body.len(), known.body.len());

        let other = Stage::start(stage.store.kind()).await;
        let page = facebook(&other, "deletion", &other.facebook.signed_request("grace", as_is).unwrap()).await;
        confirmed(&other, &page).await;
        let kinds: Vec<_> = other.people_records().await.iter().map(|entry| entry.key.kind().unwrap()).collect();
        assert_eq!(kinds.len(), 2, "{kinds:?}");
        assert!(kinds.contains(&Kind::Event) && kinds.contains(&Kind::Status));
        other.stop().await;
        assert_ne!(before, snapshot(&stage).await);
        assert_eq!(code, confirmed(&stage, &facebook(&stage, "deletion", &request).await).await.0);
        stage.stop().await;
    }

    /// One way of several: what came from Facebook goes, what the person linked besides is theirs to end.
    async fn of_a_linked_account_the_way_goes_and_the_rest_stays(stage: Stage) {
        silence(&stage);
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let who = stage.who(&browser).await;
        let ada = identity(&stage, &stage.facebook, "ada");
        link(&stage, &who, "facebook", ada).await;
        let there = arrive(&stage, "facebook", ada).await;
        let request = stage.facebook.signed_request("ada", as_is).unwrap();
        let (_, status) = confirmed(&stage, &facebook(&stage, "deletion", &request).await).await;
        assert!(status.goes_on && !status.nobody && status.gone.is_some());
        assert!(!lives(&stage, &there).await, "the session that came from Facebook");
        assert!(signed_in(&stage, &browser).await, "the one that did not");
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        let now = stage.who(&browser).await;
        assert!(!now.opens_with(ada) && now.living.identities.len() == 1);
        assert_eq!(history(&stage, &now).await, [ProviderWord::Purged]);
        let standing = stage.broker().house().accounts.resolve(ada).await.unwrap();
        assert!(matches!(standing, Standing::Nobody { .. }), "{standing:?}");
        stage.stop().await;
    }

    /// Removing the app there is no wish for deletion: signed out, access ended, the person stays who they are.
    async fn a_removed_app_ends_sessions_and_access(stage: Stage) {
        silence(&stage);
        let (browser, app) = (Browser::new(), App::of(&stage));
        let offline = [("scope", "openid email offline_access")];
        let tokens = app.tokens(&browser.sign_in(&stage, &offline, "facebook").await).await;
        let elsewhere = Browser::new();
        stage.facebook.answer_with("fatima");
        let other = app.tokens(&elsewhere.sign_in(&stage, &offline, "facebook").await).await;
        stage.facebook.answer_with("ada");
        let who = stage.who(&browser).await;
        let request = stage.facebook.signed_request("ada", as_is).unwrap();
        let page = facebook(&stage, "deauthorize", &request).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, ""));
        assert!(!signed_in(&stage, &browser).await && signed_in(&stage, &elsewhere).await);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        assert_eq!(app.userinfo(&other.access).await.status, 200, "another person");
        assert_eq!(history(&stage, &who).await, [ProviderWord::AccessRevoked]);
        let back = app.tokens(&Browser::new().sign_in(&stage, &[], "facebook").await).await;
        assert_eq!(jws_claims(&back.id)["sub"], jws_claims(&tokens.id)["sub"]);
        // The same text at the other address is another message: it is a wish for deletion there.
        confirmed(&stage, &facebook(&stage, "deletion", &request).await).await;
        stage.stop().await;
    }

    /// Whoever opens the address that stands in Facebook's settings reads what is kept.
    async fn the_address_can_be_opened(stage: Stage) {
        silence(&stage);
        let page = Browser::new().get(&format!("{}/events/facebook/deletion", stage.issuer)).await;
        assert_eq!((page.status.as_u16(), page.location().unwrap().path()), (303, "/privacy"));
        stage.stop().await;
    }
}

async fn browser_of(stage: &Stage) -> Browser {
    let browser = Browser::new();
    browser.sign_in(stage, &[], "facebook").await;
    browser
}
