//! How such an app proves itself: by PKCE always, and by its key where it has one.

use serde_json::{Value, json};

use super::{
    JSON, Place,
    cold::{exchange, token, town},
};
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Pair, Tokens, VERIFIER, jws_claims, param},
};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A form of an app that proves itself with this key.
async fn proven(place: &Place, path: &str, (id, key): (&str, &Pair), form: &[(&str, &str)]) -> Page {
    let assertion = key.assertion(id, &place.stage.issuer, &json!({}));
    let proof = [("client_assertion_type", TYPE), ("client_assertion", &assertion)];
    place.call(path, &[form, &proof].concat(), &[]).await
}

on_both_stores! {

    /// Without PKCE nothing begins, and one with keys has to show them.
    async fn an_app_proves_what_its_document_promises(on: OnStore) {
        let place = Place::open(on).await;
        let key = Pair::es256();
        let keys: Value = serde_json::from_str(&key.jwks()).unwrap();
        let id = place.lay("/keyed", &[("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", keys)]);
        let browser = Browser::careful();
        let callback = place.shelf.at("/cb");
        let bare = [("client_id", id.as_str()), ("redirect_uri", &callback), ("code_challenge", ""), ("code_challenge_method", "")];
        let refused = browser.open(&place.stage.authorize(&bare)).await.location().unwrap();
        assert_eq!(param(&refused, "error").as_deref(), Some("invalid_request"));
        let answer = place.agree(&browser, &id).await;
        assert_eq!(place.redeem(&id, &answer).await.json()["error"], "invalid_client", "its key, or nothing");
        let code = param(&answer.location().unwrap(), "code").unwrap();
        let assertion = key.assertion(&id, &place.stage.issuer, &json!({}));
        let form = [
            ("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &callback), ("code_verifier", VERIFIER),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", &assertion),
        ];
        let page = App::of(&place.stage).token_with(&form, &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        place.stop().await;
    }

    /// A service of the operator's may have the very address of a document: a token for it is not one for that app, and
    /// does not bear its name for the person.
    async fn a_service_is_not_the_app_at_its_address(on: OnStore) {
        let place = town(on).await;
        let key = Pair::es256();
        let keys: Value = serde_json::from_str(&key.jwks()).unwrap();
        let id = place.lay("/app.json", &[("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", keys)]);
        let answer = place.agree(&Browser::careful(), &id).await;
        let (code, callback) = (param(&answer.location().unwrap(), "code").unwrap(), place.shelf.at("/cb"));
        let form = [
            ("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &callback), ("code_verifier", VERIFIER),
        ];
        let tokens = Tokens::of(&proven(&place, "/token", (&id, &key), &form).await);
        let for_the_service = token(&exchange(&place, &tokens.access, &id).await);
        assert_ne!(jws_claims(&for_the_service)["sub"], jws_claims(&tokens.id)["sub"]);
        let page = proven(&place, "/introspect", (&id, &key), &[("token", &for_the_service)]).await;
        assert_eq!(page.json(), json!({"active": false}), "{}", page.body);
        place.stop().await;
    }

    /// `jwks_uri`, at each endpoint, and from an instance that has met nobody: the document, then the keys.
    async fn keys_are_published_beside_the_document(on: OnStore) {
        let place = Place::open(on).await;
        let (key, other) = (Pair::es256(), Pair::rsa(jsonwebtoken::Algorithm::RS256));
        place.shelf.lay("/keys", 200, JSON, key.jwks());
        let keyed = [("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks_uri", json!(place.shelf.abroad("/keys")))];
        let id = place.lay("/app.json", &keyed);
        let callback = place.shelf.at("/cb");
        let asked = [
            ("response_type", "code"), ("redirect_uri", callback.as_str()), ("scope", "openid profile offline_access"),
            ("code_challenge", crate::stage::CHALLENGE), ("code_challenge_method", "S256"),
        ];
        let pushed = proven(&place, "/par", (&id, &key), &asked).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        assert_eq!((place.shelf.asked("/app.json"), place.shelf.asked("/keys")), (1, 1));
        let reference = pushed.json()["request_uri"].as_str().unwrap().to_owned();
        let browser = Browser::careful();
        place.restart();
        let query = [("client_id", id.as_str()), ("request_uri", &reference)];
        let page = browser.open(url::Url::parse_with_params(&place.at("/authorize"), query).unwrap().as_str()).await;
        let page = browser.choose(&page, "google").await;
        assert!(page.is_question(), "{}", page.body);
        let answer = browser.answer(&page, "yes", &[]).await.location().unwrap();
        let code = param(&answer, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &callback), ("code_verifier", VERIFIER),
        ];
        place.restart();
        let wrong = proven(&place, "/token", (&id, &other), &form).await;
        assert_eq!((wrong.status.as_u16(), wrong.json()["error"].as_str()), (401, Some("invalid_client")), "{}", wrong.body);
        let tokens = Tokens::of(&proven(&place, "/token", (&id, &key), &form).await);
        place.restart();
        let page = proven(&place, "/introspect", (&id, &key), &[("token", &tokens.access)]).await;
        assert_eq!(page.json()["active"], true, "{}", page.body);
        place.restart();
        let page = proven(&place, "/revoke", (&id, &key), &[("token", &tokens.refresh)]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(App::of(&place.stage).userinfo(&tokens.access).await.status, 401);
        // The keys of somebody else's document prove nothing, and an assertion for one app nothing for another.
        let stranger = place.lay("/other.json", &keyed[..1]);
        let page = proven(&place, "/token", (&stranger, &key), &form).await;
        assert_eq!(page.json()["error"], "invalid_client", "{}", page.body);
        place.stop().await;
    }
}
