//! Who may use an app: decided anew whenever anything is issued, for apps that speak OpenID Connect as for the gate.

use super::{BOARD, FILES, Visitor, gated, visitor::text};
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, Tokens, param},
};

/// `notes` is for one domain.
fn for_gmail(config: String) -> String {
    gated(config).replacen("[apps.notes]", "[apps.notes]\naccess = [{ emails = [\"*@gmail.com\"] }]", 1)
}

/// `notes` is for one group.
fn for_the_team(config: String) -> String {
    let rule = "[apps.notes]\nclaims.groups = { need = \"optional\", why = \"To show your team.\" }\naccess = [{ groups = [\"google:example.com\"] }]";
    gated(config).replacen("[apps.notes]", rule, 1)
}

on_both_stores! {
    /// Somebody whom no rule lets in is told so on a plain page, and the app hears no more than that.
    async fn who_may_not_reads_a_page_and_the_app_hears_no(on: OnStore) {
        let stage = Stage::start_with(on, for_gmail).await;
        let ada = Browser::new();
        assert!(param(&ada.sign_in(&stage, &[], "google").await, "code").is_some());
        stage.google.answer_with("grace");
        let grace = Browser::new();
        let page = grace.open(&stage.authorize(&[])).await;
        let page = grace.choose(&page, "google").await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("not open to you"), "{}", page.body);
        let back = page.attrs("main a", "href").into_iter().find(|href| href.contains("answer=no")).unwrap();
        let told = grace.get(page.url.join(&back).unwrap().as_str()).await.location().unwrap();
        assert_eq!(param(&told, "error").as_deref(), Some("access_denied"));
        // Where nothing may be shown, the app is told at once.
        let silent = grace.open(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("access_denied"));
        // An address that nobody verified is nobody's.
        stage.google.answer_with("alan");
        let alan = Browser::new();
        let page = alan.open(&stage.authorize(&[])).await;
        assert_eq!(alan.choose(&page, "google").await.status, 403);
        // Another account is another try.
        stage.google.answer_with("ada");
        let again = grace.open(&stage.authorize(&[("provider", "google")])).await;
        assert!(param(&again.location().unwrap(), "code").is_some(), "{} {}", again.status, again.url);
        stage.stop().await;
    }

    /// Whom the rules no longer let in gets nothing more: no refresh, no UserInfo, no code.
    async fn a_rule_that_changes_counts_from_then_on(on: OnStore) {
        let stage = Stage::start_with(on, for_gmail).await;
        let (ada, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&ada.sign_in(&stage, &[], "google").await).await;
        let tokens = Tokens::of(&app.refresh(&tokens.refresh, &[]).await);
        stage.reload(|config| config.replace("emails = [\"*@gmail.com\"] }]", "emails = [\"*@example.org\"] }]"));
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        assert_eq!(ada.open(&stage.authorize(&[])).await.status, 403);
        stage.reload(|config| config);
        assert_eq!(app.userinfo(&tokens.access).await.status, 200, "nothing was burnt");
        Tokens::of(&app.refresh(&tokens.refresh, &[]).await);
        stage.stop().await;
    }

    /// Groups are kept if rules name them, and only those; a rule about one that nobody asked for is a new login.
    async fn groups_are_asked_for_when_rules_name_them(on: OnStore) {
        let stage = Stage::start_with(on, |config| config).await;
        stage.google.answer_with("grace");
        let (grace, app) = (Browser::new(), App::of(&stage));
        let answer = grace.sign_in(&stage, &[("scope", "openid email groups")], "google").await;
        let tokens = app.tokens(&answer).await;
        assert!(app.userinfo(&tokens.access).await.json()["groups"].is_null(), "nobody asked");
        // From now on a rule names her domain. Her session does not know of it: she passes through the provider.
        let rule = "[apps.notes]\naccess = [{ groups = [\"google:example.com\"] }]";
        stage.reload(|config| config.replacen("[apps.notes]", rule, 1));
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant", "unknown is no yes");
        let silent = grace.open(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        assert_eq!(param(&silent, "error").as_deref(), Some("login_required"));
        let sent = grace.get(&stage.authorize(&[])).await.location().unwrap();
        assert!(sent.as_str().starts_with(stage.google.origin()), "{sent}");
        assert!(param(&grace.sign_in(&stage, &[], "google").await, "code").is_some());
        // Ada is asked, too, and is not in it.
        stage.google.answer_with("ada");
        let ada = Browser::new();
        let page = ada.open(&stage.authorize(&[])).await;
        assert_eq!(ada.choose(&page, "google").await.status, 403);
        stage.stop().await;
    }

    /// At the gate each rule means its own paths, methods and people.
    async fn each_rule_of_the_gate_decides(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        stage.google.answer_with("grace");
        let grace = Visitor::new(&stage);
        // Her address opens no /app/, her domain opens /admin.
        let page = grace.visit(BOARD, "/admin/users").await;
        assert_eq!((page.status.as_u16(), text(&page, "x-vestibule-auth")), (200, "user".into()));
        assert_eq!(grace.navigate(BOARD, "/app/").await.status, 403);
        assert_eq!(grace.navigate(BOARD, "/any").await.status, 200);
        assert_eq!(grace.navigate(BOARD, "/nowhere").await.status, 403, "no rule is a no");
        stage.google.answer_with("ada");
        let ada = Visitor::new(&stage);
        assert_eq!(ada.visit(BOARD, "/read").await.status, 200);
        assert_eq!(ada.forward_auth("POST", BOARD, "/read", &[]).await.status, 403);
        assert_eq!(ada.navigate(BOARD, "/admin").await.status, 403);
        // Nobody's address: the sign-in itself is refused where no rule could fit.
        stage.google.answer_with("alan");
        let alan = Visitor::new(&stage);
        let told = alan.sign_in(&alan.navigate(FILES, "/").await, "google").await;
        assert_eq!(told.status, 403);
        // A reload counts with the next check.
        stage.reload(|config| config.replace("emails = [\"*@gmail.com\"], ", "").replace("methods = [\"GET\"], emails", "methods = [\"POST\"], emails"));
        assert_eq!(ada.navigate(BOARD, "/read").await.status, 403);
        assert_eq!(ada.forward_auth("POST", BOARD, "/read", &[]).await.status, 200);
        stage.stop().await;
    }

    /// The groups that an app sees are those that rules name and the person lets it see.
    async fn groups_reach_the_app_as_consented(on: OnStore) {
        let stage = Stage::start_with(on, for_the_team).await;
        stage.google.answer_with("grace");
        let grace = Visitor::careful(&stage);
        let page = grace.browser.open(&stage.authorize(&[("scope", "openid email groups")])).await;
        let page = grace.browser.choose(&page, "google").await;
        assert!(page.is_question(), "{} {}", page.status, page.body);
        let answer = grace.browser.submit(&page, "yes", &["groups"]).await.location().unwrap();
        let app = App::of(&stage);
        let tokens = app.tokens(&answer).await;
        assert_eq!(app.userinfo(&tokens.access).await.json()["groups"], serde_json::json!(["example.com"]));
        // At the gate nobody asked her (the operator's own app): off.
        let page = grace.visit(BOARD, "/admin").await;
        assert_eq!((page.status.as_u16(), text(&page, "remote-groups")), (200, String::new()));
        let (house, who) = (stage.broker().house(), stage.who(&grace.browser).await);
        let (directory, board) = (house.directory(), "board".parse().unwrap());
        let on = std::collections::BTreeSet::from([vestibule::types::Claim::Groups]);
        house.consents.change(&who, directory.apps.get(&board).unwrap(), &on).await.unwrap();
        assert_eq!(text(&grace.navigate(BOARD, "/admin").await, "remote-groups"), "example.com");
        stage.stop().await;
    }
}
