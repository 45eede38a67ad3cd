//! `vestibule account`: what an operator does for a person who wrote a letter, beside the running broker.

use serde_json::Value;

use crate::{
    on_both_stores,
    stage::{App, Browser, Page, Stage, jws_claims, param},
};

/// Ada's subject at Google.
const ADA: &str = "110248495921238986420";

/// What a command says on standard output; it must work out.
fn said(stage: &Stage, arguments: &[&str]) -> Value {
    let output = stage.command(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn is_signed_in(stage: &Stage, browser: &Browser) -> bool {
    let page = browser.get(&stage.authorize(&[("prompt", "none")])).await;
    param(&page.location().unwrap(), "code").is_some()
}

/// A whole login, as far as it comes.
async fn try_to_sign_in(stage: &Stage, browser: &Browser, provider: &str) -> Page {
    let page = browser.open(&stage.authorize(&[])).await;
    if page.url.path() == "/login" { browser.choose(&page, provider).await } else { page }
}

on_both_stores! {
    async fn show_and_export_name_what_is_kept_and_no_value(stage: Stage) {
        let (browser, other) = (Browser::new(), Browser::new());
        App::of(&stage).tokens(&browser.sign_in(&stage, &[], "google").await).await;
        stage.google.answer_with("grace");
        other.sign_in(&stage, &[], "google").await;
        let show = said(&stage, &["account", "show", "google", ADA]);
        assert_eq!(show["account"]["audit_id"], stage.who(&browser).await.living.audit_id.to_string());
        assert_eq!((&show["ways"][0]["provider"], &show["apps"][0]["app"]), (&"google".into(), &"notes".into()));
        assert_eq!((show["sessions"].as_array().unwrap().len(), &show["blocked"]), (1, &false.into()));
        let export = said(&stage, &["account", "export", "google", ADA]);
        assert!(export["history"].as_array().unwrap().len() >= 2);
        let text = format!("{show}{export}");
        for value in ["Ada", "Lovelace", "ada.lovelace", ADA, "Grace"] {
            assert!(!text.contains(value), "{value} in {text}");
        }
        let plain = stage.command(&["account", "show", "google", ADA]);
        let plain = String::from_utf8(plain.stdout).unwrap();
        assert!(plain.contains("notes") && plain.contains("google"), "{plain}");
        stage.stop().await;
    }

    /// AC-56: blocked means blocked, on every path, until it is lifted.
    async fn blocked_is_blocked_on_every_path(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let offline = [("scope", "openid email offline_access"), ("prompt", "consent")];
        let tokens = app.tokens(&browser.sign_in(&stage, &offline, "google").await).await;
        let pending_code = browser.sign_in(&stage, &[], "google").await;
        let elsewhere = Browser::new();
        let at_the_provider = elsewhere.open(&stage.authorize(&[])).await;
        assert_eq!(said(&stage, &["account", "block", "google", ADA])["blocked"], true);

        assert!(!is_signed_in(&stage, &browser).await);
        assert_eq!(app.redeem(&pending_code).await.json()["error"], "invalid_grant");
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        assert_eq!(app.introspect(&tokens.access, &[]).await.json()["active"], false);
        assert_eq!(elsewhere.choose(&at_the_provider, "google").await.status, 403);
        assert_eq!(try_to_sign_in(&stage, &Browser::new(), "google").await.status, 403, "a login lifts nothing");
        assert_eq!(said(&stage, &["account", "show", "google", ADA])["blocked"], true);

        assert_eq!(said(&stage, &["account", "unblock", "google", ADA])["blocked"], false);
        assert!(!is_signed_in(&stage, &browser).await, "sessions do not come back");
        assert!(param(&browser.sign_in(&stage, &[], "google").await, "code").is_some());
        stage.stop().await;
    }

    /// Somebody may be blocked before they ever came, and stays blocked when their account is deleted.
    async fn a_block_outlives_the_account(stage: Stage) {
        said(&stage, &["account", "block", "google", ADA]);
        assert_eq!(try_to_sign_in(&stage, &Browser::new(), "google").await.status, 403);
        said(&stage, &["account", "unblock", "google", ADA]);
        Browser::new().sign_in(&stage, &[], "google").await;
        said(&stage, &["account", "block", "google", ADA]);
        let deleted = said(&stage, &["account", "delete", "google", ADA]);
        assert_eq!(deleted["deleted"], true, "a block keeps nobody from being deleted");
        assert_eq!(try_to_sign_in(&stage, &Browser::new(), "google").await.status, 403);
        assert_eq!(said(&stage, &["account", "show", "google", ADA])["account"], Value::Null);
        stage.stop().await;
    }

    async fn deleting_by_letter_is_deleting(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let deleted = said(&stage, &["account", "delete", "google", ADA]);
        assert!(!is_signed_in(&stage, &browser).await);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        let status = Browser::new().get(deleted["url"].as_str().unwrap()).await;
        assert!(status.status == 200 && status.body.contains("operator"), "{}", status.body);
        assert_eq!(said(&stage, &["account", "delete", "google", ADA])["deleted"], false);
        let again = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        assert_ne!(jws_claims(&again.id)["sub"], jws_claims(&tokens.id)["sub"]);
        stage.stop().await;
    }

    async fn a_wrong_call_says_what_is_right(stage: Stage) {
        for (arguments, code, says) in [
            (["account", "show", "nobody", ADA], 2, "google, facebook"),
            (["account", "show", "google", ""], 2, "255"),
            (["account", "show", "google", "with space"], 2, "255"),
            (["account", "export", "google", "4711"], 1, "nothing is kept"),
        ] {
            let output = stage.command(&arguments);
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments:?} {error}");
            assert!(error.contains(says) && output.stdout.is_empty(), "{error}");
        }
        stage.stop().await;
    }
}
