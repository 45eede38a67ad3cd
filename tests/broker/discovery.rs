//! Discovery says what is there: every endpoint and mode that it names is called here, and is what it is said to be.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::{
    App, Bank, Browser, CHALLENGE, NOTES_CALLBACK, NOTES_SECRET, OnStore, Pair, Stage, Tokens, jws_claims, jws_header,
    now, param,
};

async fn document(stage: &Stage) -> Value {
    Browser::new().get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json()
}

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
    assert!(!list.is_empty(), "{name}: empty lists are left out");
    list.iter().map(|value| value.as_str().unwrap()).collect()
}

/// Every endpoint that is named answers, at one place alone, and the other document says the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_that_is_named_is_there() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let browser = Browser::new();
    let page = browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await;
    assert_eq!((page.header("content-type"), page.header("access-control-allow-origin")), ("application/json", "*"));
    let document = page.json();
    assert_eq!(browser.get(&format!("{}/.well-known/oauth-authorization-server", stage.issuer)).await.json(), document);
    assert_eq!(document["issuer"], json!(stage.issuer));
    let members = document.as_object().unwrap();
    let is_address = |name: &str| name.ends_with("_endpoint") || ["jwks_uri", "check_session_iframe"].contains(&name);
    let endpoints: Vec<_> = members.iter().filter(|(name, _)| is_address(name)).collect();
    assert!(endpoints.len() >= 9, "{endpoints:?}");
    assert_eq!(endpoints.iter().map(|(_, url)| url.as_str()).collect::<BTreeSet<_>>().len(), endpoints.len());
    for (name, url) in endpoints {
        let url = url.as_str().unwrap();
        assert!(url.starts_with(&stage.issuer), "{name}");
        let reads =
            ["authorization_endpoint", "jwks_uri", "check_session_iframe", "end_session_endpoint", "userinfo_endpoint"];
        let status = if reads.contains(&name.as_str()) {
            browser.get(url).await.status.as_u16()
        } else {
            browser.post(url, &[], &[]).await.status.as_u16()
        };
        assert!(![404, 405, 500].contains(&status), "{name}: {status}");
    }
    assert!(members.values().all(|value| !value.is_null() && value != &json!([])));
    stage.stop().await;
}

/// What the authorization endpoint is said to take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mode_of_authorize_that_is_named_is_there() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let document = document(&stage).await;
    let (browser, app) = (Browser::new(), App::of(&stage));
    browser.sign_in(&stage, &[], "google").await;
    assert_eq!(list(&document, "response_types_supported"), ["code"]);
    for mode in list(&document, "response_modes_supported") {
        let page = browser.get(&stage.authorize(&[("response_mode", mode)])).await;
        let location = page.header("location");
        let answered = match mode {
            "query" => location.starts_with(&format!("{NOTES_CALLBACK}?code=")),
            "fragment" => location.starts_with(&format!("{NOTES_CALLBACK}#code=")),
            "form_post" => page.status == 200 && page.attrs("main form", "action") == [NOTES_CALLBACK],
            other => panic!("{other}"),
        };
        assert!(answered, "{mode}");
    }
    for prompt in list(&document, "prompt_values_supported") {
        let page = browser.get(&stage.authorize(&[("prompt", prompt)])).await;
        let location = page.header("location");
        let acted = match prompt {
            // The browser of the stage has answered the question already.
            "none" | "consent" => location.starts_with(&format!("{NOTES_CALLBACK}?code=")),
            "login" | "select_account" => location.starts_with("/login?"),
            other => panic!("{other}"),
        };
        assert!(acted, "{prompt}: {location}");
    }
    for scope in list(&document, "scopes_supported") {
        let answer = browser.get(&stage.authorize(&[("scope", &format!("openid {scope}"))])).await.location().unwrap();
        let granted = jws_claims(&app.tokens(&answer).await.access)["scope"].as_str().unwrap().to_owned();
        assert!(granted.split(' ').any(|granted| granted == scope), "{scope}: {granted}");
    }
    assert_eq!(list(&document, "code_challenge_methods_supported"), ["S256"]);
    for acr in list(&document, "acr_values_supported") {
        let claims = json!({ "id_token": { "acr": { "essential": true, "value": acr } } }).to_string();
        let answer = browser.get(&stage.authorize(&[("claims", &claims)])).await.location().unwrap();
        assert_eq!(jws_claims(&app.tokens(&answer).await.id)["acr"], acr);
    }
    for locale in list(&document, "ui_locales_supported") {
        let page = Browser::new().open(&stage.authorize(&[("ui_locales", locale)])).await;
        assert_eq!(page.attrs("html", "lang"), [locale]);
    }
    for (flag, parameter, error) in [
        ("request_uri_parameter_supported", ("request_uri", "https://x.test"), "request_uri_not_supported"),
        ("require_request_uri_registration", ("request_uri", "https://x.test"), "request_uri_not_supported"),
    ] {
        assert!(document[flag].as_bool() != Some(true), "{flag}");
        let answer = browser.get(&stage.authorize(&[parameter])).await.location().unwrap();
        assert_eq!(param(&answer, "error").as_deref(), Some(error));
    }
    let answer = browser.get(&stage.authorize(&[])).await.location().unwrap();
    assert_eq!(
        param(&answer, "iss").as_deref(),
        document["issuer"].as_str(),
        "authorization_response_iss_parameter_supported"
    );
    stage.stop().await;
}

/// What apps are said to sign and prove themselves with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_proof_that_is_named_is_taken() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let named = document(&stage).await;
    stage.stop().await;
    let lists = [
        "token_endpoint_auth_signing_alg_values_supported",
        "revocation_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
        "dpop_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
    ];
    let algs: BTreeSet<&str> = lists.iter().flat_map(|name| list(&named, name)).collect();
    for alg in algs {
        let key = Pair::of(alg);
        let section = Bank::section(&key, "request_objects = true");
        let stage = Stage::start_with(OnStore::Sqlite, move |config| format!("{config}{section}")).await;
        let bank = Bank::of(&stage, key);
        for path in ["/introspect", "/revoke"] {
            assert_eq!(bank.post(path, &[("token", "x")], &[]).await.status, 200, "{alg} {path}");
        }
        let claims = json!({
            "iss": "bank", "aud": stage.issuer, "client_id": "bank", "exp": now() + 60, "redirect_uri": "https://bank.test/cb",
            "response_type": "code", "scope": "openid", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        });
        let object = bank.key.sign(Some("oauth-authz-req+jwt"), &claims);
        let query = [("client_id", "bank"), ("request", object.as_str())];
        let url = url::Url::parse_with_params(&bank.at("/authorize"), query).unwrap();
        let browser = Browser::new();
        let answer = browser.choose(&browser.open(url.as_str()).await, "google").await.location().unwrap();
        let code = param(&answer, "code").unwrap_or_else(|| panic!("{alg}: {answer}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "https://bank.test/cb"),
            ("code_verifier", crate::stage::VERIFIER),
        ];
        let proof = bank.key.proof("POST", &bank.at("/token"), &json!({}));
        let page = bank.post("/token", &form, &[("dpop", &proof)]).await;
        assert_eq!(
            (page.status.as_u16(), page.json()["token_type"].as_str()),
            (200, Some("DPoP")),
            "{alg}: {}",
            page.body
        );
        stage.stop().await;
    }
}

/// Every method of authentication, and every grant type: none is unknown, and no other is taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_the_token_endpoint_is_there() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let document = document(&stage).await;
    let browser = Browser::new();
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("notes:{NOTES_SECRET}"));
    let basic = format!("Basic {basic}");
    for endpoint in ["token", "revocation", "introspection"] {
        let url = document[format!("{endpoint}_endpoint")].as_str().unwrap();
        for method in list(&document, &format!("{endpoint}_endpoint_auth_methods_supported")) {
            let (form, headers) = match method {
                "client_secret_basic" => (vec![], vec![("authorization", basic.as_str())]),
                "client_secret_post" => (vec![("client_id", "notes"), ("client_secret", NOTES_SECRET)], vec![]),
                "none" => (vec![("client_id", "native")], vec![]),
                // By every algorithm in the test above.
                "private_key_jwt" => continue,
                other => panic!("{other}"),
            };
            let page = browser.post(url, &form, &headers).await;
            assert_eq!(
                (page.status.as_u16(), page.json()["error"].as_str()),
                (400, Some("invalid_request")),
                "{endpoint} {method}"
            );
        }
    }
    let token = document["token_endpoint"].as_str().unwrap();
    let grants = list(&document, "grant_types_supported");
    for grant in grants.iter().copied().chain(["password", "implicit", "urn:x"]) {
        let form = [("grant_type", grant), ("client_id", "notes"), ("client_secret", NOTES_SECRET)];
        let error = browser.post(token, &form, &[]).await.json()["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!(error == "unsupported_grant_type", !grants.contains(&grant), "{grant}: {error}");
    }
    stage.stop().await;
}

/// Tokens are signed as is said, and UserInfo is told as a resource (RFC 9728).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_signed_is_signed_as_named() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let named = document(&stage).await;
    let resource =
        Browser::new().get(&format!("{}/.well-known/oauth-protected-resource/userinfo", stage.issuer)).await.json();
    assert_eq!(resource["resource"], named["userinfo_endpoint"]);
    assert_eq!(resource["authorization_servers"], json!([named["issuer"]]));
    assert_eq!(resource["jwks_uri"], named["jwks_uri"]);
    assert_eq!(resource["scopes_supported"], named["scopes_supported"]);
    assert_eq!(resource["dpop_signing_alg_values_supported"], named["dpop_signing_alg_values_supported"]);
    assert_eq!(resource["bearer_methods_supported"], json!(["header", "body"]));
    stage.stop().await;
    assert_eq!(named["id_token_signing_alg_values_supported"], named["userinfo_signing_alg_values_supported"]);
    for alg in list(&named, "id_token_signing_alg_values_supported") {
        let lines = format!(
            "[apps.notes]\nid_token_signed_response_alg = \"{alg}\"\nuserinfo_signed_response_alg = \"{alg}\"\n"
        );
        let stage = Stage::start_with(OnStore::Sqlite, move |config| config.replace("[apps.notes]\n", &lines)).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens: Tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        assert_eq!(jws_header(&tokens.id)["alg"], alg);
        assert_eq!(jws_header(&app.userinfo(&tokens.access).await.body)["alg"], alg);
        stage.stop().await;
    }
}
