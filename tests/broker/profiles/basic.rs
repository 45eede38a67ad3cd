//! Basic OP, and Form Post OP with it: each check runs with the answer in the address, and with the answer in a form.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{DecodingKey, Validation, decode, jwk::JwkSet};
use serde_json::{Value, json};

use vestibule::{
    config::{Config, Environment},
    types::bytes,
};

use super::{Mode, Suite, discovered, is_random};
use crate::{
    codes::reused_after,
    stage::{
        Browser, NOTES_CALLBACK, NOTES_SECRET, Tokens, VERIFIER, WIKI_SECRET, eventually, jws_claims, jws_header, now,
        param,
    },
};

macro_rules! checks {
    ($($(#[$doc:meta])* async fn $name:ident($suite:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn run($suite: &Suite) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn by_query() {
                let suite = Suite::start(Mode::Query, curious).await;
                run(&suite).await;
                suite.stage.stop().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn by_form_post() {
                let suite = Suite::start(Mode::FormPost, curious).await;
                run(&suite).await;
                suite.stage.stop().await;
            }
        }
    )*};
}

/// An app that declares what each scope has to give, and reads it at UserInfo (OpenID Connect Core, section 5.4).
fn curious(config: String) -> String {
    let claims: String = ["given_name", "family_name", "picture"]
        .map(|name| format!("claims.{name} = {{ need = \"required\", why = \"To see.\" }}\n"))
        .concat();
    config.replace(
        "claims.name = { need = \"optional\", why = \"To greet you.\" }\n",
        &format!("id_token_claims = false\nclaims.name = {{ need = \"required\", why = \"To greet you.\" }}\n{claims}"),
    )
}

/// A request object by `alg: none`.
fn unsigned(claims: &Value) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.", bytes::to_base64url(claims.to_string().as_bytes()))
}

/// Nothing in it but what the standards name, and an explanation of the characters that they allow (RFC 6749, section
/// 4.1.2.1; RFC 9207; Session Management, section 3).
fn is_an_error_response(answer: &url::Url) {
    for (name, value) in answer.query_pairs() {
        assert!(
            ["error", "error_description", "error_uri", "state", "session_state", "iss"].contains(&&*name),
            "{name}"
        );
        let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(value.bytes().all(allowed), "{name}={value}");
    }
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What a scope gives at UserInfo; what nobody knows is left out, never null or empty, and none of it is in the ID token.
async fn gives(suite: &Suite, scope: &str, expected: &[&str]) {
    let tokens = suite.tokens(&[("scope", scope)]).await;
    let (id, info) = (jws_claims(&tokens.id), suite.userinfo(&tokens).await);
    let got: BTreeSet<&str> = names(&info).into_iter().filter(|name| *name != "sub").collect();
    assert_eq!(got, expected.iter().copied().collect(), "{scope}");
    assert!(info.as_object().unwrap().values().all(|value| !value.is_null() && value != ""), "{info}");
    assert!(names(&id).is_disjoint(&got), "{id}");
}

const PROFILE: [&str; 4] = ["name", "given_name", "family_name", "picture"];
const EMAIL: [&str; 2] = ["email", "email_verified"];

checks! {
    /// By `client_secret_basic`.
    async fn oidcc_server(suite) {
        let code = param(&suite.sign_in(&[]).await, "code").unwrap();
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", NOTES_CALLBACK), ("code_verifier", VERIFIER)];
        let basic = format!("Basic {}", STANDARD.encode(format!("notes:{NOTES_SECRET}")));
        let page = suite.app.token_with(&form, &[("authorization", &basic)]).await;
        assert_eq!((page.header("cache-control"), page.header("pragma")), ("no-store", "no-cache"));
        let tokens = Tokens::of(&page);
        for unguessed in [&code, &tokens.access, &tokens.refresh] {
            is_random(unguessed);
        }
        let id = jws_claims(&tokens.id);
        for claim in ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash"] {
            assert!(id.get(claim).is_some(), "{claim}");
        }
        assert_eq!(suite.userinfo(&tokens).await["sub"], id["sub"]);
    }

    async fn oidcc_response_type_missing(suite) {
        let answer = suite.answer(&[("response_type", "")]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
        assert_eq!(param(&answer, "state").as_deref(), Some("st-1"));
        is_an_error_response(&answer);
    }

    /// Signed with a key that `jwks_uri` names, by its `kid`.
    async fn oidcc_idtoken_signature(suite) {
        let tokens = suite.tokens(&[]).await;
        let document = discovered(&suite.stage).await;
        let keys: JwkSet = serde_json::from_value(suite.browser.get(document["jwks_uri"].as_str().unwrap()).await.json()).unwrap();
        let header = jsonwebtoken::decode_header(&tokens.id).unwrap();
        let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["notes"]);
        validation.set_issuer(&[&suite.stage.issuer]);
        decode::<Value>(&tokens.id, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap();
    }

    /// Nothing is unsigned, whoever asks for it.
    async fn oidcc_idtoken_unsigned(suite) {
        for (name, offered) in discovered(&suite.stage).await.as_object().unwrap() {
            let offered = offered.as_array().filter(|_| name.contains("signing_alg"));
            assert!(offered.is_none_or(|offered| !offered.contains(&json!("none"))), "{name}");
        }
        assert_eq!(jws_header(&suite.tokens(&[]).await.id)["alg"], "RS256");
        let unsigned = suite.stage.config().replace("[apps.notes]\n", "[apps.notes]\nid_token_signed_response_alg = \"none\"\n");
        let refused = Config::parse(&unsigned, suite.stage.folder(), &Environment::default()).unwrap_err().to_string();
        assert!(refused.contains("apps.notes.id_token_signed_response_alg"), "{refused}");
    }

    async fn oidcc_userinfo_get(suite) {
        let tokens = suite.tokens(&[]).await;
        let page = suite.app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    async fn oidcc_userinfo_post_header(suite) {
        let tokens = suite.tokens(&[]).await;
        let bearer = format!("Bearer {}", tokens.access);
        let page = suite.browser.post(&format!("{}/userinfo", suite.stage.issuer), &[], &[("authorization", &bearer)]).await;
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    async fn oidcc_userinfo_post_body(suite) {
        let tokens = suite.tokens(&[]).await;
        let page = suite.browser.post(&format!("{}/userinfo", suite.stage.issuer), &[("access_token", &tokens.access)], &[]).await;
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite) {
        assert!(jws_claims(&suite.tokens(&[("nonce", "")]).await.id).get("nonce").is_none());
    }

    async fn oidcc_scope_profile(suite) {
        gives(suite, "openid profile", &PROFILE).await;
    }

    async fn oidcc_scope_email(suite) {
        gives(suite, "openid email", &EMAIL).await;
    }

    async fn oidcc_scope_address(suite) {
        gives(suite, "openid address", &[]).await;
    }

    async fn oidcc_scope_phone(suite) {
        gives(suite, "openid phone", &[]).await;
    }

    async fn oidcc_scope_all(suite) {
        gives(suite, "openid profile email address phone", &[&PROFILE[..], &EMAIL].concat()).await;
        gives(suite, "openid", &[]).await;
    }

    /// Neither the order of the scopes counts, nor that of the parameters.
    async fn oidcc_alternate_happy_flow(suite) {
        gives(suite, "email openid", &EMAIL).await;
        let mut url: url::Url = suite.authorize(&[("scope", "email openid")]).parse().unwrap();
        let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        pairs.reverse();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        let tokens = suite.app.tokens(&suite.answer_in(&suite.browser.get(url.as_str()).await)).await;
        assert_eq!(names(&suite.userinfo(&tokens).await), BTreeSet::from(["sub", "email", "email_verified"]));
    }

    async fn oidcc_display_page(suite) {
        suite.tokens(&[("display", "page")]).await;
    }

    /// And what else the standard names, or nobody does.
    async fn oidcc_display_popup(suite) {
        for display in ["popup", "touch", "wap", "hologram"] {
            suite.tokens(&[("display", display)]).await;
        }
    }

    /// A new login, which `auth_time` shows.
    async fn oidcc_prompt_login(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        eventually("a second passes", async || now() > first).await;
        let request = [("prompt", "login")];
        let page = suite.browser.get(&suite.authorize(&request)).await;
        assert!(page.header("location").starts_with("/login"), "asked in spite of the session");
        let answer = suite.sign_in(&request).await;
        let second = jws_claims(&suite.app.tokens(&answer).await.id)["auth_time"].as_u64().unwrap();
        assert!(second > first, "{second} {first}");
    }

    async fn oidcc_prompt_none_not_logged_in(suite) {
        let state = "s".repeat(128);
        let answer = suite.answer(&[("prompt", "none"), ("state", &state)]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
        assert_eq!(param(&answer, "state"), Some(state));
        is_an_error_response(&answer);
    }

    async fn oidcc_prompt_none_logged_in(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id);
        let second = jws_claims(&suite.app.tokens(&suite.answer(&[("prompt", "none")]).await).await.id);
        assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    }

    async fn oidcc_max_age_1(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        eventually("two seconds pass", async || now() > first + 2).await;
        let second = jws_claims(&suite.tokens(&[("max_age", "1")]).await.id)["auth_time"].as_u64().unwrap();
        assert!(second > first);
    }

    async fn oidcc_max_age_10000(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        let second = jws_claims(&suite.app.tokens(&suite.answer(&[("max_age", "10000")]).await).await.id)["auth_time"].as_u64().unwrap();
        assert_eq!(first, second);
    }

    async fn oidcc_ensure_request_with_unknown_parameter_succeeds(suite) {
        suite.tokens(&[("extra", "foobar")]).await;
    }

    /// Ours, of whoever is signed in, silently.
    async fn oidcc_id_token_hint(suite) {
        let tokens = suite.tokens(&[]).await;
        let answer = suite.answer(&[("prompt", "none"), ("id_token_hint", &tokens.id)]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["sub"], jws_claims(&tokens.id)["sub"]);
    }

    /// Another person than the hint names: not silently; asked, they may become that person, or nobody gets in.
    async fn an_id_token_hint_of_another_person(suite) {
        suite.stage.google.answer_with("grace");
        let grace = suite.tokens(&[]).await;
        let other = Browser::new();
        suite.stage.google.answer_with("ada");
        let ada = suite.app.tokens(&suite.sign_in_with(&other, &[]).await).await;
        let silent = [("prompt", "none"), ("id_token_hint", ada.id.as_str())];
        assert_eq!(suite.error(&silent).await.as_deref(), Some("login_required"));
        let hint = [("id_token_hint", ada.id.as_str())];
        let page = suite.browser.get(&suite.authorize(&hint)).await;
        assert!(page.header("location").starts_with("/login"), "asked who they are");
        suite.stage.google.answer_with("grace");
        let still = suite.sign_in(&hint).await;
        assert_eq!(param(&still, "error").as_deref(), Some("login_required"));
        suite.stage.google.answer_with("ada");
        let tokens = suite.tokens(&hint).await;
        assert_eq!(jws_claims(&tokens.id)["sub"], jws_claims(&ada.id)["sub"]);
        // Another app's hint is none, whoever it names: else two apps would learn that they have the same person.
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        suite.browser.sign_in(&suite.stage, &wiki, "google").await;
        for somebody in [&ada, &grace] {
            for prompt in ["none", ""] {
                let asked = [wiki[0], wiki[1], ("prompt", prompt), ("id_token_hint", somebody.id.as_str())];
                let answer = suite.browser.sign_in(&suite.stage, &asked, "google").await;
                assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"), "{prompt}");
            }
        }
        // Those of one sector know everybody by the same name.
        let [blog, shop] = [("blog", "https://blog.test/cb"), ("shop", "https://shop.test/cb")]
            .map(|(id, uri)| [("client_id", id), ("redirect_uri", uri)]);
        let code = param(&suite.browser.sign_in(&suite.stage, &blog, "google").await, "code").unwrap();
        let own = Tokens::of(&suite.app.token(&[blog[0], blog[1], ("client_secret", ""), ("code", &code)]).await);
        suite.browser.sign_in(&suite.stage, &shop, "google").await;
        let asked = [shop[0], shop[1], ("prompt", "none"), ("id_token_hint", own.id.as_str())];
        assert!(param(&suite.browser.sign_in(&suite.stage, &asked, "google").await, "code").is_some());
        for made_up in ["x", "a.b.c", ada.access.as_str(), &format!("{}x", ada.id)] {
            assert_eq!(suite.error(&[("id_token_hint", made_up)]).await.as_deref(), Some("invalid_request"), "{made_up}");
        }
    }

    async fn oidcc_login_hint(suite) {
        suite.tokens(&[("login_hint", "ada.lovelace@gmail.com")]).await;
        let page = suite.browser.get(&suite.authorize(&[("login_hint", "ada@x.test"), ("prompt", "login"), ("provider", "google")])).await;
        assert_eq!(param(&page.location().unwrap(), "login_hint").as_deref(), Some("ada@x.test"), "passed on");
    }

    async fn oidcc_ui_locales(suite) {
        let page = suite.browser.open(&suite.authorize(&[("ui_locales", "xx de fr")])).await;
        assert_eq!(page.attrs("html", "lang"), ["de"]);
    }

    async fn oidcc_claims_locales(suite) {
        suite.tokens(&[("claims_locales", "de fr")]).await;
    }

    /// Nobody promises one; the ID token says so where it was asked.
    async fn oidcc_ensure_request_with_acr_values_succeeds(suite) {
        assert!(jws_claims(&suite.tokens(&[]).await.id).get("acr").is_none());
        let tokens = suite.tokens(&[("acr_values", "1 2")]).await;
        assert_eq!(jws_claims(&tokens.id)["acr"], "0");
        let offered = discovered(&suite.stage).await["acr_values_supported"].clone();
        let asked = offered.as_array().unwrap().iter().map(|acr| acr.as_str().unwrap()).collect::<Vec<_>>().join(" ");
        let tokens = suite.tokens(&[("acr_values", &asked)]).await;
        assert!(offered.as_array().unwrap().contains(&jws_claims(&tokens.id)["acr"]), "one of those that are offered");
        let essential = |values: Value| json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string();
        let answer = suite.answer(&[("claims", &essential(json!(["1", "urn:mfa"])))]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("unmet_authentication_requirements"));
        let answer = suite.answer(&[("claims", &essential(json!(["1", "0"])))]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["acr"], "0");
    }

    async fn oidcc_ensure_post_request_succeeds(suite) {
        let url = url::Url::parse(&suite.authorize(&[])).unwrap();
        let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = suite.browser.post(&format!("{}/authorize", suite.stage.issuer), &form, &[]).await;
        let login = suite.browser.follow(page).await;
        suite.app.tokens(&suite.answer_in(&suite.browser.choose(&login, "google").await)).await;
    }

    /// At once: refused, and what the code gave is taken back.
    async fn oidcc_codereuse(suite) {
        reused_after(&suite.stage, &suite.sign_in(&[]).await, None).await;
    }

    /// While the code would still be good, had nobody redeemed it.
    async fn oidcc_codereuse_30seconds(suite) {
        reused_after(&suite.stage, &suite.sign_in(&[]).await, Some(Duration::from_secs(30))).await;
    }

    /// Nothing goes to an address that the app did not register: neither a code nor an error, by redirect or by form.
    async fn oidcc_ensure_registered_redirect_uri(suite) {
        suite.sign_in(&[]).await;
        for wrong in ["https://notes.test/callback/", "https://notes.test/callback?x=1", "https://NOTES.test.evil.test/callback", "http://notes.test/callback"] {
            for prompt in ["", "none"] {
                let page = suite.browser.get(&suite.authorize(&[("redirect_uri", wrong), ("prompt", prompt)])).await;
                assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{wrong}");
                assert!(!page.attrs("form", "action").iter().any(|to| to.contains("notes")), "{wrong}");
            }
        }
    }

    async fn oidcc_server_client_secret_post(suite) {
        let code = param(&suite.sign_in(&[]).await, "code").unwrap();
        let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET)];
        assert_eq!(suite.app.token(&[&form[..], &[("code", &code)]].concat()).await.status, 200);
    }

    async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(suite) {
        let asked = [("request_uri", "https://notes.test/request.jwt")];
        assert_eq!(suite.error(&asked).await.as_deref(), Some("request_uri_not_supported"));
    }

    async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite) {
        assert_eq!(suite.error(&[("request", &unsigned(&json!({})))]).await.as_deref(), Some("request_not_supported"));
    }

    /// An object that nobody signed says nothing: not even where its answer goes.
    async fn oidcc_ensure_request_object_with_redirect_uri(suite) {
        let object = unsigned(&json!({ "redirect_uri": "https://evil.test/callback", "response_mode": "query", "state": "other" }));
        let answer = suite.answer(&[("request", &object)]).await;
        assert!(answer.as_str().starts_with(NOTES_CALLBACK), "{answer}");
        assert_eq!(param(&answer, "error").as_deref(), Some("request_not_supported"));
        assert_eq!(param(&answer, "state").as_deref(), Some("st-1"));
    }

    /// One by one, and where they were asked for; a missing one that is essential is no error.
    async fn oidcc_claims_essential(suite) {
        let claims = json!({
            "userinfo": { "email": { "essential": true }, "gender": { "essential": true }, "unknown": null },
            "id_token": { "auth_time": { "essential": true }, "email": null },
        });
        let tokens = suite.tokens(&[("scope", "openid"), ("claims", &claims.to_string())]).await;
        let (id, info) = (jws_claims(&tokens.id), suite.userinfo(&tokens).await);
        assert_eq!((&id["email"], &info["email"]), (&json!("ada.lovelace@gmail.com"), &json!("ada.lovelace@gmail.com")));
        assert_eq!(names(&info), BTreeSet::from(["sub", "email", "email_verified"]));
        let at_userinfo = json!({ "userinfo": { "email": null } }).to_string();
        let tokens = suite.tokens(&[("scope", "openid"), ("claims", &at_userinfo)]).await;
        assert!(jws_claims(&tokens.id).get("email").is_none(), "not asked for there");
        let later = Tokens::of(&suite.app.refresh(&tokens.refresh, &[]).await);
        assert_eq!(suite.userinfo(&later).await["email"], "ada.lovelace@gmail.com");
        let tokens = suite.tokens(&[("scope", "openid")]).await;
        assert_eq!(names(&suite.userinfo(&tokens).await), BTreeSet::from(["sub"]));
        for wrong in ["[]", "x", "{\"id_token\": []}", "{\"userinfo\": 7}", &format!("{}{}", "[".repeat(1000), "]".repeat(1000))] {
            let answer = suite.answer(&[("claims", wrong)]).await;
            assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"), "{wrong}");
        }
    }

    /// `sub.value`: this person, or an error (section 5.5.1).
    async fn claims_may_name_the_person(suite) {
        let sub = jws_claims(&suite.tokens(&[]).await.id)["sub"].as_str().unwrap().to_owned();
        let named = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let answer = suite.answer(&[("prompt", "none"), ("claims", &named(&sub))]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["sub"], sub);
        let answer = suite.answer(&[("prompt", "none"), ("claims", &named("another"))]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
        let answer = suite.sign_in(&[("claims", &named("another"))]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
    }

    /// With `offline_access` as the standard has it asked for (section 11), and bound to the app.
    async fn oidcc_refresh_token(suite) {
        let scope = ("scope", "openid offline_access");
        let first = suite.tokens(&[scope, ("prompt", "consent")]).await;
        let before = jws_claims(&first.id);
        eventually("a second passes", async || now() > before["iat"].as_u64().unwrap()).await;
        let page = suite.app.refresh(&first.refresh, &[scope]).await;
        assert_eq!((page.header("content-type"), page.header("cache-control")), ("application/json", "no-store"));
        assert!(page.json()["expires_in"].as_u64().unwrap() > 0);
        let (second, text) = (Tokens::of(&page), page.json());
        let after = jws_claims(&second.id);
        for same in ["iss", "sub", "aud", "auth_time", "azp"] {
            assert_eq!(before.get(same), after.get(same), "{same}");
        }
        assert!(after["iat"].as_u64() > before["iat"].as_u64(), "a time of its own");
        assert_eq!((text["token_type"].as_str(), second.access == first.access), (Some("Bearer"), false));
        assert_eq!(suite.userinfo(&second).await["sub"], after["sub"]);
        let wiki = [("client_id", "wiki"), ("client_secret", WIKI_SECRET)];
        let page = suite.app.refresh(&second.refresh, &wiki).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (400, "application/json"));
        assert_eq!(page.json()["error"], "invalid_grant", "another app's");
    }

    async fn oidcc_ensure_request_with_valid_pkce_succeeds(suite) {
        suite.tokens(&[]).await;
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        let answer = suite.answer(&without).await;
        let code = param(&answer, "code").unwrap();
        assert_eq!(suite.app.token(&[("code", &code), ("code_verifier", "")]).await.status, 200);
    }
}
