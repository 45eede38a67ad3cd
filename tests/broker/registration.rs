//! Apps that register themselves (RFC 7591, RFC 7592).

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::store::{Commit, Outcome, Partition, Put, RecordKey};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Pair, Stage, Tokens, VERIFIER, jws_claims, param},
};

/// What the operator handed out; its hash stands in the configuration.
const INITIAL: &str = "an-initial-access-token-0123456789abcdef";
/// A service of the operator's that such apps may call.
const SERVICE: &str = "https://mcp.test/mcp";

async fn stage(on: OnStore) -> Stage {
    Stage::start_with(on, |config| {
        let hash = vestibule::types::bytes::to_hex(&vestibule::types::bytes::sha256(INITIAL.as_bytes()));
        let registration = format!("initial_access_token_sha256 = \"{hash}\"\naudiences = [\"{SERVICE}\"]\n");
        config.replace("[limits]\n", &format!("[registration]\n{registration}\n[limits]\n"))
    })
    .await
}

fn shop() -> Value {
    json!({
        "client_name": "Shopping list",
        "redirect_uris": ["https://list.test/cb"],
        "client_uri": "https://list.test/",
        "vestibule_claims": {"name": {"need": "required", "why": "To greet you."}},
        "consent": "implicit", "sector": "family", "contacts": ["ada@example.org"], "nobody_knows_this": 1,
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut app = shop();
    for (name, value) in changes {
        app[*name] = value.clone();
    }
    app
}

async fn call(stage: &Stage, method: &str, path: &str, token: &str, body: &str) -> Page {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let headers = if token.is_empty() { &headers[1..] } else { &headers[..] };
    Browser::new().raw(method, &format!("{}{path}", stage.issuer), headers, body).await
}

async fn register(stage: &Stage, app: &Value) -> Page {
    call(stage, "POST", "/register", INITIAL, &app.to_string()).await
}

fn refused(page: &Page, status: u16, error: &str) {
    assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{}", page.body);
}

/// The path and the token by which a registration is managed.
fn handle(stage: &Stage, page: &Page) -> (String, String) {
    assert_eq!(page.status, 201, "{}", page.body);
    let text = |name: &str| page.json()[name].as_str().unwrap().to_owned();
    let path = text("registration_client_uri").strip_prefix(&stage.issuer).unwrap().to_owned();
    (path, text("registration_access_token"))
}

on_both_stores! {
    /// It signs people in at once, at every instance, asks them like any other, and is gone when it takes that back.
    async fn an_app_registers_signs_people_in_and_leaves(on: OnStore) {
        let stage = stage(on).await;
        let second = stage.second_instance().await;
        let document = Browser::new().get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json();
        assert_eq!(document["registration_endpoint"], format!("{}/register", stage.issuer));
        let page = register(&stage, &shop()).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (201, "no-store"), "{}", page.body);
        assert_eq!(page.header("access-control-allow-origin"), "*");
        let answer = page.json();
        assert_eq!((&answer["client_secret_expires_at"], &answer["client_name"]), (&json!(0), &json!("Shopping list")));
        assert_eq!(answer["token_endpoint_auth_method"], "client_secret_basic");
        assert_eq!(answer["scope"], "openid profile offline_access", "what gives it something: oidc-agent looks there");
        let bare = with(&[("vestibule_claims", Value::Null), ("grant_types", json!(["authorization_code"]))]);
        assert_eq!(register(&stage, &bare).await.json()["scope"], "openid");
        for ours in ["consent", "sector", "contacts", "nobody_knows_this"] {
            assert!(answer.get(ours).is_none(), "{ours} is not for an app to say");
        }
        let (id, secret) = (answer["client_id"].as_str().unwrap(), answer["client_secret"].as_str().unwrap());
        let request = [
            ("client_id", id), ("redirect_uri", "https://list.test/cb"), ("scope", "openid profile"), ("resource", SERVICE),
        ];
        let browser = Browser::careful();
        let other = [&request[..3], &[("resource", "https://other.test/mcp")]].concat();
        let refused_target = browser.open(&stage.authorize(&other)).await.location().unwrap();
        assert_eq!(param(&refused_target, "error").as_deref(), Some("invalid_target"), "{refused_target}");
        let choice = browser.open(&stage.authorize(&request)).await;
        let consent = browser.choose(&choice, "google").await;
        assert!(consent.is_question() && consent.body.contains("Shopping list") && consent.body.contains("list.test"));
        let back = browser.answer(&consent, "yes", &[]).await.location().unwrap();
        let code = param(&back, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"), ("client_id", id), ("client_secret", secret),
            ("redirect_uri", "https://list.test/cb"), ("code", &code), ("code_verifier", VERIFIER),
        ];
        let other = App::at(&second.origin);
        let tokens = Tokens::of(&other.token_with(&form, &[]).await);
        assert_eq!(jws_claims(&tokens.access)["aud"], json!([SERVICE, stage.issuer]), "an assistant names what it calls");
        assert_eq!(other.userinfo(&tokens.access).await.json()["name"], "Ada Lovelace");
        let (path, token) = handle(&stage, &page);
        assert_eq!(call(&stage, "DELETE", &path, &token, "").await.status, 204);
        assert_eq!(other.userinfo(&tokens.access).await.status, 401, "what it had is good for nothing, anywhere");
        assert_eq!(Browser::new().get(&stage.authorize(&request)).await.status, 400);
        refused(&call(&stage, "GET", &path, &token, "").await, 401, "invalid_token");
        second.running.stop().await;
        stage.stop().await;
    }

    /// AC-76: a record that nobody can read, an old master's or somebody else's, is an app that is not there; all others are.
    async fn an_app_that_cannot_be_read_takes_no_other_with_it(on: OnStore) {
        let stage = stage(on).await;
        let key = RecordKey::registered(&"vst-broken".parse().unwrap());
        let put = Put { key, version: [7; 16], value: b"no seal of ours".to_vec(), expires: None, due: None };
        let store = Arc::clone(&stage.broker().house().store);
        let commit = Commit { puts: vec![put], ..Commit::default() };
        assert_eq!(store.commit(&Partition::apps(), commit).await.unwrap(), Outcome::Committed);
        let page = register(&stage, &shop()).await;
        assert_eq!(page.status, 201, "{}", page.body);
        let id = page.json()["client_id"].as_str().unwrap().to_owned();
        let request = [("client_id", id.as_str()), ("redirect_uri", "https://list.test/cb")];
        assert_eq!(Browser::new().open(&stage.authorize(&request)).await.url.path(), "/login");
        let broken = [("client_id", "vst-broken"), ("redirect_uri", "https://list.test/cb")];
        assert_eq!(Browser::new().get(&stage.authorize(&broken)).await.status, 400);
        stage.stop().await;
    }

    /// What two readers could read in two ways is no description of an app.
    async fn an_app_says_each_thing_once(on: OnStore) {
        let stage = stage(on).await;
        for twice in [
            r#"{"redirect_uris":["https://evil.test/cb"],"client_name":"Shop","redirect_uris":["https://list.test/cb"]}"#,
            r#"{"redirect_uris":["https://list.test/cb"],"vestibule_claims":{"name":{"need":"required","need":"optional","why":"x"}}}"#,
            "\u{feff}{\"redirect_uris\":[\"https://list.test/cb\"]}",
            r#"[["redirect_uris",["https://list.test/cb"]]]"#,
        ] {
            refused(&call(&stage, "POST", "/register", INITIAL, twice).await, 400, "invalid_client_metadata");
        }
        stage.stop().await;
    }

    /// RFC 7592: read, replaced whole, by its own token and by no other.
    async fn a_registration_is_managed_by_its_own_token(on: OnStore) {
        let stage = stage(on).await;
        let (mine, other) = (register(&stage, &shop()).await, register(&stage, &shop()).await);
        let ((path, token), (others, foreign)) = (handle(&stage, &mine), handle(&stage, &other));
        let read = call(&stage, "GET", &path, &token, "").await;
        assert_eq!(read.status, 200);
        assert_eq!((&read.json()["client_id"], read.json().get("client_secret")), (&mine.json()["client_id"], None));
        let id = mine.json()["client_id"].clone();
        let put = with(&[("client_id", id.clone()), ("client_name", json!("Lists"))]);
        for (path, token) in [(&path, &foreign), (&others, &token), (&path, &INITIAL.to_owned()), (&path, &String::new())] {
            for method in ["GET", "DELETE"] {
                refused(&call(&stage, method, path, token, "").await, 401, "invalid_token");
            }
            refused(&call(&stage, "PUT", path, token, &put.to_string()).await, 401, "invalid_token");
        }
        for nobody in ["/register/notes", "/register/vst-AAAAAAAAAAAAAAAAAAAAAA", "/register/%20"] {
            assert_eq!(call(&stage, "GET", nobody, &token, "").await.status, 401, "{nobody}");
        }
        for wrong in [
            with(&[]),
            with(&[("client_id", other.json()["client_id"].clone())]),
            with(&[("client_id", id.clone()), ("registration_access_token", json!(token))]),
            with(&[("client_id", id.clone()), ("client_secret_expires_at", json!(0))]),
            with(&[("client_id", id.clone()), ("client_secret", json!("another"))]),
        ] {
            refused(&call(&stage, "PUT", &path, &token, &wrong.to_string()).await, 400, "invalid_client_metadata");
        }
        let replaced = call(&stage, "PUT", &path, &token, &put.to_string()).await;
        assert_eq!((replaced.status.as_u16(), &replaced.json()["client_name"]), (200, &json!("Lists")), "{}", replaced.body);
        let public = with(&[("client_id", id.clone()), ("token_endpoint_auth_method", json!("none"))]);
        let public = call(&stage, "PUT", &path, &token, &public.to_string()).await;
        assert_eq!(public.json()["token_endpoint_auth_method"], "none");
        let app = App::of(&stage);
        let form = [("client_id", id.as_str().unwrap()), ("code", "x")];
        assert_eq!(app.token(&[&form[..], &[("client_secret", "")]].concat()).await.json()["error"], "invalid_grant");
        let old = mine.json()["client_secret"].as_str().unwrap().to_owned();
        let page = app.token(&[&form[..], &[("client_secret", &old)]].concat()).await;
        assert_eq!(page.json()["error"], "invalid_client", "the old secret is none any more");
        stage.stop().await;
    }

    /// RFC 9101, section 10.5: what an app says of its own signed requests is kept, told again, and held to.
    async fn an_app_may_register_that_it_signs(on: OnStore) {
        let (stage, key) = (stage(on).await, Pair::es256());
        let jwks: Value = serde_json::from_str(&key.jwks()).unwrap();
        let signs = [("require_signed_request_object", json!(true)), ("request_object_signing_alg", json!("ES256")), ("default_acr_values", json!(["0"]))];
        refused(&register(&stage, &with(&signs)).await, 400, "invalid_client_metadata");
        let none = with(&[("jwks", jwks.clone()), ("request_object_signing_alg", json!("none"))]);
        refused(&register(&stage, &none).await, 400, "invalid_client_metadata");
        let answer = register(&stage, &with(&[&signs[..], &[("jwks", jwks)]].concat())).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let answer = answer.json();
        for (name, said) in signs {
            assert_eq!(answer[name], said, "{name}");
        }
        let request = [("client_id", answer["client_id"].as_str().unwrap()), ("redirect_uri", "https://list.test/cb"), ("scope", "openid profile")];
        let told = Browser::new().get(&stage.authorize(&request)).await.location().unwrap();
        assert!(told.as_str().starts_with("https://list.test/cb"), "{told}");
        assert_eq!(param(&told, "error").as_deref(), Some("invalid_request"));
        stage.stop().await;
    }

    /// The rules of the configuration, and those for whoever is no operator; nothing is written for a wrong one.
    async fn what_no_app_may_be_is_refused(on: OnStore) {
        let stage = stage(on).await;
        for redirects in [
            json!(null), json!([]), json!("https://list.test/cb"), json!(["javascript:alert(1)"]), json!(["data:text/html,x"]),
            json!(["http://list.test/cb"]), json!(["https://list.test/*"]), json!(["https://list.test/cb#x"]),
            json!(["https://list.test/cb?code=1"]), json!(["https://user@list.test/cb"]), json!(["com.example.app:/cb"]),
            json!(["https://list.test/cb", 7]), json!([format!("https://list.test/{}", "x".repeat(2000))]), json!(7), json!({"0": "https://list.test/cb"}), json!(vec!["https://list.test/cb"; 33]),
        ] {
            let page = register(&stage, &with(&[("redirect_uris", redirects.clone())])).await;
            assert_eq!(page.status, 400, "{redirects}");
            assert_eq!(page.json()["error"], "invalid_redirect_uri", "{redirects}");
        }
        for (name, value) in [
            ("logo_uri", json!("https://127.0.0.1/logo.png")), ("logo_uri", json!("https://169.254.169.254/latest")),
            ("logo_uri", json!("https://[::1]/x")), ("logo_uri", json!("https://10.0.0.1/x")), ("logo_uri", json!("http://list.test/x")),
            ("logo_uri", json!("javascript:alert(1)")), ("logo_uri", json!(7)), ("client_uri", json!("javascript:alert(1)")),
            ("policy_uri", json!("https://localhost/p")), ("tos_uri", json!("file:///etc/passwd")),
            ("sector_identifier_uri", json!("https://127.0.0.1/sector.json")), ("sector_identifier_uri", json!("http://list.test/s")),
            ("jwks_uri", json!("https://192.168.0.1/jwks")), ("grant_types", json!(["client_credentials"])),
            ("grant_types", json!(["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"])),
            ("grant_types", json!(["password"])), ("grant_types", json!(["implicit"])), ("response_types", json!(["token"])),
            ("subject_type", json!("public")), ("id_token_signed_response_alg", json!("none")),
            ("token_endpoint_auth_method", json!("client_secret_jwt")), ("application_type", json!("desktop")),
            ("client_name", json!("x".repeat(81))), ("client_name", json!("a\u{7}b")), ("client_name", json!(["x"])),
            ("client_name", json!("Shopping \u{202e}list")), ("client_name", json!("Shop\u{200b}ping")),
            ("client_name", json!("Notes")), ("client_name", json!("n o t e s")), ("client_name", json!("\u{ff2e}otes")),
            ("client_name", json!("y".repeat(3000))),
            ("vestibule_claims", json!({"email": {"need": "required"}})), ("vestibule_claims", json!({"password": {"need": "required", "why": "x"}})),
            ("vestibule_claims", json!({"email": {"need": "required", "why": "\u{200b}"}})),
            ("vestibule_claims", json!({"email": {"need": "required", "why": "\u{202e}nothing at all"}})),
            ("vestibule_claims", json!({"email": {"need": "required", "why": "To write.\n\n\n\n\nOr so."}})),
            ("vestibule_claims", json!({"email": {"need": "required", "why": "x".repeat(301)}})),
            ("vestibule_claims", json!({"email": {"need": "optional", "why": "To write.", "keep": "a day\u{2066}"}})),
            ("vestibule_claims", json!({"email": {"need": "always", "why": "x"}})), ("vestibule_claims", json!("email")),
        ] {
            refused(&register(&stage, &with(&[(name, value.clone())])).await, 400, "invalid_client_metadata");
        }
        for body in ["", "[]", "null", "{", "redirect_uris=x", "\"x\""] {
            refused(&call(&stage, "POST", "/register", INITIAL, body).await, 400, "invalid_client_metadata");
        }
        let many: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("m{n}"), json!(1))).collect();
        assert_eq!(call(&stage, "POST", "/register", INITIAL, &Value::Object(many).to_string()).await.status, 413);
        let deep = format!("{{\"redirect_uris\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        refused(&call(&stage, "POST", "/register", INITIAL, &deep).await, 400, "invalid_client_metadata");
        let wide: serde_json::Map<String, Value> = (0..33).map(|n| (format!("m{n}"), json!({"need": "required", "why": "x"}))).collect();
        refused(&register(&stage, &with(&[("vestibule_claims", Value::Object(wide))])).await, 400, "invalid_client_metadata");
        let huge = with(&[("client_name", json!("x".repeat(20_000)))]).to_string();
        assert_eq!(call(&stage, "POST", "/register", INITIAL, &huge).await.status, 413);
        let house = stage.broker().house();
        assert!(house.registry.as_ref().unwrap().all().await.unwrap().is_empty());
        stage.stop().await;
    }

    /// Who has no token, or the wrong one, registers nothing; where nobody handed one out, there is nothing here.
    async fn nobody_registers_without_the_operators_token(on: OnStore) {
        let stage = stage(on).await;
        for wrong in ["", "x", "notes-secret-0123456789abcdefghij", &INITIAL[1..]] {
            let page = call(&stage, "POST", "/register", wrong, &shop().to_string()).await;
            refused(&page, 401, "invalid_token");
            assert!(page.header("www-authenticate").starts_with("Bearer"));
        }
        assert_eq!(call(&stage, "GET", "/register", INITIAL, "").await.status, 405);
        stage.stop().await;
        let closed = Stage::start(on).await;
        for (method, path) in [("POST", "/register"), ("GET", "/register/notes"), ("DELETE", "/register/notes")] {
            assert_eq!(call(&closed, method, path, INITIAL, &shop().to_string()).await.status, 404, "{method} {path}");
        }
        let document = Browser::new().get(&format!("{}/.well-known/openid-configuration", closed.issuer)).await.json();
        assert!(document.get("registration_endpoint").is_none());
        closed.stop().await;
    }

    /// The operator sees who registered, and ends it, while `serve` runs on the same store.
    async fn the_operator_lists_and_revokes(on: OnStore) {
        let mut stage = stage(on).await;
        let page = register(&stage, &with(&[("client_name", json!("Shopping list"))])).await;
        let id = page.json()["client_id"].as_str().unwrap().to_owned();
        let serve = stage.leave_to_the_binary().await;
        let request = [("client_id", id.as_str()), ("redirect_uri", "https://list.test/cb")];
        assert_eq!(Browser::new().get(&stage.authorize(&request)).await.status, 303);
        let said = |arguments: &[&str]| {
            let output = serve.command(arguments, &[]);
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        };
        let (code, list) = said(&["app", "list"]);
        assert!(code == Some(0) && list.contains(&id) && list.contains("Shopping"), "{list}");
        assert_eq!(said(&["app", "revoke", "notes"]).0, Some(1), "an app of the configuration is none of these");
        assert_eq!(said(&["app", "revoke", &id]).0, Some(0));
        assert_eq!(said(&["app", "list"]).1.trim(), "");
        assert_eq!(Browser::new().get(&stage.authorize(&request)).await.status, 400);
        stage.stop().await;
    }

    /// A copy of the store and of the master opens no registration's secrets, and a reload forgets none of them.
    async fn a_reload_forgets_no_registration(on: OnStore) {
        let stage = stage(on).await;
        let page = register(&stage, &shop()).await;
        let answer = page.json();
        let request = [("client_id", answer["client_id"].as_str().unwrap()), ("redirect_uri", "https://list.test/cb")];
        assert_eq!(Browser::new().get(&stage.authorize(&request)).await.status, 303);
        stage.reload(|config| config.replace("name = \"Notes\"", "name = \"Paper\""));
        assert_eq!(Browser::new().get(&stage.authorize(&request)).await.status, 303);
        for (name, value) in stage.store.dump() {
            for secret in ["client_secret", "registration_access_token", "client_name"] {
                let needle = answer[secret].as_str().unwrap();
                assert!(!value.windows(needle.len()).any(|part| part == needle.as_bytes()), "{secret} in {name}");
            }
        }
        stage.stop().await;
    }
}
