//! Pushed requests (RFC 9126) and signed ones (RFC 9101).

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    on_both_stores,
    stage::{
        App, Browser, CHALLENGE, NOTES_CALLBACK, NOTES_SECRET, OnStore, Page, Pair, Stage, Tokens, WIKI_SECRET,
        changed, jws_claims, now, param,
    },
};

const REQUEST: [(&str, &str); 8] = [
    ("client_id", "notes"),
    ("client_secret", NOTES_SECRET),
    ("redirect_uri", NOTES_CALLBACK),
    ("response_type", "code"),
    ("scope", "openid email"),
    ("state", "pushed"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn push(stage: &Stage, changes: &[(&str, &str)]) -> Page {
    let kept = REQUEST.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let form: Vec<_> = kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())).copied().collect();
    Browser::new().post(&format!("{}/par", stage.issuer), &form, &[]).await
}

fn reference(page: &Page) -> String {
    assert_eq!(page.status, 201, "{}", page.body);
    page.json()["request_uri"].as_str().unwrap().to_owned()
}

fn authorize(stage: &Stage, client: &str, request_uri: &str) -> String {
    let query = [("client_id", client), ("request_uri", request_uri)];
    url::Url::parse_with_params(&format!("{}/authorize", stage.issuer), query).unwrap().into()
}

fn is_page(page: &Page, status: u16) {
    assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{}", page.body);
}

on_both_stores! {
    /// Pushed, reloaded, finished; and then never again.
    async fn a_pushed_request_counts_once_at_its_end(stage: Stage) {
        let browser = Browser::new();
        let pushed = push(&stage, &[]).await;
        assert_eq!((pushed.header("cache-control"), pushed.json()["expires_in"].as_u64()), ("no-store", Some(60)));
        let uri = reference(&pushed);
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && uri.len() > 34 + 40, "{uri}");
        let url = authorize(&stage, "notes", &uri);
        for _ in 0..3 {
            let page = browser.get(&url).await;
            assert!(page.header("location").starts_with("/login?attempt="), "a reload of the page before");
        }
        // What comes beside it counts for nothing.
        let page = browser.open(&format!("{url}&scope=openid+profile&state=other&redirect_uri=https://evil.test")).await;
        stage.google.answer_with("ada");
        let answer = browser.choose(&page, "google").await.location().unwrap();
        assert!(answer.as_str().starts_with(NOTES_CALLBACK), "{answer}");
        assert_eq!(param(&answer, "state").as_deref(), Some("pushed"));
        let tokens = Tokens::of(&App::of(&stage).redeem(&answer).await);
        assert_eq!(jws_claims(&tokens.access)["scope"], "openid email");
        is_page(&browser.get(&url).await, 400);
        is_page(&Browser::new().get(&url).await, 400);
        stage.stop().await;
    }

    /// Two tabs with one reference: one of them ends.
    async fn of_two_tabs_one_ends(stage: Stage) {
        let (browser, url) = (Browser::new(), authorize(&stage, "notes", &reference(&push(&stage, &[]).await)));
        let (one, other) = (browser.open(&url).await, browser.open(&url).await);
        let answer = browser.choose(&one, "google").await;
        assert!(param(&answer.location().unwrap(), "code").is_some());
        is_page(&browser.choose(&other, "google").await, 400);
        stage.stop().await;
    }

    /// Another app's, an unknown one, one of another kind: a page, and nothing of it is spent.
    async fn a_reference_is_its_apps_own(stage: Stage) {
        let browser = Browser::new();
        let uri = reference(&push(&stage, &[]).await);
        let (cut, _) = uri.split_at(uri.len() - 1);
        for (client, uri) in [
            ("wiki", uri.as_str()), ("native", &uri), ("notes", cut), ("notes", &format!("{uri}A")),
            ("notes", "urn:ietf:params:oauth:request_uri:"), ("notes", "urn:ietf:params:oauth:request_uri:x"), ("nobody", &uri),
        ] {
            is_page(&browser.get(&authorize(&stage, client, uri)).await, 400);
        }
        let twice = format!("{0}&request_uri=x", authorize(&stage, "notes", &uri));
        is_page(&browser.get(&twice).await, 400);
        assert_eq!(browser.get(&authorize(&stage, "notes", &uri)).await.status, 303);
        stage.stop().await;
    }

    /// AS39: everything is checked when it is pushed, by the name of the standard.
    async fn everything_is_checked_at_once(stage: Stage) {
        for (changes, status, error) in [
            (vec![("client_secret", "wrong")], 401, "invalid_client"),
            (vec![("client_secret", "")], 401, "invalid_client"),
            (vec![("client_id", "native"), ("client_secret", "")], 400, "unauthorized_client"),
            (vec![("client_id", "wiki"), ("client_secret", WIKI_SECRET)], 400, "invalid_request"),
            (vec![("redirect_uri", "https://evil.test/cb")], 400, "invalid_request"),
            (vec![("request_uri", "urn:ietf:params:oauth:request_uri:x")], 400, "invalid_request"),
            (vec![("request", "x")], 400, "request_not_supported"),
            (vec![("response_type", "token")], 400, "unsupported_response_type"),
            (vec![("scope", "profile")], 400, "invalid_scope"),
            (vec![("code_challenge_method", "plain")], 400, "invalid_request"),
            (vec![("max_age", "+5")], 400, "invalid_request"),
            (vec![("prompt", "none login")], 400, "invalid_request"),
        ] {
            let page = push(&stage, &changes).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{changes:?}");
            assert_eq!((page.header("cache-control"), page.header("location")), ("no-store", ""));
        }
        let url = format!("{}/par", stage.issuer);
        let get = Browser::new().get(&url).await;
        assert_eq!((get.status.as_u16(), get.header("allow").contains("POST")), (405, true));
        let twice = format!("{}&state=1&state=2", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(REQUEST).finish());
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(Browser::new().raw("POST", &url, &form, &twice).await.json()["error"], "invalid_request");
        let long = "x".repeat(20_000);
        let large = [REQUEST.as_slice(), &[("nothing", &long)]].concat();
        assert_eq!(Browser::new().post(&url, &large, &[]).await.status, 413);
        stage.stop().await;
    }

    /// RFC 9126, section 2.2: good for a minute, and then it is a page.
    async fn an_expired_reference_is_refused(stage: Stage) {
        let uri = reference(&push(&stage, &[]).await);
        let begun = async |origin: &str| {
            let at = url::Url::parse(&authorize(&stage, "notes", &uri)).unwrap();
            Browser::new().get(&format!("{origin}/authorize?{}", at.query().unwrap())).await
        };
        assert!(begun(&stage.issuer).await.header("location").starts_with("/login?attempt="));
        let soon = stage.instance_after(Duration::from_secs(50)).await;
        assert!(begun(&soon.origin).await.header("location").starts_with("/login?attempt="));
        soon.running.stop().await;
        let late = stage.instance_after(Duration::from_secs(61)).await;
        is_page(&begun(&late.origin).await, 400);
        late.running.stop().await;
        stage.stop().await;
    }

    /// `require_pushed_authorization_requests`: nothing else is taken.
    async fn an_app_may_have_to_push(on: OnStore) {
        let stage = Stage::start_with(on, |config| config.replace("[apps.notes]\n", "[apps.notes]\nrequire_pushed_authorization_requests = true\n")).await;
        let page = Browser::new().get(&stage.authorize(&[])).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("invalid_request"));
        let uri = reference(&push(&stage, &[]).await);
        assert!(Browser::new().get(&authorize(&stage, "notes", &uri)).await.header("location").starts_with("/login"));
        stage.stop().await;
    }
}

/// A stage where `notes` may sign what it asks.
async fn signing(on: OnStore, key: &Pair) -> Stage {
    registered(on, key, "request_objects = true").await
}

/// A stage where `notes` has this key, and more is written down about it.
async fn registered(on: OnStore, key: &Pair, more: &str) -> Stage {
    let keys = format!("[apps.notes]\n{more}\njwks = '{}'\n", key.jwks());
    Stage::start_with(on, move |config| config.replace("[apps.notes]\n", &keys)).await
}

fn keys_of(pair: &Pair) -> Value {
    serde_json::from_str::<Value>(&pair.jwks()).unwrap()["keys"][0].clone()
}

fn object(stage: &Stage, changes: &Value) -> Value {
    let claims = json!({
        "iss": "notes", "aud": stage.issuer, "client_id": "notes", "exp": now() + 60, "redirect_uri": NOTES_CALLBACK,
        "response_type": "code", "scope": "openid", "state": "signed", "max_age": 600, "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    });
    changed(claims, changes)
}

on_both_stores! {
    /// The parameters are those of the object, and no others; the same inside a push.
    async fn a_signed_request_stands_alone(on: OnStore) {
        let key = Pair::es256();
        let stage = signing(on, &key).await;
        let (browser, signed) = (Browser::new(), key.sign(Some("oauth-authz-req+jwt"), &object(&stage, &json!({}))));
        let url = stage.authorize(&[("request", &signed), ("scope", "openid email profile"), ("state", "query"), ("max_age", "x")]);
        let answer = browser.choose(&browser.open(&url).await, "google").await.location().unwrap();
        assert_eq!(param(&answer, "state").as_deref(), Some("signed"));
        let tokens = Tokens::of(&App::of(&stage).redeem(&answer).await);
        assert_eq!(jws_claims(&tokens.access)["scope"], "openid");
        let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET), ("request", signed.as_str())];
        let pushed = Browser::new().post(&format!("{}/par", stage.issuer), &form, &[]).await;
        let answer = browser.get(&authorize(&stage, "notes", &reference(&pushed))).await.location().unwrap();
        assert_eq!(param(&answer, "state").as_deref(), Some("signed"));
        stage.stop().await;
    }

    /// Each field wrong: `invalid_request_object`, to the address that is proven.
    async fn a_signed_request_must_fit(on: OnStore) {
        let (key, other) = (Pair::es256(), Pair::es256());
        let stage = signing(on, &key).await;
        let typ = Some("oauth-authz-req+jwt");
        let sign = |changes: Value| key.sign(typ, &object(&stage, &changes));
        let good = sign(json!({}));
        let (unsigned, _) = good.rsplit_once('.').unwrap();
        for (what, wrong) in [
            ("another issuer", sign(json!({ "iss": "wiki" }))), ("no issuer", sign(json!({ "iss": null }))),
            ("another audience", sign(json!({ "aud": "https://other.test" }))), ("no audience", sign(json!({ "aud": null }))),
            ("another client", sign(json!({ "client_id": "wiki" }))), ("no client", sign(json!({ "client_id": null }))),
            ("expired", sign(json!({ "exp": now() - 120 }))), ("no end", sign(json!({ "exp": null }))), ("too long", sign(json!({ "exp": now() + 7200 }))),
            ("not yet", sign(json!({ "nbf": now() + 300 }))), ("like an assertion", sign(json!({ "sub": "notes" }))),
            ("another inside", sign(json!({ "request": good }))), ("another by reference", sign(json!({ "request_uri": "https://x.test" }))),
            ("another key", other.sign(typ, &object(&stage, &json!({})))), ("unsigned", format!("{unsigned}.")), ("nothing", "x".into()),
            ("another kind", key.sign(Some("dpop+jwt"), &object(&stage, &json!({})))),
        ] {
            let page = Browser::new().get(&stage.authorize(&[("request", &wrong)])).await;
            let answer = page.location().unwrap_or_else(|| panic!("{what}: {}", page.status));
            assert!(answer.as_str().starts_with(NOTES_CALLBACK));
            assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request_object"), "{what}");
        }
        let elsewhere = sign(json!({ "redirect_uri": "https://evil.test/cb" }));
        is_page(&Browser::new().get(&stage.authorize(&[("request", &elsewhere)])).await, 400);
        let inside = sign(json!({ "max_age": -5 }));
        let page = Browser::new().get(&stage.authorize(&[("request", &inside)])).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("invalid_request"), "what is wrong inside has its own name");
        stage.stop().await;
    }

    /// Nothing that an object says is dropped: a list is a parameter that comes more than once, as `resource` may (RFC 8707),
    /// and what is none of its kind is refused, not passed over.
    async fn a_signed_request_is_taken_at_its_word(on: OnStore) {
        let key = Pair::es256();
        let stage = registered(on, &key, "request_objects = true\naudiences = [\"https://one.test\", \"https://two.test\"]").await;
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let ask = async |changes: Value| {
            let signed = key.sign(None, &object(&stage, &changes));
            browser.get(&stage.authorize(&[("request", &signed)])).await.location().unwrap()
        };
        for (resources, audiences) in [
            (json!(["https://one.test", "https://two.test"]), json!(["https://one.test", "https://two.test", stage.issuer])),
            (json!(["https://two.test"]), json!(["https://two.test", stage.issuer])),
            (json!("https://one.test"), json!(["https://one.test", stage.issuer])),
        ] {
            let tokens = Tokens::of(&App::of(&stage).redeem(&ask(json!({ "resource": resources })).await).await);
            assert_eq!(jws_claims(&tokens.access)["aud"], audiences);
        }
        for (changes, error) in [
            (json!({ "resource": ["https://one.test", "https://evil.test"] }), "invalid_target"),
            (json!({ "resource": [["https://one.test"]] }), "invalid_target"),
            (json!({ "max_age": [0] }), ""),
            (json!({ "prompt": ["none", "login"] }), "invalid_request"),
            (json!({ "max_age": true }), "invalid_request"),
            (json!({ "max_age": 1.5 }), "invalid_request"),
            (json!({ "nonce": ["a", "b"] }), "invalid_request"),
            (json!({ "code_challenge": [CHALLENGE, CHALLENGE] }), "invalid_request"),
            (json!({ "dpop_jkt": { "x": 1 } }), "invalid_request"),
        ] {
            let answer = ask(changes.clone()).await;
            assert_eq!(param(&answer, "error").unwrap_or_default(), error, "{changes} {answer}");
            assert!(param(&answer, "code").is_none(), "{changes}");
        }
        stage.stop().await;
    }

    /// RFC 9101, section 10.5: an app that signs all its requests is refused without, by either way in.
    async fn an_app_may_have_to_sign(on: OnStore) {
        let key = Pair::es256();
        let stage = registered(on, &key, "require_signed_request_object = true").await;
        let answer = Browser::new().get(&stage.authorize(&[("state", "open")])).await.location().unwrap();
        assert!(answer.as_str().starts_with(NOTES_CALLBACK), "{answer}");
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
        assert_eq!(param(&answer, "state").as_deref(), Some("open"));
        is_page(&Browser::new().get(&stage.authorize(&[("redirect_uri", "https://evil.test/cb")])).await, 400);
        let page = push(&stage, &[]).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_request")), "{}", page.body);
        let signed = key.sign(None, &object(&stage, &json!({})));
        let page = Browser::new().get(&stage.authorize(&[("request", &signed)])).await;
        assert!(page.header("location").starts_with("/login"), "{}", page.header("location"));
        let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET), ("request", signed.as_str())];
        let uri = reference(&Browser::new().post(&format!("{}/par", stage.issuer), &form, &[]).await);
        assert!(Browser::new().get(&authorize(&stage, "notes", &uri)).await.header("location").starts_with("/login"));
        let document = Browser::new().get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json();
        assert_ne!(document["require_signed_request_object"], true, "it is one app's word");
        stage.stop().await;
    }

    /// `request_object_signing_alg` (OpenID Connect Registration, section 2): that one, and `none` never.
    async fn an_app_may_name_its_algorithm(on: OnStore) {
        let (key, other) = (Pair::es256(), Pair::eddsa());
        let both = json!({ "keys": [keys_of(&key), keys_of(&other)] }).to_string();
        let stage = Stage::start_with(on, move |config| {
            config.replace("[apps.notes]\n", &format!("[apps.notes]\nrequest_object_signing_alg = \"ES256\"\njwks = '{both}'\n"))
        })
        .await;
        let asked = object(&stage, &json!({}));
        let good = key.sign(None, &asked);
        let payload = good.split('.').nth(1).unwrap();
        let header = vestibule::types::bytes::to_base64url(br#"{"alg":"none"}"#);
        for (what, wrong) in [("another", other.sign(None, &asked)), ("none", format!("{header}.{payload}."))] {
            let answer = Browser::new().get(&stage.authorize(&[("request", &wrong)])).await.location().unwrap();
            assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request_object"), "{what}");
            let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET), ("request", wrong.as_str())];
            let page = Browser::new().post(&format!("{}/par", stage.issuer), &form, &[]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_request_object")), "{what}");
        }
        assert!(Browser::new().get(&stage.authorize(&[("request", &good)])).await.header("location").starts_with("/login"));
        assert!(Browser::new().get(&stage.authorize(&[])).await.header("location").starts_with("/login"), "it need not sign");
        stage.stop().await;
    }

    /// `default_acr_values`: as if the app had sent `acr_values`, and voluntary like those.
    async fn an_app_may_always_ask_for_acr(on: OnStore) {
        let stage = Stage::start_with(on, |config| config.replace("[apps.notes]\n", "[apps.notes]\ndefault_acr_values = [\"gold\"]\n")).await;
        let answer = Browser::new().sign_in(&stage, &[], "google").await;
        assert_eq!(jws_claims(&App::of(&stage).tokens(&answer).await.id)["acr"], "0");
        let plain = Stage::start(on).await;
        let answer = Browser::new().sign_in(&plain, &[], "google").await;
        assert!(jws_claims(&App::of(&plain).tokens(&answer).await.id).get("acr").is_none());
        plain.stop().await;
        stage.stop().await;
    }
}
