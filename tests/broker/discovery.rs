//! Discovery says what is there: every endpoint and mode that it names is called here, and is what it is said to be.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vestibule::types::Claim;

use crate::stage::{
    App, Bank, Browser, CHALLENGE, NATIVE, NOTES_CALLBACK, NOTES_SECRET, OnStore, Pair, Stage, Tokens, jws_claims,
    jws_header, now, param,
};

async fn document(stage: &Stage) -> Value {
    Browser::new().get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json()
}

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
    assert!(!list.is_empty(), "{name}: empty lists are left out");
    list.iter().map(|value| value.as_str().unwrap()).collect()
}

/// What is looked at, and by which test.
const LOOKED_AT: [(&str, &[&str]); 9] = [
    (
        "every_endpoint_that_is_named_is_there",
        &[
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "revocation_endpoint",
            "introspection_endpoint",
            "pushed_authorization_request_endpoint",
            "device_authorization_endpoint",
            "registration_endpoint",
            "end_session_endpoint",
            "check_session_iframe",
        ],
    ),
    (
        "every_mode_of_authorize_that_is_named_is_there",
        &[
            "response_types_supported",
            "response_modes_supported",
            "prompt_values_supported",
            "scopes_supported",
            "code_challenge_methods_supported",
            "acr_values_supported",
            "ui_locales_supported",
            "display_values_supported",
            "claims_parameter_supported",
            "request_uri_parameter_supported",
            "require_pushed_authorization_requests",
            "authorization_response_iss_parameter_supported",
        ],
    ),
    (
        "every_proof_that_is_named_is_taken",
        &[
            "token_endpoint_auth_signing_alg_values_supported",
            "revocation_endpoint_auth_signing_alg_values_supported",
            "introspection_endpoint_auth_signing_alg_values_supported",
            "dpop_signing_alg_values_supported",
            "request_object_signing_alg_values_supported",
            "request_parameter_supported",
        ],
    ),
    (
        "every_way_to_the_token_endpoint_is_there",
        &[
            "token_endpoint_auth_methods_supported",
            "revocation_endpoint_auth_methods_supported",
            "introspection_endpoint_auth_methods_supported",
            "grant_types_supported",
        ],
    ),
    (
        "what_is_signed_is_signed_as_named",
        &[
            "id_token_signing_alg_values_supported",
            "userinfo_signing_alg_values_supported",
            "introspection_signing_alg_values_supported",
        ],
    ),
    ("every_claim_that_is_named_is_there", &["claims_supported", "claim_types_supported", "subject_types_supported"]),
    ("profiles::front_channel", &["frontchannel_logout_supported", "frontchannel_logout_session_supported"]),
    ("profiles::back_channel", &["backchannel_logout_supported", "backchannel_logout_session_supported"]),
    ("documents", &["client_id_metadata_document_supported"]),
];

/// Every endpoint that is named answers, at one place alone, and the other document says the same; and nothing is named
/// that nobody looks at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_that_is_named_is_there() {
    let everything = format!(
        "[registration]\ninitial_access_token_sha256 = \"{}\"\nclient_id_documents = true\n\n[limits]\n",
        "0".repeat(64)
    );
    let stage = Stage::start_with(OnStore::Sqlite, move |config| config.replace("[limits]\n", &everything)).await;
    let browser = Browser::new();
    let page = browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await;
    assert_eq!((page.header("content-type"), page.header("access-control-allow-origin")), ("application/json", "*"));
    let document = page.json();
    assert_eq!(browser.get(&format!("{}/.well-known/oauth-authorization-server", stage.issuer)).await.json(), document);
    assert_eq!(document["issuer"], json!(stage.issuer));
    let members = document.as_object().unwrap();
    let is_address = |name: &str| name.ends_with("_endpoint") || ["jwks_uri", "check_session_iframe"].contains(&name);
    let endpoints: Vec<_> = members.iter().filter(|(name, _)| is_address(name)).collect();
    let looked_at: BTreeSet<&str> = LOOKED_AT.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(members.keys().map(String::as_str).collect::<BTreeSet<_>>(), looked_at);
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

/// Some libraries, and all that traces requests, add headers of their own. A script with such a header asks first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_may_send_any_header_where_it_may_read() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let ask = async |path: &str, method: &str, origin: &str| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", "traceparent,x-okta-user-agent-extended"),
        ];
        let page = Browser::new().raw("OPTIONS", &format!("{}{path}", stage.issuer), &asked, "").await;
        let any = page.header("access-control-allow-headers").split(", ").any(|name| name == "*");
        let (status, origin) = (page.status.as_u16(), page.header("access-control-allow-origin").to_owned());
        (status, origin, any, page.header("access-control-allow-credentials").to_owned())
    };
    let documents = ["openid-configuration", "oauth-authorization-server", "ssf-configuration"];
    let documents = documents.map(|name| format!("/.well-known/{name}")).into_iter();
    let resource = "/.well-known/oauth-protected-resource/userinfo".to_owned();
    for path in documents.chain(["/jwks".into(), resource]) {
        let answer = ask(&path, "GET", "https://anybody.test").await;
        assert_eq!(answer, (204, "*".into(), true, String::new()), "{path}");
    }
    for (path, method) in [("/token", "POST"), ("/revoke", "POST"), ("/userinfo", "GET")] {
        let own = ask(path, method, "https://notes.test").await;
        assert_eq!(own, (204, "https://notes.test".into(), true, String::new()), "{path}");
        assert_eq!(ask(path, method, "https://anybody.test").await.1, "", "{path}");
    }
    assert_eq!(ask("/authorize", "GET", "https://notes.test").await.1, "", "nobody reads the authorization endpoint");
    stage.stop().await;
}

/// What watches a server often asks for the head alone (RFC 9110, section 9.3.2).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_documents_may_be_asked_for_their_head() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let documents = ["openid-configuration", "oauth-authorization-server", "ssf-configuration"];
    let documents = documents.map(|name| format!("/.well-known/{name}")).into_iter();
    let resource = "/.well-known/oauth-protected-resource/userinfo".to_owned();
    for path in documents.chain(["/jwks".into(), resource]) {
        let url = format!("{}{path}", stage.issuer);
        let (whole, head) = (Browser::new().get(&url).await, Browser::new().raw("HEAD", &url, &[], "").await);
        assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""), "{path}");
        for name in ["content-type", "content-length", "cache-control", "access-control-allow-origin"] {
            assert_eq!(head.header(name), whole.header(name), "{path} {name}");
        }
    }
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
    for display in list(&document, "display_values_supported") {
        assert!(browser.get(&stage.authorize(&[("display", display)])).await.header("location").contains("code="));
    }
    // By `acr` above, which is asked for in no other way.
    assert_eq!(document["claims_parameter_supported"], true);
    assert_eq!(document["request_uri_parameter_supported"], false);
    let by_reference = browser.get(&stage.authorize(&[("request_uri", "https://x.test")])).await.location().unwrap();
    assert_eq!(param(&by_reference, "error").as_deref(), Some("request_uri_not_supported"));
    let answer = browser.get(&stage.authorize(&[])).await.location().unwrap();
    assert_eq!(document["require_pushed_authorization_requests"], false);
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(param(&answer, "iss").as_deref(), document["issuer"].as_str());
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
    assert_eq!(named["request_parameter_supported"], true);
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
    assert_eq!(resource["resource_signing_alg_values_supported"], named["userinfo_signing_alg_values_supported"]);
    assert_eq!(resource["dpop_bound_access_tokens_required"], false);
    let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET), ("token", "x")];
    let accept = [("accept", "application/token-introspection+jwt")];
    let signed = Browser::new().post(&format!("{}/introspect", stage.issuer), &form, &accept).await;
    assert_eq!(
        list(&named, "introspection_signing_alg_values_supported"),
        [jws_header(&signed.body)["alg"].as_str().unwrap()]
    );
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

/// What an ID token says, and what people may be asked for; and no two apps know somebody by one name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_claim_that_is_named_is_there() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let document = document(&stage).await;
    assert_eq!(list(&document, "claim_types_supported"), ["normal"]);
    assert_eq!(list(&document, "subject_types_supported"), ["pairwise"]);
    let (browser, app) = (Browser::new(), App::of(&stage));
    let tokens = app.tokens(&browser.sign_in(&stage, &[("acr_values", "1")], "google").await).await;
    let said = jws_claims(&tokens.id);
    let may_be_asked_for: BTreeSet<&str> = Claim::ALL.map(Claim::as_str).into();
    for claim in list(&document, "claims_supported") {
        assert!(said.get(claim).is_some() || may_be_asked_for.contains(claim), "{claim}");
    }
    assert!(
        said.as_object().unwrap().keys().all(|claim| list(&document, "claims_supported").contains(&claim.as_str()))
    );
    let native = app.native_tokens(&browser.sign_in(&stage, &NATIVE, "google").await).await;
    assert_ne!(jws_claims(&native.id)["sub"], said["sub"]);
    stage.stop().await;
}
