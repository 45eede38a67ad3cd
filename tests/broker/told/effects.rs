//! What Google, Apple and any OpenID Provider tell, and what comes of each.

use vestibule::partition::{By, Standing};

use super::*;
use crate::{
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp},
    on_both_stores,
    stage::{App, jws_claims},
};

const OFFLINE: [(&str, &str); 1] = [("scope", "openid email offline_access")];

on_both_stores! {
    /// Each event of Google's in turn, about one of two people.
    async fn each_security_event_has_its_effect(stage: Stage) {
        silence(&stage);
        use ProviderWord::{AccessRevoked, CredentialChange, Disabled, Enabled, SessionsRevoked};
        let app = App::of(&stage);
        let bystander = Browser::new();
        stage.google.answer_with("grace");
        bystander.sign_in(&stage, &[], "google").await;
        stage.google.answer_with("ada");
        let sign_in = async || {
            let browser = Browser::new();
            let tokens = app.tokens(&browser.sign_in(&stage, &OFFLINE, "google").await).await;
            (browser, tokens)
        };
        let (browser, tokens) = sign_in().await;
        let who = stage.who(&browser).await;

        google_says(&stage, "ada", "risc/event-type/account-credential-change-required").await;
        google_says(&stage, "ada", "risc/event-type/account-disabled?reason=bulk-account").await;
        google_says(&stage, "ada", "oauth/event-type/token-revoked").await;
        google_says(&stage, "ada", "risc/event-type/something-new").await;
        assert!(signed_in(&stage, &browser).await, "these are for watching only");
        // Two of one second have no order.
        let said: BTreeSet<String> = history(&stage, &who).await.iter().map(|word| format!("{word:?}")).collect();
        assert_eq!(said, BTreeSet::from(["CredentialChange".to_owned(), "Disabled".to_owned()]));

        google_says(&stage, "ada", "risc/event-type/sessions-revoked").await;
        assert!(!signed_in(&stage, &browser).await);
        assert_eq!(app.userinfo(&tokens.access).await.status, 200, "what survives signing out goes on");
        assert!(causes(&stage).await.iter().any(|cause| matches!(cause, Cause::SignedOut { by: By::Policy, .. })));

        google_says(&stage, "ada", "oauth/event-type/tokens-revoked").await;
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");

        let (browser, tokens) = sign_in().await;
        google_says(&stage, "ada", "risc/event-type/account-disabled?reason=hijacking").await;
        assert!(!signed_in(&stage, &browser).await);
        assert_eq!(app.refresh(&tokens.refresh, &[]).await.json()["error"], "invalid_grant");
        let ada = identity(&stage, &stage.google, "ada");
        let house = stage.broker().house();
        assert!(matches!(house.accounts.resolve(ada).await.unwrap(), Standing::Locked));
        let shut = Browser::new();
        let login = shut.open(&stage.authorize(&[])).await;
        assert_eq!(shut.choose(&login, "google").await.status, 403);

        google_says(&stage, "ada", "risc/event-type/account-enabled").await;
        let (browser, again) = sign_in().await;
        assert_eq!(jws_claims(&again.id)["sub"], jws_claims(&tokens.id)["sub"]);
        let who = stage.who(&browser).await;
        let all = [CredentialChange, Disabled, SessionsRevoked, AccessRevoked, Disabled, Enabled];
        assert_eq!(history(&stage, &who).await.len(), all.len());

        google_says(&stage, "ada", "risc/event-type/account-purged").await;
        assert!(!signed_in(&stage, &browser).await);
        assert!(matches!(house.accounts.resolve(ada).await.unwrap(), Standing::Nobody { .. }));
        assert!(signed_in(&stage, &bystander).await, "nobody else was meant");
        google_says(&stage, "ada", "risc/event-type/verification?state=trial-1").await;
        stage.stop().await;
    }

    /// The last word counts, in whichever order words arrive.
    async fn a_warning_that_was_lifted_does_not_come_back(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let ada = identity(&stage, &stage.google, "ada");
        let said = |kind: &str, ago: u64| {
            stage.google.security_event("ada", kind, |claims| {
                claims.insert("iat".into(), seconds_ago(ago).into());
            }).unwrap()
        };
        let lifted = said("risc/event-type/account-enabled", 5);
        let warned = said("risc/event-type/account-disabled?reason=hijacking", 20);
        for set in [&lifted, &warned] {
            assert_eq!(risc(&stage, set).await.status, 202);
        }
        let standing = stage.broker().house().accounts.resolve(ada).await.unwrap();
        assert!(matches!(standing, Standing::Here(_)), "{standing:?}");
        assert!(signed_in(&stage, &browser).await);
        stage.stop().await;
    }

    /// What was said of somebody before they came here is not about them: a life that is over, a store that was lost.
    async fn what_was_said_before_an_account_began_is_not_about_it(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let early = |claims: &mut Map<String, Value>| drop(claims.insert("iat".into(), seconds_ago(300).into()));
        for kind in ["risc/event-type/account-purged", "risc/event-type/sessions-revoked"] {
            assert_eq!(risc(&stage, &stage.google.security_event("ada", kind, early).unwrap()).await.status, 202);
        }
        assert!(signed_in(&stage, &browser).await);
        stage.stop().await;
    }

    /// Google's keys rotate under everyone's hands.
    async fn a_new_key_is_fetched(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        google_says(&stage, "ada", "risc/event-type/account-credential-change-required").await;
        stage.google.rotate_keys().unwrap();
        google_says(&stage, "ada", "risc/event-type/sessions-revoked").await;
        assert!(!signed_in(&stage, &browser).await);
        stage.stop().await;
    }

    /// A block outlives whatever a provider says.
    async fn a_blocked_account_stays_blocked(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "facebook").await;
        let ada = identity(&stage, &stage.facebook, "ada");
        let house = stage.broker().house();
        house.accounts.block(ada).await.unwrap();
        let request = stage.facebook.signed_request("ada", as_is).unwrap();
        assert_eq!(facebook(&stage, "deauthorize", &request).await.status, 200);
        assert!(matches!(house.accounts.resolve(ada).await.unwrap(), Standing::Blocked));
        assert_eq!(facebook(&stage, "deletion", &request).await.status, 200);
        assert!(matches!(house.accounts.resolve(ada).await.unwrap(), Standing::Blocked));
        let (head, _) = stage.codec().read_head(&*stage.backend(), ada.home()).await.unwrap().unwrap();
        assert!(head.blocked && head.living.is_none(), "deleted, and still blocked");

        let other = Browser::new();
        other.sign_in(&stage, &[], "google").await;
        let ada = identity(&stage, &stage.google, "ada");
        house.accounts.block(ada).await.unwrap();
        google_says(&stage, "ada", "risc/event-type/account-enabled").await;
        assert!(matches!(house.accounts.resolve(ada).await.unwrap(), Standing::Blocked));
        stage.stop().await;
    }

    /// Apple's four.
    async fn each_notification_of_apple_has_its_effect(on: OnStore) {
        let (stage, apple) = with_apple(on).await;
        silence(&stage);
        let grace = identity(&stage, &apple, "grace");
        let says = async |kind: &str| {
            let page = apple_says(&stage, &apple.notification("grace", kind, as_is).unwrap()).await;
            assert_eq!((page.status.as_u16(), page.body.as_str()), (200, ""), "{kind}: {}", page.body);
        };
        let cookie = arrive(&stage, "apple", grace).await;
        let who = stage.broker().house().sessions.find(&cookie).await.unwrap().unwrap().who;
        says("email-disabled").await;
        says("email-enabled").await;
        assert!(lives(&stage, &cookie).await);
        says("consent-revoked").await;
        assert!(!lives(&stage, &cookie).await);
        let mut words = history(&stage, &who).await;
        words.sort_by_key(|word| format!("{word:?}"));
        assert_eq!(words, [ProviderWord::AccessRevoked, ProviderWord::MailOff, ProviderWord::MailOn]);
        let cookie = arrive(&stage, "apple", grace).await;
        says("account-delete").await;
        assert!(!lives(&stage, &cookie).await);
        let standing = stage.broker().house().accounts.resolve(grace).await.unwrap();
        assert!(matches!(standing, Standing::Nobody { .. }), "{standing:?}");
        stage.stop().await;
        apple.stop().await;
    }

    /// AC-34: a provider's logout token ends the sessions that came from there, and only what is bound to them.
    async fn a_logout_token_signs_out(on: OnStore) {
        let op = FakeOp::start();
        let stage = with_home(&op, on).await;
        silence(&stage);
        let (browser, app) = (Browser::new(), App::of(&stage));
        let request = [("provider", "home"), OFFLINE[0]];
        let tokens = app.tokens(&browser.open(&stage.authorize(&request)).await.location().unwrap()).await;
        let elsewhere = Browser::new();
        elsewhere.sign_in(&stage, &[], "google").await;
        let token = op.logout_token("person-1", |_| ());
        let page = post(&stage.issuer, "home/logout", FORM, &form("logout_token", &token)).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"), "{}", page.body);
        assert!(!signed_in(&stage, &browser).await && signed_in(&stage, &elsewhere).await);
        assert_eq!(app.userinfo(&tokens.access).await.status, 200, "offline access goes on (section 2.7)");

        // A replay must not sign out whoever came since.
        let back = Browser::new();
        back.open(&stage.authorize(&request)).await;
        let page = post(&stage.issuer, "home/logout", FORM, &form("logout_token", &token)).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_request")));
        assert!(signed_in(&stage, &back).await);
        stage.stop().await;
    }
}

/// A stage with one provider more: `home`, which is `op`.
pub(super) async fn with_home(op: &FakeOp, on: OnStore) -> Stage {
    let section = format!(
        "\n[providers.home]\nkind = \"oidc\"\nissuer = \"{}\"\nallow_loopback = true\nclient_id = \"{CLIENT_ID}\"\n\
         client_secret = \"{CLIENT_SECRET}\"\n",
        op.base()
    );
    Stage::start_with(on, move |config| config + &section).await
}
