//! The checks of the Basic OP certification profile, each as a test of its name, on what that suite sees of a provider:
//! what it sends to the endpoints, and what comes back. What other files of this folder test more closely is not
//! repeated here: codes, redirect URIs, client authentication, logout.

use std::collections::BTreeSet;

use jsonwebtoken::{DecodingKey, Validation, decode, jwk::JwkSet};
use serde_json::{Value, json};

use crate::stage::{App, Browser, OnStore, Page, Stage, Tokens, eventually, jws_claims, jws_header, now, param};

/// A provider, a person's browser, and an app.
struct Suite {
    stage: Stage,
    browser: Browser,
    app: App,
}

impl Suite {
    async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    async fn start_with(change: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        let stage = Stage::start_with(OnStore::Sqlite, change).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        Self { stage, browser, app }
    }

    /// A login with this request, to its tokens.
    async fn tokens(&self, request: &[(&str, &str)]) -> Tokens {
        self.app.tokens(&self.browser.sign_in(&self.stage, request, "google").await).await
    }

    /// Where a request leads at once, without a page.
    async fn answer(&self, request: &[(&str, &str)]) -> url::Url {
        self.browser.get(&self.stage.authorize(request)).await.location().unwrap()
    }

    async fn userinfo(&self, tokens: &Tokens) -> Value {
        self.app.userinfo(&tokens.access).await.json()
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident($suite:ident) $body:block)*) => {
        $(
            $(#[$doc])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let $suite = Suite::start().await;
                $body
                $suite.stage.stop().await;
            }
        )*
    };
}

/// Everything that the app declares, so that each scope has something to give.
fn curious(config: String) -> String {
    let claims: String = ["given_name", "family_name", "picture"]
        .map(|name| format!("claims.{name} = {{ need = \"required\", why = \"To see.\" }}\n"))
        .concat();
    config.replace(
        "claims.name = { need = \"optional\", why = \"To greet you.\" }\n",
        &format!("claims.name = {{ need = \"required\", why = \"To greet you.\" }}\n{claims}"),
    )
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

checks! {
    oidcc_server(suite) {
        let tokens = suite.tokens(&[]).await;
        let id = jws_claims(&tokens.id);
        for claim in ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash"] {
            assert!(id.get(claim).is_some(), "{claim}");
        }
        assert_eq!(suite.userinfo(&tokens).await["sub"], id["sub"]);
    }

    oidcc_response_type_missing(suite) {
        let answer = suite.answer(&[("response_type", "")]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
        assert_eq!(param(&answer, "state").as_deref(), Some("st-1"));
    }

    /// Signed with a key that `jwks_uri` names, by its `kid`.
    oidcc_idtoken_signature(suite) {
        let tokens = suite.tokens(&[]).await;
        let document = suite.browser.get(&format!("{}/.well-known/openid-configuration", suite.stage.issuer)).await.json();
        let keys: JwkSet = serde_json::from_value(suite.browser.get(document["jwks_uri"].as_str().unwrap()).await.json()).unwrap();
        let header = jsonwebtoken::decode_header(&tokens.id).unwrap();
        let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["notes"]);
        validation.set_issuer(&[&suite.stage.issuer]);
        decode::<Value>(&tokens.id, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap();
        let offered = document["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(offered.contains(&json!("RS256")) && !offered.contains(&json!("none")));
    }

    oidcc_userinfo_get(suite) {
        let tokens = suite.tokens(&[]).await;
        let page = suite.app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    oidcc_userinfo_post_header(suite) {
        let tokens = suite.tokens(&[]).await;
        let bearer = format!("Bearer {}", tokens.access);
        let page = suite.browser.post(&format!("{}/userinfo", suite.stage.issuer), &[], &[("authorization", &bearer)]).await;
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    oidcc_userinfo_post_body(suite) {
        let tokens = suite.tokens(&[]).await;
        let page = suite.browser.post(&format!("{}/userinfo", suite.stage.issuer), &[("access_token", &tokens.access)], &[]).await;
        assert_eq!(page.json()["sub"], jws_claims(&tokens.id)["sub"]);
    }

    oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite) {
        assert!(jws_claims(&suite.tokens(&[("nonce", "")]).await.id).get("nonce").is_none());
    }

    oidcc_display_page_and_popup(suite) {
        for display in ["page", "popup", "touch", "wap", "hologram"] {
            assert!(!suite.tokens(&[("display", display)]).await.id.is_empty(), "{display}");
        }
    }

    /// A new login, which `auth_time` shows.
    oidcc_prompt_login(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        eventually("a second passes", async || now() > first).await;
        let request = [("prompt", "login")];
        let page = suite.browser.get(&suite.stage.authorize(&request)).await;
        assert!(page.header("location").starts_with("/login"), "asked in spite of the session");
        let answer = suite.browser.sign_in(&suite.stage, &request, "google").await;
        let second = jws_claims(&suite.app.tokens(&answer).await.id)["auth_time"].as_u64().unwrap();
        assert!(second > first, "{second} {first}");
    }

    oidcc_prompt_none_not_logged_in(suite) {
        let answer = suite.answer(&[("prompt", "none")]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
    }

    oidcc_prompt_none_logged_in(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id);
        let second = jws_claims(&suite.app.tokens(&suite.answer(&[("prompt", "none")]).await).await.id);
        assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    }

    oidcc_max_age_1(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        eventually("two seconds pass", async || now() > first + 2).await;
        let second = jws_claims(&suite.tokens(&[("max_age", "1")]).await.id)["auth_time"].as_u64().unwrap();
        assert!(second > first);
    }

    oidcc_max_age_10000(suite) {
        let first = jws_claims(&suite.tokens(&[]).await.id)["auth_time"].as_u64().unwrap();
        let second = jws_claims(&suite.app.tokens(&suite.answer(&[("max_age", "10000")]).await).await.id)["auth_time"].as_u64().unwrap();
        assert_eq!(first, second);
    }

    oidcc_ensure_request_with_unknown_parameter_succeeds(suite) {
        suite.tokens(&[("extra", "foobar")]).await;
    }

    /// Ours, of whoever is signed in, silently.
    oidcc_id_token_hint(suite) {
        let tokens = suite.tokens(&[]).await;
        let answer = suite.answer(&[("prompt", "none"), ("id_token_hint", &tokens.id)]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["sub"], jws_claims(&tokens.id)["sub"]);
    }

    /// Another person than the hint names: not silently; asked, they may become that person, or nobody gets in.
    oidcc_id_token_hint_of_another_person(suite) {
        suite.stage.google.answer_with("grace");
        let grace = suite.tokens(&[]).await;
        let other = Browser::new();
        suite.stage.google.answer_with("ada");
        let ada = suite.app.tokens(&other.sign_in(&suite.stage, &[], "google").await).await;
        let silent = [("prompt", "none"), ("id_token_hint", ada.id.as_str())];
        assert_eq!(param(&suite.answer(&silent).await, "error").as_deref(), Some("login_required"));
        let hint = [("id_token_hint", ada.id.as_str())];
        let page = suite.browser.get(&suite.stage.authorize(&hint)).await;
        assert!(page.header("location").starts_with("/login"), "asked who they are");
        suite.stage.google.answer_with("grace");
        let still = suite.browser.sign_in(&suite.stage, &hint, "google").await;
        assert_eq!(param(&still, "error").as_deref(), Some("login_required"));
        suite.stage.google.answer_with("ada");
        let tokens = suite.app.tokens(&suite.browser.sign_in(&suite.stage, &hint, "google").await).await;
        assert_eq!(jws_claims(&tokens.id)["sub"], jws_claims(&ada.id)["sub"]);
        // Another app's hint is none, whoever it names: else two apps would learn that they have the same person.
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        suite.browser.sign_in(&suite.stage, &wiki, "google").await;
        for somebody in [&ada, &grace] {
            for prompt in ["none", ""] {
                let asked = [wiki[0], wiki[1], ("prompt", prompt), ("id_token_hint", somebody.id.as_str())];
                assert_eq!(param(&suite.answer(&asked).await, "error").as_deref(), Some("invalid_request"), "{prompt}");
            }
        }
        // Those of one sector know everybody by the same name.
        let (blog, shop) = ([("client_id", "blog"), ("redirect_uri", "https://blog.test/cb")], [("client_id", "shop"), ("redirect_uri", "https://shop.test/cb")]);
        let code = param(&suite.browser.sign_in(&suite.stage, &blog, "google").await, "code").unwrap();
        let own = Tokens::of(&suite.app.token(&[blog[0], blog[1], ("client_secret", ""), ("code", &code)]).await);
        suite.browser.sign_in(&suite.stage, &shop, "google").await;
        let asked = [shop[0], shop[1], ("prompt", "none"), ("id_token_hint", own.id.as_str())];
        assert!(param(&suite.answer(&asked).await, "code").is_some());
        for made_up in ["x", "a.b.c", ada.access.as_str(), &format!("{}x", ada.id)] {
            let answer = suite.answer(&[("id_token_hint", made_up)]).await;
            assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"), "{made_up}");
        }
    }

    oidcc_login_hint(suite) {
        suite.tokens(&[("login_hint", "ada.lovelace@gmail.com")]).await;
        let page = suite.browser.get(&suite.stage.authorize(&[("login_hint", "ada@x.test"), ("prompt", "login"), ("provider", "google")])).await;
        assert_eq!(param(&page.location().unwrap(), "login_hint").as_deref(), Some("ada@x.test"), "passed on");
    }

    oidcc_ui_locales(suite) {
        let page = suite.browser.open(&suite.stage.authorize(&[("ui_locales", "xx de fr")])).await;
        assert_eq!(page.attrs("html", "lang"), ["de"]);
    }

    oidcc_claims_locales(suite) {
        suite.tokens(&[("claims_locales", "de fr")]).await;
    }

    /// Nobody promises one; the ID token says so where it was asked.
    oidcc_acr_values(suite) {
        assert!(jws_claims(&suite.tokens(&[]).await.id).get("acr").is_none());
        let tokens = suite.tokens(&[("acr_values", "1 2")]).await;
        assert_eq!(jws_claims(&tokens.id)["acr"], "0");
        let essential = |values: Value| json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string();
        let answer = suite.answer(&[("claims", &essential(json!(["1", "urn:mfa"])))]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("unmet_authentication_requirements"));
        let answer = suite.answer(&[("claims", &essential(json!(["1", "0"])))]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["acr"], "0");
    }

    oidcc_ensure_post_request_succeeds(suite) {
        let url = url::Url::parse(&suite.stage.authorize(&[])).unwrap();
        let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = suite.browser.post(&format!("{}/authorize", suite.stage.issuer), &form, &[]).await;
        let login = suite.browser.follow(page).await;
        let answer = suite.browser.choose(&login, "google").await.location().unwrap();
        suite.app.tokens(&answer).await;
    }

    oidcc_server_client_secret_post(suite) {
        suite.tokens(&[]).await;
    }

    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(suite) {
        for (name, value, error) in [
            ("request_uri", "https://notes.test/request.jwt", "request_uri_not_supported"),
            ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ] {
            assert_eq!(param(&suite.answer(&[(name, value)]).await, "error").as_deref(), Some(error));
        }
    }

    /// One by one, and where they were asked for; a missing one that is essential is no error.
    oidcc_claims_essential(suite) {
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
    oidcc_claims_sub_value(suite) {
        let sub = jws_claims(&suite.tokens(&[]).await.id)["sub"].as_str().unwrap().to_owned();
        let named = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let answer = suite.answer(&[("prompt", "none"), ("claims", &named(&sub))]).await;
        assert_eq!(jws_claims(&suite.app.tokens(&answer).await.id)["sub"], sub);
        let answer = suite.answer(&[("prompt", "none"), ("claims", &named("another"))]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
        let answer = suite.browser.sign_in(&suite.stage, &[("claims", &named("another"))], "google").await;
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
    }

    oidcc_refresh_token(suite) {
        let first = suite.tokens(&[]).await;
        let second = Tokens::of(&suite.app.refresh(&first.refresh, &[]).await);
        let (before, after) = (jws_claims(&first.id), jws_claims(&second.id));
        for same in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(before[same], after[same], "{same}");
        }
        assert_eq!(suite.userinfo(&second).await["sub"], after["sub"]);
    }

    oidcc_ensure_request_with_valid_pkce_succeeds(suite) {
        suite.tokens(&[]).await;
        let without = [("code_challenge", ""), ("code_challenge_method", "")];
        let answer = suite.answer(&without).await;
        let code = param(&answer, "code").unwrap();
        assert_eq!(suite.app.token(&[("code", &code), ("code_verifier", "")]).await.status, 200);
    }
}

/// Scope by scope; what nobody knows is left out, never null or empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oidcc_scopes() {
    let suite = Suite::start_with(curious).await;
    let profile = ["name", "given_name", "family_name", "picture"];
    for (scope, expected) in [
        ("openid", vec![]),
        ("openid profile", profile.to_vec()),
        ("openid email", vec!["email", "email_verified"]),
        ("openid address", vec![]),
        ("openid phone", vec![]),
        ("openid profile email address phone", [profile.as_slice(), &["email", "email_verified"]].concat()),
    ] {
        let tokens = suite.tokens(&[("scope", scope)]).await;
        let info = suite.userinfo(&tokens).await;
        let got: BTreeSet<&str> = names(&info).into_iter().filter(|name| *name != "sub").collect();
        assert_eq!(got, expected.into_iter().collect(), "{scope}");
        assert!(info.as_object().unwrap().values().all(|value| !value.is_null() && value != ""), "{info}");
    }
    suite.stage.stop().await;
}

/// RFC 8707: the audiences that the app may name, and ourselves with `openid`; narrower at the token endpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resources_become_audiences() {
    let suite = Suite::start_with(|config| {
        config.replace("[apps.notes]\n", "[apps.notes]\naudiences = [\"https://one.test\", \"https://two.test/api\"]\n")
    })
    .await;
    let (issuer, stage) = (suite.stage.issuer.clone(), &suite.stage);
    let audience = |tokens: &Tokens| jws_claims(&tokens.access)["aud"].clone();
    assert_eq!(audience(&suite.tokens(&[]).await), json!(["notes", issuer]));
    let both = format!("{}&resource=https://two.test/api", stage.authorize(&[("resource", "https://one.test")]));
    let answer = suite.browser.get(&both).await.location().unwrap();
    let tokens = suite.app.tokens(&answer).await;
    assert_eq!(audience(&tokens), json!(["https://one.test", "https://two.test/api", issuer]));
    assert_eq!(suite.app.userinfo(&tokens.access).await.status, 200);
    let one = Tokens::of(&suite.app.refresh(&tokens.refresh, &[("resource", "https://one.test")]).await);
    assert_eq!(audience(&one), json!(["https://one.test", issuer]));
    let all = Tokens::of(&suite.app.refresh(&one.refresh, &[]).await);
    assert_eq!(audience(&all), json!(["https://one.test", "https://two.test/api", issuer]));
    let code = param(&suite.answer(&[("resource", "https://one.test")]).await, "code").unwrap();
    let target = |page: &Page| (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned());
    let refused = (400, "invalid_target".to_owned());
    assert_eq!(target(&suite.app.token(&[("code", &code), ("resource", "https://two.test/api")]).await), refused);
    assert_eq!(target(&suite.app.token(&[("code", &code), ("resource", "https://evil.test")]).await), refused);
    let narrow = Tokens::of(&suite.app.token(&[("code", &code)]).await);
    assert_eq!(audience(&narrow), json!(["https://one.test", issuer]));
    assert_eq!(target(&suite.app.refresh(&narrow.refresh, &[("resource", "https://two.test/api")]).await), refused);
    for wrong in ["https://evil.test", "https://one.test/", "x", "https://one.test#x"] {
        assert_eq!(
            param(&suite.answer(&[("resource", wrong)]).await, "error").as_deref(),
            Some("invalid_target"),
            "{wrong}"
        );
    }
    for own in [issuer.clone(), format!("{issuer}/userinfo")] {
        let tokens = suite.app.tokens(&suite.answer(&[("resource", &own)]).await).await;
        assert_eq!(audience(&tokens), json!(["notes", issuer]), "UserInfo is meant by openid already");
    }
    suite.stage.stop().await;
}

/// UserInfo as a signed JWT (section 5.3.2), by the algorithm that the app registered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn userinfo_may_be_signed() {
    for alg in ["RS256", "ES256", "EdDSA"] {
        let line = format!("[apps.notes]\nuserinfo_signed_response_alg = \"{alg}\"\n");
        let suite = Suite::start_with(move |config| config.replace("[apps.notes]\n", &line)).await;
        let tokens = suite.tokens(&[]).await;
        let page = suite.app.userinfo(&tokens.access).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/jwt"));
        assert_eq!(jws_header(&page.body)["alg"], alg);
        let keys: JwkSet =
            serde_json::from_value(suite.browser.get(&format!("{}/jwks", suite.stage.issuer)).await.json()).unwrap();
        let header = jsonwebtoken::decode_header(&page.body).unwrap();
        let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&["notes"]);
        validation.set_issuer(&[&suite.stage.issuer]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        validation.validate_exp = false;
        let claims = decode::<Value>(&page.body, &key, &validation).unwrap().claims;
        assert_eq!(
            (&claims["sub"], &claims["email"]),
            (&jws_claims(&tokens.id)["sub"], &json!("ada.lovelace@gmail.com"))
        );
        // It is no ID token: it proves nothing about who asks.
        let answer = suite.answer(&[("id_token_hint", &page.body)]).await;
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
        suite.stage.stop().await;
    }
}
