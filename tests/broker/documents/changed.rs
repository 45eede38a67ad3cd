//! Documents that say something else than before: it counts from the moment that they are read again.

use std::time::Duration;

use serde_json::{Value, json};

use super::{JSON, Place, refresh};
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Pair, Tokens},
};

on_both_stores! {

    /// What the document says today counts, once what it said before is no longer fresh.
    async fn a_changed_document_counts_when_the_old_one_has_aged(on: OnStore) {
        let place = Place::open(on).await;
        let id = place.shelf.at("/app.json");
        let fresh = format!("{JSON}cache-control: max-age=60\r\n");
        place.shelf.lay("/app.json", 200, &fresh, place.document("/app.json", &[]));
        let answer = place.agree(&Browser::careful(), &id).await;
        assert_eq!(place.redeem(&id, &answer).await.status, 200);
        let moved = [("redirect_uris", json!([place.shelf.at("/new")]))];
        place.shelf.lay("/app.json", 200, &fresh, place.document("/app.json", &moved));
        assert_eq!(place.ask(&Browser::new(), &id).await.url.path(), "/login", "still fresh");
        place.clock.forward(Duration::from_secs(61));
        assert_eq!(place.ask(&Browser::new(), &id).await.status, 400, "the old way back is none any more");
        assert_eq!(place.shelf.asked("/app.json"), 2);
        place.stop().await;
    }

    /// Between the question and the answer, and between the answer and the token.
    async fn what_changes_during_a_login_counts(on: OnStore) {
        let place = Place::open(on).await;
        let browser = Browser::careful();
        let id = place.lay("/app.json", &[]);
        let page = place.ask(&browser, &id).await;
        let page = browser.choose(&page, "google").await;
        assert!(page.is_question());
        place.lay("/app.json", &[("client_name", json!("Bank"))]);
        place.restart();
        let again = browser.answer(&page, "yes", &[]).await;
        assert!(again.is_question() && again.body.contains("(Bank)"), "nobody agrees to what they have not read: {}", again.body);
        place.lay("/app.json", &[("client_name", json!("Bank")), ("redirect_uris", json!([place.shelf.at("/new")]))]);
        place.restart();
        let refused = browser.answer(&again, "yes", &[]).await;
        assert_eq!((refused.status.as_u16(), refused.location()), (400, None), "no code goes to the old address: {}", refused.body);

        place.lay("/app.json", &[]);
        place.restart();
        let answer = place.agree(&browser, &id).await;
        let key = Pair::es256();
        let keys: Value = serde_json::from_str(&key.jwks()).unwrap();
        for (changes, word) in [
            (vec![("client_id", json!(place.shelf.at("/other")))], "client_id"),
            (vec![("client_name", json!("Notes"))], "client_name"),
            (vec![("redirect_uris", json!(["https://elsewhere.test/cb"]))], "redirect_uris"),
            (vec![("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", keys)], "authentication failed"),
        ] {
            place.lay("/app.json", &changes);
            place.restart();
            let page = place.redeem(&id, &answer).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{word}: {}", page.body);
            assert!(page.json()["error_description"].as_str().unwrap().contains(word), "{word}: {}", page.body);
        }
        place.lay("/app.json", &[]);
        place.restart();
        Tokens::of(&place.redeem(&id, &answer).await);
        place.stop().await;
    }

    /// A document that is withdrawn, or turns bad, counts no more once it has aged; one whose host is away does, for an
    /// hour, and then no more.
    async fn what_is_withdrawn_is_over_and_what_is_away_is_believed_for_a_while(on: OnStore) {
        let place = Place::open(on).await;
        let app = App::of(&place.stage);
        let id = place.lay_for_a_minute("/app.json", &[]);
        let answer = place.agree(&Browser::careful(), &id).await;
        let mut tokens = Tokens::of(&place.redeem(&id, &answer).await);
        let bad = place.document("/app.json", &[("client_id", json!("https://other.test/app.json"))]).to_string();
        for (status, body) in [(404, ""), (410, ""), (200, bad.as_str())] {
            place.shelf.lay("/app.json", status, JSON, body);
            place.clock.forward(Duration::from_secs(61));
            assert_eq!(app.userinfo(&tokens.access).await.status, 401, "{status}");
            let page = refresh(&app, &id, &tokens.refresh).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{}", page.body);
            assert_eq!(app.userinfo(&tokens.access).await.status, 401, "{status}");
            place.lay_for_a_minute("/app.json", &[]);
            place.clock.forward(Duration::from_secs(31));
            tokens = Tokens::of(&refresh(&app, &id, &tokens.refresh).await);
        }
        place.shelf.lay("/app.json", 503, "", "");
        place.clock.forward(Duration::from_secs(61));
        tokens = Tokens::of(&refresh(&app, &id, &tokens.refresh).await);
        place.clock.forward(Duration::from_secs(3600));
        let page = refresh(&app, &id, &tokens.refresh).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (503, Some("temporarily_unavailable")), "{}", page.body);
        place.stop().await;
    }

    /// An app that asks for more, or says otherwise what for, is asked about again; what is withdrawn is withheld.
    async fn another_purpose_is_another_question(on: OnStore) {
        let place = Place::open(on).await;
        let browser = Browser::careful();
        let id = place.lay_for_a_minute("/app.json", &[]);
        let answer = place.agree(&browser, &id).await;
        let tokens = Tokens::of(&place.redeem(&id, &answer).await);
        let page = place.ask(&browser, &id).await;
        assert!(page.location().is_some(), "nobody is asked twice: {}", page.body);
        place.lay_for_a_minute("/app.json", &[("vestibule_claims", json!({"name": {"need": "required", "why": "To sell it."}}))]);
        place.clock.forward(Duration::from_secs(61));
        let app = App::of(&place.stage);
        assert!(app.userinfo(&tokens.access).await.json().get("name").is_none(), "not for that purpose");
        let page = place.ask(&browser, &id).await;
        assert!(page.is_question() && page.body.contains("To sell it."), "{}", page.body);
        place.stop().await;
    }
}
