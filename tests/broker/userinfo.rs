//! UserInfo.

use jsonwebtoken::{DecodingKey, Validation, decode, jwk::JwkSet};
use serde_json::{Value, json};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage, jws_claims, jws_header, param},
};

on_both_stores! {
    /// What the app may see, under the subject that it knows; by header and by form (RFC 6750).
    async fn userinfo_gives_what_the_app_may_see(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let page = app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
        let info = page.json();
        assert_eq!(info["sub"], jws_claims(&tokens.id)["sub"]);
        assert_eq!(info["email"], "ada.lovelace@gmail.com");
        assert!(info.get("name").is_none() && info.get("picture").is_none());
        let url = format!("{}/userinfo", stage.issuer);
        let posted = browser.post(&url, &[("access_token", tokens.access.as_str())], &[]).await;
        assert_eq!(posted.json(), info);
        let both = browser.post(&url, &[("access_token", tokens.access.as_str())], &[("authorization", &format!("Bearer {}", tokens.access))]).await;
        assert_eq!(both.status, 400);
        stage.stop().await;
    }

    /// Anything that is not an access token of ours for UserInfo is none (GW1 to GW3, AC-26).
    async fn userinfo_takes_nothing_else(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let (head, rest) = tokens.access.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let none = vestibule::types::bytes::to_base64url(br#"{"typ":"at+jwt","alg":"none"}"#);
        let first = if signature.starts_with('A') { "B" } else { "A" };
        let broken = format!("{first}{}", &signature[1..]);
        for wrong in [
            tokens.id.clone(), String::new(), "x".into(), "a.b.c".into(), format!("{none}.{body}."),
            format!("{head}.{body}.{broken}"), format!("{head}.{body}."), format!("{head}.{body}"), format!("{}.", tokens.access), "x".repeat(20_000),
        ] {
            let page = app.userinfo(&wrong).await;
            assert!(page.status == 401 || page.status == 400 || page.status == 431, "{} {wrong}", page.status);
            if page.status == 401 {
                assert!(page.header("www-authenticate").starts_with("Bearer "));
            }
        }
        let url = format!("{}/userinfo", stage.issuer);
        let bare = browser.get(&url).await;
        assert_eq!((bare.status.as_u16(), bare.header("www-authenticate").contains("error")), (401, false));
        let in_query = browser.get(&format!("{url}?access_token={}", tokens.access)).await;
        assert_eq!(in_query.status, 401);
        stage.stop().await;
    }

    /// Signing out ends what hangs on the session.
    async fn userinfo_ends_with_the_session(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout?id_token_hint={}", stage.issuer, tokens.id);
        assert_eq!(browser.get(&url).await.status, 303);
        assert_eq!(app.userinfo(&tokens.access).await.status, 401);
        stage.stop().await;
    }
}

/// UserInfo as a signed JWT (section 5.3.2), by the algorithm that the app registered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn userinfo_may_be_signed() {
    for alg in ["RS256", "ES256", "EdDSA"] {
        let line = format!("[apps.notes]\nuserinfo_signed_response_alg = \"{alg}\"\n");
        let stage = Stage::start_with(OnStore::Sqlite, move |config| config.replace("[apps.notes]\n", &line)).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let page = app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/jwt"));
        assert_eq!(jws_header(&page.body)["alg"], alg);
        let keys: JwkSet = serde_json::from_value(browser.get(&format!("{}/jwks", stage.issuer)).await.json()).unwrap();
        let header = jsonwebtoken::decode_header(&page.body).unwrap();
        let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["notes"]);
        validation.set_issuer(&[&stage.issuer]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        validation.validate_exp = false;
        let claims = decode::<Value>(&page.body, &key, &validation).unwrap().claims;
        assert_eq!(
            (&claims["sub"], &claims["email"]),
            (&jws_claims(&tokens.id)["sub"], &json!("ada.lovelace@gmail.com"))
        );
        // It is no ID token: it proves nothing about who asks.
        let answer = browser.get(&stage.authorize(&[("id_token_hint", &page.body)])).await.location().unwrap();
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
        stage.stop().await;
    }
}
