//! `private_key_jwt`: an app proves itself with a key of its own.

use std::sync::Arc;

use serde_json::json;

use crate::{
    on_both_stores,
    stage::{Bank, Browser, CHALLENGE, NOTES_SECRET, OnStore, Page, Pair, Stage, VERIFIER, now, param},
};

async fn bank(on: OnStore, key: Pair) -> (Stage, Bank) {
    let section = Bank::section(&key, "");
    let stage = Stage::start_with(on, move |config| format!("{config}{section}")).await;
    let bank = Bank::of(&stage, key);
    (stage, bank)
}

fn refused(page: &Page, what: &str) {
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{what}");
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
}

const ASK: [(&str, &str); 1] = [("token", "x")];

on_both_stores! {
    /// A whole login; the audience is the issuer or the token endpoint (DESIGN, section 11).
    async fn an_assertion_proves_an_app(on: OnStore) {
        for key in [Pair::es256(), Pair::eddsa()] {
            let (stage, bank) = bank(on, key).await;
            let answer = Browser::new()
                .sign_in(&stage, &[("client_id", "bank"), ("redirect_uri", "https://bank.test/cb"), ("code_challenge", CHALLENGE)], "google")
                .await;
            let code = param(&answer, "code").unwrap();
            let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "https://bank.test/cb"), ("code_verifier", VERIFIER)];
            let page = bank.post("/token", &form, &[]).await;
            assert_eq!(page.status, 200, "{}", page.body);
            for audience in [json!(bank.issuer), json!([bank.issuer]), json!(bank.at("/token"))] {
                let assertion = bank.key.assertion("bank", "", &json!({ "aud": audience }));
                let page = bank.post_with("/introspect", &assertion, &[("client_id", "bank"), ("token", "x")], &[]).await;
                assert_eq!((page.status.as_u16(), page.body.as_str()), (200, r#"{"active":false}"#), "{audience}");
            }
            stage.stop().await;
        }
    }

    /// AC-16, AS37: each field wrong or missing, and none of it spends anything.
    async fn an_assertion_must_fit(on: OnStore) {
        let (stage, bank) = bank(on, Pair::es256()).await;
        let other = Pair::es256();
        for changes in [
            json!({ "aud": "https://other.test" }), json!({ "aud": [bank.issuer, "https://other.test"] }), json!({ "aud": null }),
            json!({ "aud": format!("{}/", bank.issuer) }), json!({ "aud": bank.at("/authorize") }), json!({ "aud": bank.at("/par") }),
            json!({ "iss": "notes" }), json!({ "iss": null }), json!({ "sub": "notes" }), json!({ "sub": null }),
            json!({ "jti": null }), json!({ "jti": "" }), json!({ "jti": 7 }), json!({ "jti": "x".repeat(300) }),
            json!({ "exp": null }), json!({ "exp": now() - 120 }), json!({ "exp": now() + 7200 }), json!({ "exp": "soon" }),
            json!({ "nbf": now() + 300 }), json!({ "iat": now() + 300 }),
        ] {
            let assertion = bank.key.assertion("bank", &bank.issuer, &changes);
            refused(&bank.post_with("/introspect", &assertion, &ASK, &[]).await, &changes.to_string());
        }
        let good = bank.key.assertion("bank", &bank.issuer, &json!({}));
        let (signed, _) = good.rsplit_once('.').unwrap();
        let claims = json!({ "iss": "bank", "sub": "bank", "aud": bank.issuer, "jti": "once", "exp": now() + 60 });
        let by_secret = jsonwebtoken::EncodingKey::from_secret(bank.key.jwks().as_bytes());
        let hmac = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &by_secret).unwrap();
        for (what, wrong) in [
            ("another key", other.assertion("bank", &bank.issuer, &json!({}))),
            ("unsigned", format!("{signed}.")),
            ("an HMAC over the public key", hmac),
            ("an access token", bank.key.sign(Some("at+jwt"), &claims)),
            ("nothing", "x".into()),
            ("an app without a key", other.assertion("notes", &bank.issuer, &json!({}))),
        ] {
            refused(&bank.post_with("/introspect", &wrong, &ASK, &[]).await, what);
        }
        let page = bank.post_with("/introspect", &good, &[("client_id", "notes"), ("token", "x")], &[]).await;
        refused(&page, "another client_id beside it");
        let secret = bank.http.post(&bank.at("/introspect"), &[("client_id", "bank"), ("client_secret", "x"), ("token", "x")], &[]).await;
        refused(&secret, "a secret of an app that has none");
        refused(&bank.http.post(&bank.at("/introspect"), &[("client_id", "bank"), ("token", "x")], &[]).await, "nothing");
        assert_eq!(bank.post_with("/introspect", &good, &ASK, &[]).await.status, 200, "what was refused burnt nothing");
        stage.stop().await;
    }

    /// `jti` is good once, at whatever endpoint and instance.
    async fn an_assertion_is_good_once(on: OnStore) {
        let (stage, mut bank) = bank(on, Pair::es256()).await;
        let assertion = bank.key.assertion("bank", &bank.issuer, &json!({}));
        assert_eq!(bank.post_with("/introspect", &assertion, &ASK, &[]).await.status, 200);
        for path in ["/introspect", "/revoke", "/token"] {
            refused(&bank.post_with(path, &assertion, &ASK, &[]).await, path);
        }
        let second = stage.second_instance().await;
        bank.issuer = second.origin.clone();
        refused(&bank.post_with("/introspect", &assertion, &ASK, &[]).await, "the other instance");
        let fresh = Arc::new(bank.key.assertion("bank", &stage.issuer, &json!({})));
        let race = futures_util::future::join_all((0..16).map(|n| {
            let (at, fresh) = (if n % 2 == 0 { &stage.issuer } else { &second.origin }, Arc::clone(&fresh));
            let url = format!("{at}/introspect");
            let http = &bank.http;
            async move {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                http.post(&url, &[("client_assertion_type", kind), ("client_assertion", &fresh), ("token", "x")], &[]).await.status.as_u16()
            }
        }))
        .await;
        assert_eq!(race.iter().filter(|status| **status == 200).count(), 1, "{race:?}");
        second.running.stop().await;
        stage.stop().await;
    }

    /// RFC 6749, section 2.3: one method a request.
    async fn two_methods_at_once_are_refused(on: OnStore) {
        let (stage, bank) = bank(on, Pair::es256()).await;
        let assertion = bank.key.assertion("bank", &bank.issuer, &json!({}));
        let basic = format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("notes:{NOTES_SECRET}")));
        for (form, headers) in [
            (vec![("token", "x"), ("client_secret", NOTES_SECRET)], vec![]),
            (vec![("token", "x")], vec![("authorization", basic.as_str())]),
        ] {
            let page = bank.post_with("/introspect", &assertion, &form, &headers).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_request")));
        }
        let url = bank.at("/introspect");
        let bare = bank.http.post(&url, &[("client_assertion", assertion.as_str()), ("token", "x")], &[]).await;
        assert_eq!(bare.json()["error"], "invalid_request", "no client_assertion_type");
        let saml = [("client_assertion", assertion.as_str()), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), ("token", "x")];
        refused(&bank.http.post(&url, &saml, &[]).await, "another type of assertion");
        stage.stop().await;
    }
}
