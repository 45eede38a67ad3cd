//! FedCM: what a browser's own dialog asks, replayed as browsers ask it.

use serde_json::{Value, json};

use crate::{
    on_both_stores,
    stage::{App, Bank, Browser, CHALLENGE, OnStore, Page, Pair, Stage, jws_claims, param},
};

const NOTES: &str = "https://notes.test";
const DIALOG: (&str, &str) = ("Sec-Fetch-Dest", "webidentity");

pub fn turned_on(config: String) -> String {
    format!("{config}\n[fedcm]\nenabled = true\n")
}

/// Somebody who is signed in, and the dialog of their browser.
async fn signed_in(on: OnStore) -> (Stage, Browser, Dialog) {
    let (stage, browser) = (Stage::start_with(on, turned_on).await, Browser::new());
    browser.sign_in(&stage, &[], "google").await;
    let dialog = Dialog::of(&stage, &browser).await;
    (stage, browser, dialog)
}

/// A browser's dialog, with the cookie that it sends.
pub struct Dialog {
    issuer: String,
    cookie: String,
    http: Browser,
}

impl Dialog {
    /// Of a browser in which somebody is signed in.
    pub async fn of(stage: &Stage, browser: &Browser) -> Self {
        let page = browser.get(&format!("{}/fedcm/done", stage.issuer)).await;
        assert_eq!((page.status.as_u16(), page.header("set-login")), (200, "logged-in"), "{}", page.body);
        assert!(page.attrs("script", "data-token").is_empty(), "{}", page.body);
        let cookie = browser.cookie(&stage.issuer, "vst_fedcm").unwrap();
        Self::with(stage, format!("vst_fedcm={cookie}"))
    }

    /// Of whoever has this cookie.
    fn with(stage: &Stage, cookie: impl Into<String>) -> Self {
        Self { issuer: stage.issuer.clone(), cookie: cookie.into(), http: Browser::careful() }
    }

    async fn accounts(&self) -> Page {
        self.ask("GET", "/fedcm/accounts", &[DIALOG], &[]).await
    }

    pub async fn account(&self) -> Value {
        let page = self.accounts().await;
        assert_eq!((page.status.as_u16(), page.header("set-login")), (200, "logged-in"), "{}", page.body);
        page.json()["accounts"][0].clone()
    }

    async fn id(&self) -> String {
        self.account().await["id"].as_str().unwrap().to_owned()
    }

    /// An assertion for `notes`, changed as asked; an empty value takes a parameter away.
    async fn assertion(&self, changes: &[(&str, &str)], params: &Value) -> Page {
        let (id, params) = (self.id().await, params.to_string());
        let form = [
            ("client_id", "notes"),
            ("account_id", id.as_str()),
            ("disclosure_text_shown", "true"),
            ("is_auto_selected", "false"),
            ("fields", "name,email,picture"),
            ("params", &params),
        ];
        let mut form: std::collections::BTreeMap<&str, &str> = form.into_iter().collect();
        form.extend(changes.iter().copied());
        let form: Vec<_> = form.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        self.ask("POST", "/fedcm/assertion", &[DIALOG, ("Origin", NOTES)], &form).await
    }

    async fn disconnect(&self, hint: &str) -> Page {
        let form = [("client_id", "notes"), ("account_hint", hint)];
        self.ask("POST", "/fedcm/disconnect", &[DIALOG, ("Origin", NOTES)], &form).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut headers = headers.to_vec();
        headers.push(("Cookie", &self.cookie));
        headers.push(("Content-Type", "application/x-www-form-urlencoded"));
        self.http.raw(method, &format!("{}{path}", self.issuer), &headers, &body).await
    }
}

/// The cookie that browsers send for their own dialog, out of an answer that sets it.
fn set_cookie(page: &Page) -> String {
    let set = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let cookie = set.into_iter().find(|cookie| cookie.starts_with("vst_fedcm=")).unwrap_or_else(|| panic!("{page:?}"));
    for flag in ["HttpOnly", "SameSite=None", "Secure", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

fn ours() -> Value {
    json!({ "nonce": "n-f", "code_challenge": CHALLENGE, "code_challenge_method": "S256" })
}

fn error(page: &Page) -> String {
    page.json()["error"]["error"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned()
}

on_both_stores! {
    async fn fedcm_is_off_unless_turned_on(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        for path in ["/.well-known/web-identity", "/fedcm/config.json", "/fedcm/accounts", "/fedcm/login", "/fedcm/done"] {
            assert_eq!(browser.get_with(&format!("{}{path}", stage.issuer), &[DIALOG]).await.status, 404, "{path}");
        }
        stage.stop().await;
    }

    async fn fedcm_tells_browsers_where_to_ask(on: OnStore) {
        let stage = Stage::start_with(on, turned_on).await;
        let http = Browser::new();
        let known = http.get(&format!("{}/.well-known/web-identity", stage.issuer)).await;
        assert!(known.header("content-type").starts_with("application/json"));
        assert_eq!(known.json()["provider_urls"], json!([format!("{}/fedcm/config.json", stage.issuer)]));
        let config = http.get(&format!("{}/fedcm/config.json", stage.issuer)).await.json();
        assert_eq!(known.json()["accounts_endpoint"], config["accounts_endpoint"]);
        assert_eq!(known.json()["login_url"], config["login_url"]);
        let client = http.get(&format!("{}?client_id=notes", config["client_metadata_endpoint"].as_str().unwrap())).await;
        assert_eq!((client.status.as_u16(), client.json()), (200, json!({})));
        assert_eq!(http.get(&format!("{}/fedcm/client?client_id=nobody", stage.issuer)).await.status, 404);
        stage.stop().await;
    }

    /// Only a browser's own dialog asks, and the session's own cookie is none for it.
    async fn fedcm_accounts_are_for_the_browser_alone(on: OnStore) {
        let (stage, browser, dialog) = signed_in(on).await;
        let account = dialog.account().await;
        assert_eq!((&account["email"], &account["approved_clients"]), (&json!("ada.lovelace@gmail.com"), &json!(["notes"])));
        for wrong in [vec![], vec![("Sec-Fetch-Dest", "empty")], vec![DIALOG, DIALOG], vec![DIALOG, ("Origin", NOTES)]] {
            let page = dialog.ask("GET", "/fedcm/accounts", &wrong, &[]).await;
            assert_eq!(page.status, 400, "{wrong:?}");
            assert!(!page.body.contains("ada"));
        }
        let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
        for cookie in ["", "vst_fedcm=x", &format!("vst_fedcm={session}"), &format!("vst_session={session}")] {
            let page = Dialog::with(&stage, cookie).accounts().await;
            assert_eq!((page.status.as_u16(), page.header("set-login")), (401, "logged-out"), "{cookie}");
        }
        // A browser that lost it, or that signed in before this was turned on, gets another where it is taken to sign in.
        browser.set_cookie(&stage.issuer, "vst_fedcm", "x");
        let again = browser.get(&format!("{}/fedcm/login", stage.issuer)).await;
        let again = Dialog::with(&stage, set_cookie(&again));
        assert_eq!(again.id().await, account["id"]);
        assert_eq!(dialog.accounts().await.status, 401, "the one before opens nothing more");
        let swapped = format!("vst_session={}", again.cookie.split_once('=').unwrap().1);
        let page = dialog.http.raw("GET", &format!("{}/account", stage.issuer), &[("Cookie", &swapped)], "").await;
        assert!(!page.body.contains("ada.lovelace@gmail.com"), "the browser's cookie opens no page");
        stage.stop().await;
    }

    /// A code like any other: bound to the challenge, the nonce in the ID token, no redirect URI needed.
    async fn fedcm_gives_the_app_a_code(on: OnStore) {
        let stage = Stage::start_with(on, turned_on).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let before = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let dialog = Dialog::of(&stage, &browser).await;
        for auto in ["true", "false"] {
            let page = dialog.assertion(&[("is_auto_selected", auto)], &ours()).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert_eq!(page.header("access-control-allow-origin"), NOTES);
            assert_eq!(page.header("access-control-allow-credentials"), "true");
            assert!(page.header("vary").contains("Origin") && page.header("cache-control").contains("no-store"));
            let code = page.json()["token"].as_str().unwrap().to_owned();
            let wrong = app.token(&[("code", &code), ("redirect_uri", ""), ("code_verifier", &"x".repeat(43))]).await;
            assert_eq!(wrong.json()["error"], "invalid_grant");
            let tokens = app.token(&[("code", &code), ("redirect_uri", "")]).await;
            assert_eq!(tokens.status, 200, "{}", tokens.body);
            let claims = jws_claims(tokens.json()["id_token"].as_str().unwrap());
            assert_eq!((&claims["nonce"], &claims["email"]), (&json!("n-f"), &json!("ada.lovelace@gmail.com")));
            assert_eq!(claims["sub"], jws_claims(&before.id)["sub"]);
            assert_ne!(claims["sub"].as_str().unwrap(), dialog.id().await, "what the browser knows no app learns");
            assert!(!claims.to_string().contains(&dialog.id().await));
        }
        stage.stop().await;
    }

    /// Each refused, and none of them burns or issues anything.
    async fn fedcm_refuses_what_is_not_the_apps_own(on: OnStore) {
        let ((stage, _browser, dialog), other) = (signed_in(on).await, Browser::new());
        stage.google.answer_with("grace");
        other.sign_in(&stage, &[], "google").await;
        let foreign = Dialog::of(&stage, &other).await.id().await;
        let id = dialog.id().await;
        assert_ne!(foreign, id);
        let form = [("client_id", "notes"), ("account_id", id.as_str()), ("params", "{}")];
        for origin in ["https://notes.test.evil.test", "https://notes.tes", "http://notes.test", "https://wiki.test", "null", ""] {
            let headers = [DIALOG, ("Origin", origin)];
            let headers = if origin.is_empty() { &headers[..1] } else { &headers };
            let page = dialog.ask("POST", "/fedcm/assertion", headers, &form).await;
            assert_eq!((page.status.as_u16(), page.header("access-control-allow-origin")), (403, ""), "{origin}");
        }
        let page = dialog.ask("POST", "/fedcm/assertion", &[("Origin", NOTES)], &form).await;
        assert_eq!(page.status, 400);
        for (changes, code) in [
            (("client_id", "nobody"), None),
            (("account_id", foreign.as_str()), Some("access_denied")),
            (("account_id", ""), Some("access_denied")),
            (("params", "[1]"), Some("invalid_request")),
            (("params", "{"), Some("invalid_request")),
            (("params", r#"{"redirect_uri":"https://evil.test/"}"#), Some("invalid_request")),
            (("params", r#"{"scope":"profile"}"#), Some("invalid_scope")),
            (("params", r#"{"code_challenge":"short"}"#), Some("invalid_request")),
            (("params", r#"{"response_type":"token"}"#), Some("unsupported_response_type")),
        ] {
            let page = dialog.assertion(&[changes], &ours()).await;
            assert!(page.status.is_client_error(), "{changes:?}: {}", page.body);
            if let Some(code) = code {
                assert_eq!(error(&page), code, "{changes:?}");
            }
            assert!(!page.body.contains("vst_c_"));
        }
        let nobody = dialog.ask("POST", "/fedcm/assertion", &[DIALOG, ("Origin", NOTES)], &form).await;
        assert_eq!(nobody.status, 200, "the same with nothing wrong");
        stage.stop().await;
    }

    /// What an app demands of its requests holds here, too: nothing that a page says is pushed or signed, so such an app has
    /// the redirect alone. It is told no, and nothing goes out.
    async fn fedcm_is_no_way_round_what_an_app_demands(on: OnStore) {
        for demand in ["require_signed_request_object = true", "require_pushed_authorization_requests = true", "profile = \"fapi2\""] {
            let section = Bank::section(&Pair::es256(), demand);
            let stage = Stage::start_with(on, move |config| turned_on(format!("{config}{section}"))).await;
            let browser = Browser::new();
            browser.sign_in(&stage, &[], "google").await;
            let dialog = Dialog::of(&stage, &browser).await;
            let (id, headers) = (dialog.id().await, [DIALOG, ("Origin", "https://bank.test")]);
            for auto in ["true", "false"] {
                for params in [ours(), json!({ "request": "x" }), json!({ "request_uri": "urn:ietf:params:oauth:request_uri:x" })] {
                    let params = params.to_string();
                    let form = [("client_id", "bank"), ("account_id", id.as_str()), ("is_auto_selected", auto), ("params", &params)];
                    let page = dialog.ask("POST", "/fedcm/assertion", &headers, &form).await;
                    assert_eq!((page.status.as_u16(), error(&page).as_str()), (400, "invalid_request"), "{demand} {params}");
                }
            }
            stage.stop().await;
        }
    }

    /// What the browser picked by itself shows nothing to anyone, so what the app would have shown is refused and not left
    /// out; and whoever the app names must be who was picked (OpenID Connect Core, sections 3.1.2.1 and 5.5.1).
    async fn fedcm_gives_nothing_that_was_not_asked_for(on: OnStore) {
        let (stage, browser, dialog) = signed_in(on).await;
        let with = |name: &str, value: Value| {
            let mut all = ours();
            all[name] = value;
            all
        };
        let auto = [("is_auto_selected", "true")];
        for (prompt, code) in [("login", "login_required"), ("select_account", "login_required"), ("consent", "consent_required"), ("none login", "invalid_request")] {
            assert_eq!(error(&dialog.assertion(&auto, &with("prompt", prompt.into())).await), code, "{prompt}");
            let page = dialog.assertion(&[], &with("prompt", prompt.into())).await.json();
            assert!(page["continue_on"].is_string() || code == "invalid_request", "{prompt}: {page}");
        }
        assert_eq!(error(&dialog.assertion(&auto, &with("max_age", 0.into())).await), "login_required");
        let sub = App::of(&stage).tokens(&browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap()).await;
        let sub = jws_claims(&sub.id)["sub"].clone();
        for (named, goes_out) in [(sub, true), ("somebody-else".into(), false)] {
            let claims = with("claims", json!({ "id_token": { "sub": { "value": named } } }));
            assert_eq!(dialog.assertion(&auto, &claims).await.json()["token"].is_string(), goes_out, "{claims}");
            assert_eq!(dialog.assertion(&[], &claims).await.json()["token"].is_string(), goes_out, "{claims}");
        }
        stage.stop().await;
    }

    /// What a page says in `params` counts as in a query: `null` is nothing said, a list is a parameter that came more than
    /// once, and services may be several (RFC 8707).
    async fn fedcm_params_are_parameters(on: OnStore) {
        let stage = Stage::start_with(on, |config| {
            turned_on(config.replace("[apps.notes]\n", "[apps.notes]\naudiences = [\"https://one.test\", \"https://two.test\"]\n"))
        })
        .await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        browser.sign_in(&stage, &[], "google").await;
        let dialog = Dialog::of(&stage, &browser).await;
        let with = |changes: Value| {
            let mut all = ours();
            all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            all
        };
        let silent = with(json!({ "nonce": null, "redirect_uri": null, "scope": null, "prompt": null }));
        let page = dialog.assertion(&[], &silent).await;
        let code = page.json()["token"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
        let tokens = app.token(&[("code", &code), ("redirect_uri", "")]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert!(jws_claims(tokens.json()["id_token"].as_str().unwrap()).get("nonce").is_none());
        let page = dialog.assertion(&[], &with(json!({ "resource": ["https://one.test", "https://two.test"] }))).await;
        let code = page.json()["token"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
        let tokens = app.token(&[("code", &code), ("redirect_uri", "")]).await.json();
        let audiences = jws_claims(tokens["access_token"].as_str().unwrap())["aud"].clone();
        assert_eq!(audiences, json!(["https://one.test", "https://two.test", stage.issuer]));
        for (wrong, code) in [
            (json!({ "resource": ["https://one.test", "https://evil.test"] }), "invalid_target"),
            (json!({ "prompt": ["none", "login"] }), "invalid_request"),
            (json!({ "max_age": true }), "invalid_request"),
            (json!({ "nonce": ["a", "b"] }), "invalid_request"),
            (json!({ "max_age": -1 }), "invalid_request"),
            (json!({ "max_age": 1.5 }), "invalid_request"),
            (json!({ "claims": "[]" }), "invalid_request"),
        ] {
            assert_eq!(error(&dialog.assertion(&[], &with(wrong.clone())).await), code, "{wrong}");
        }
        stage.stop().await;
    }

    /// Somebody who has not agreed is asked in a window of ours; nothing goes out before.
    async fn fedcm_asks_in_a_window(on: OnStore) {
        let stage = Stage::start_with(on, turned_on).await;
        let browser = Browser::careful();
        let page = browser.open(&format!("{}/account", stage.issuer)).await;
        browser.choose(&page, "google").await;
        let dialog = Dialog::of(&stage, &browser).await;
        assert_eq!(dialog.account().await["approved_clients"], json!([]));
        let unattended = dialog.assertion(&[("is_auto_selected", "true")], &ours()).await;
        assert_eq!(error(&unattended), "consent_required");
        let page = dialog.assertion(&[], &ours()).await;
        let url = page.json()["continue_on"].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
        assert!(url.starts_with("/fedcm/continue?ask="), "{url}");
        let question = browser.open(&format!("{}{url}", stage.issuer)).await;
        assert!(question.is_question(), "{}", question.body);
        let no = browser.answer(&question, "no", &[]).await;
        assert!(no.attrs("script", "data-token").is_empty() && no.attrs("script", "src").len() == 1, "{}", no.body);
        let question = browser.open(&format!("{}{url}", stage.issuer)).await;
        let yes = browser.answer(&question, "yes", &[]).await;
        let code = yes.attrs("script", "data-token").pop().unwrap_or_else(|| panic!("{}", yes.body));
        assert_eq!(App::of(&stage).token(&[("code", &code), ("redirect_uri", "")]).await.status, 200);
        assert_eq!(dialog.account().await["approved_clients"], json!(["notes"]));
        // Another person in the same browser is not who was picked.
        let other = Browser::careful();
        let page = other.open(&format!("{}/account", stage.issuer)).await;
        stage.google.answer_with("grace");
        other.choose(&page, "google").await;
        let page = other.open(&format!("{}{url}", stage.issuer)).await;
        assert!(!page.is_question() && !page.body.contains("vst_c_"), "{}", page.body);
        for made_up in ["", "?ask=", "?ask=x"] {
            assert_eq!(browser.get(&format!("{}/fedcm/continue{made_up}", stage.issuer)).await.status, 400, "{made_up}");
        }
        stage.stop().await;
    }

    async fn fedcm_ends_with_what_it_rests_on(on: OnStore) {
        let (stage, browser, dialog) = signed_in(on).await;
        let house = stage.broker().house();
        let who = stage.who(&browser).await;
        let directory = house.directory();
        let notes = directory.apps.get(&"notes".parse().unwrap()).unwrap();
        house.consents.pause(&who, notes).await.unwrap();
        assert_eq!(dialog.account().await["approved_clients"], json!([]), "a paused app is not signed in to by itself");
        assert_eq!(error(&dialog.assertion(&[], &ours()).await), "access_denied");
        house.consents.resume(&who, notes).await.unwrap();
        assert_eq!(dialog.assertion(&[], &ours()).await.status, 200);
        let id = dialog.id().await;
        house.sessions.end_all(&who, vestibule::partition::By::User).await.unwrap();
        assert_eq!(dialog.accounts().await.status, 401);
        let form = [("client_id", "notes"), ("account_id", id.as_str())];
        let page = dialog.ask("POST", "/fedcm/assertion", &[DIALOG, ("Origin", NOTES)], &form).await;
        assert_eq!((page.status.as_u16(), error(&page).as_str()), (401, "login_required"));
        browser.sign_in(&stage, &[], "google").await;
        let dialog = Dialog::of(&stage, &browser).await;
        assert_eq!(dialog.id().await, id);
        let session = house.sessions.find_by_accounts(dialog.cookie.split_once('=').unwrap().1).await.unwrap().unwrap();
        house.accounts.block(session.identity).await.unwrap();
        assert_eq!(dialog.accounts().await.status, 401, "blocked");
        stage.stop().await;
    }

    async fn fedcm_disconnects(on: OnStore) {
        let stage = Stage::start_with(on, turned_on).await;
        let (browser, app) = (Browser::new(), App::of(&stage));
        let mut tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let dialog = Dialog::of(&stage, &browser).await;
        let id = dialog.id().await;
        for wrong in ["", "x", "bob@example.com"] {
            assert_eq!(error(&dialog.disconnect(wrong).await), "access_denied", "{wrong}");
        }
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        let sub = jws_claims(&tokens.id)["sub"].as_str().unwrap().to_owned();
        for hint in [id.as_str(), &sub, "ada.lovelace@gmail.com"] {
            let page = dialog.disconnect(hint).await;
            assert_eq!((page.status.as_u16(), page.json()), (200, json!({ "account_id": id })), "{hint}");
            assert_eq!(page.header("access-control-allow-origin"), NOTES);
            assert_eq!(app.userinfo(&tokens.access).await.status, 401);
            assert_eq!(dialog.account().await["approved_clients"], json!([]));
            tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        }
        assert_eq!(browser.get(&format!("{}/account", stage.issuer)).await.status, 200, "the account stays");
        stage.stop().await;
    }

    /// The browser hears of each login and sign-out; the cookie comes and goes with the session.
    async fn fedcm_browsers_hear_who_is_there(on: OnStore) {
        let stage = Stage::start_with(on, turned_on).await;
        let browser = Browser::new();
        let start = browser.get(&format!("{}/fedcm/login", stage.issuer)).await;
        let visit = browser.get(start.location().unwrap().as_str()).await;
        let choice = browser.get(visit.location().unwrap().as_str()).await;
        let fields = choice.hidden_fields();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut back = browser.post(choice.url.join("/login/google").unwrap().as_str(), &fields, &[]).await;
        while back.header("set-login").is_empty() {
            back = browser.get(back.location().unwrap_or_else(|| panic!("{back:?}")).as_str()).await;
        }
        assert_eq!(back.header("set-login"), "logged-in", "{back:?}");
        let dialog = Dialog::with(&stage, set_cookie(&back));
        assert_eq!(back.location().unwrap().path(), "/fedcm/done", "the window closes");
        dialog.account().await;
        let tokens = App::of(&stage).tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let out = browser.get(&format!("{}/logout?id_token_hint={}", stage.issuer, tokens.id)).await;
        assert_eq!((out.status.as_u16(), out.header("set-login")), (303, "logged-out"));
        assert_eq!(set_cookie(&out), "vst_fedcm=");
        assert_eq!(dialog.accounts().await.status, 401);
        assert!(param(&out.location().unwrap(), "login").is_none());
        stage.stop().await;
    }

    /// Whom the browser offers already, and who is taken to sign in, signs in as somebody else: the provider is asked to let
    /// them choose.
    async fn fedcm_lets_somebody_choose_another_account(on: OnStore) {
        let (stage, browser, before) = signed_in(on).await;
        let ada = before.id().await;
        stage.google.answer_with("grace");
        let choice = browser.open(&format!("{}/fedcm/login", stage.issuer)).await;
        assert_eq!(choice.url.path(), "/login", "{}", choice.body);
        let done = browser.choose(&choice, "google").await;
        assert_eq!((done.status.as_u16(), done.url.path()), (200, "/fedcm/done"), "{}", done.body);
        let after = Dialog::of(&stage, &browser).await;
        assert_ne!(after.id().await, ada);
        assert_eq!(before.accounts().await.status, 401, "a browser holds one session");
        stage.stop().await;
    }

    /// Promise 1: with the master and everything at rest, a session is as closed as before.
    async fn fedcm_leaves_nothing_readable_at_rest(on: OnStore) {
        let (stage, _browser, dialog) = signed_in(on).await;
        let (id, secret) = (dialog.id().await, dialog.cookie.split_once('=').unwrap().1.to_owned());
        for (name, bytes) in stage.store.dump() {
            let text = String::from_utf8_lossy(&bytes);
            for needle in ["ada.lovelace@gmail.com", "Ada", &id, &secret] {
                assert!(!text.contains(needle) && !name.contains(needle), "{name} holds {needle}");
            }
        }
        stage.stop().await;
    }
}
