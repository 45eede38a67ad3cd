//! Apps that are named after a document of their own on the web (Client ID Metadata Documents).

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use vestibule::{
    broker::World,
    types::{Clock, SetClock, SystemClock},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Pair, Shelf, Stage, Tokens, VERIFIER, jws_claims, param},
};

const JSON: &str = "content-type: application/json\r\n";

struct Place {
    shelf: Shelf,
    stage: Stage,
    clock: Arc<SetClock>,
}

impl Place {
    async fn new(on: OnStore, more: &'static str) -> Self {
        let shelf = Shelf::start();
        let clock = Arc::new(SetClock::at(SystemClock.now()));
        let world = World { egress: shelf.egress(), clock: clock.clone(), ..World::system() };
        let stage =
            Stage::start_in(on, world, move |config| config.replace("[limits]\n", &format!("{more}[limits]\n")));
        Self { stage: stage.await, shelf, clock }
    }

    async fn open(on: OnStore) -> Self {
        Self::new(on, "[registration]\nclient_id_documents = true\n\n").await
    }

    fn document(&self, path: &str, changes: &[(&str, Value)]) -> Value {
        let mut document = json!({
            "client_id": self.shelf.at(path), "client_name": "Preview", "redirect_uris": [self.shelf.at("/cb")],
            "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none",
            "vestibule_claims": {"name": {"need": "required", "why": "To greet you."}},
        });
        for (name, value) in changes {
            document[*name] = value.clone();
        }
        document
    }

    fn lay(&self, path: &str, changes: &[(&str, Value)]) -> String {
        self.shelf.lay(path, 200, JSON, self.document(path, changes));
        self.shelf.at(path)
    }

    /// What the browser sees that comes from such an app.
    async fn ask(&self, browser: &Browser, id: &str) -> Page {
        let callback = self.shelf.at("/cb");
        let request =
            [("client_id", id), ("redirect_uri", callback.as_str()), ("scope", "openid profile offline_access")];
        browser.open(&self.stage.authorize(&request)).await
    }

    /// Signs in and agrees; what the app is answered.
    async fn agree(&self, browser: &Browser, id: &str) -> Page {
        let mut page = self.ask(browser, id).await;
        if page.url.path() == "/login" {
            page = browser.choose(&page, "google").await;
        }
        assert!(page.is_question(), "{}", page.body);
        let host = self.shelf.origin.trim_start_matches("https://");
        assert!(page.texts("strong bdi").contains(&host.to_owned()), "{}", page.body);
        assert!(page.body.contains(&format!("{host} (Preview)")), "the name never stands alone: {}", page.body);
        browser.answer(&page, "yes", &[]).await
    }

    async fn redeem(&self, id: &str, page: &Page) -> Page {
        let code = param(&page.location().unwrap(), "code").unwrap_or_else(|| panic!("no code: {:?}", page.location()));
        let callback = self.shelf.at("/cb");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", id),
            ("redirect_uri", &callback),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        App::of(&self.stage).token_with(&form, &[]).await
    }

    async fn stop(self) {
        self.stage.stop().await;
    }
}

async fn refresh(app: &App, id: &str, token: &str) -> Page {
    app.token_with(&[("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)], &[]).await
}

on_both_stores! {
    /// From a link to tokens, at every instance, one fetch for each of them; and the person's own page goes on to work
    /// when the document is gone.
    async fn an_app_is_met_by_its_document(on: OnStore) {
        let place = Place::open(on).await;
        let id = place.lay("/app.json", &[]);
        let browser = Browser::careful();
        let discovery = browser.get(&format!("{}/.well-known/openid-configuration", place.stage.issuer)).await.json();
        assert_eq!(discovery["client_id_metadata_document_supported"], true);
        let answer = place.agree(&browser, &id).await;
        let tokens = Tokens::of(&place.redeem(&id, &answer).await);
        assert_eq!(jws_claims(&tokens.id)["aud"], id.as_str());
        assert_eq!(jws_claims(&tokens.id)["name"], "Ada Lovelace");
        assert_eq!(jws_claims(&tokens.access)["client_id"], id.as_str());
        let app = App::of(&place.stage);
        assert_eq!(app.userinfo(&tokens.access).await.json()["name"], "Ada Lovelace");
        assert_eq!(place.shelf.asked("/app.json"), 1);
        let second = place.stage.second_instance().await;
        let other = App::at(&second.origin);
        assert_eq!(other.userinfo(&tokens.access).await.json()["name"], "Ada Lovelace");
        let again = Tokens::of(&refresh(&other, &id, &tokens.refresh).await);
        assert_eq!(place.shelf.asked("/app.json"), 2, "once more, for the instance that had not met it");
        second.running.stop().await;

        place.shelf.lay("/app.json", 404, "", "");
        place.clock.forward(Duration::from_secs(3601));
        let page = refresh(&app, &id, &again.refresh).await;
        assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (401, Some("invalid_client")), "{}", page.body);
        let account = browser.open(&format!("{}/account", place.stage.issuer)).await;
        assert!(account.body.contains(&id), "the person still reads who it was: {}", account.body);
        let export = browser.get(&format!("{}/account/export", place.stage.issuer)).await;
        assert_ne!(export.status, 500, "{}", export.body);
        let forms = account.attrs("button[formaction$='/disconnect']", "formaction");
        let fields = account.hidden_fields().into_iter().filter(|(name, _)| name == "form_token").take(1);
        let fields: Vec<(String, String)> = fields.collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let headers = [("origin", place.stage.issuer.as_str()), ("sec-fetch-site", "same-origin")];
        let done = browser.post(&format!("{}{}", place.stage.issuer, forms[0]), &fields, &headers).await;
        assert_eq!(done.status, 303, "{}", done.body);
        let account = browser.open(&format!("{}/account", place.stage.issuer)).await;
        assert!(account.attrs("button[formaction$='/disconnect']", "formaction").is_empty(), "it is disconnected");
        place.stop().await;
    }

    /// Anyone may be asked for; nothing wrong gets a person asked, or a code.
    async fn a_document_that_is_not_good_is_refused_by_name(on: OnStore) {
        let place = Place::open(on).await;
        let (shelf, browser, app) = (&place.shelf, Browser::new(), App::of(&place.stage));
        let taken = place.document("/taken", &[("client_name", json!("Notes"))]);
        let big = place.document("/big", &[("software_id", json!("x".repeat(17_000)))]);
        shelf.lay("/taken", 200, JSON, taken);
        shelf.lay("/big", 200, JSON, big);
        shelf.lay("/html", 200, "content-type: text/html\r\n", place.document("/html", &[]));
        shelf.lay("/list", 200, JSON, json!([place.document("/list", &[])]));
        shelf.lay("/moved", 302, "location: /app.json\r\n", "");
        shelf.lay("/away", 503, JSON, "");
        place.lay("/app.json", &[]);
        place.lay("/other", &[("client_id", json!(shelf.at("/app.json")))]);
        place.lay("/secret", &[("client_secret", json!("s"))]);
        place.lay("/basic", &[("token_endpoint_auth_method", json!("client_secret_basic"))]);
        place.lay("/abroad", &[("redirect_uris", json!([shelf.at("/cb"), "https://evil.test/cb"]))]);
        place.lay("/machine", &[("grant_types", json!(["client_credentials"]))]);
        for (path, status, word) in [
            ("/other", 400, "client_id"), ("/secret", 400, "client_secret"), ("/abroad", 400, "redirect_uris"),
            ("/basic", 400, "token_endpoint_auth_method"), ("/machine", 400, "grant_types"), ("/taken", 400, "client_name"),
            ("/html", 400, "content type"), ("/list", 400, "JSON object"), ("/moved", 400, "status"), ("/none", 400, "status"),
            ("/away", 503, ""), ("/big", 503, ""),
        ] {
            let id = shelf.at(path);
            let page = place.ask(&browser, &id).await;
            assert_eq!((page.status.as_u16(), page.location()), (status, None), "{path}: {}", page.body);
            let form = [("grant_type", "authorization_code"), ("client_id", id.as_str()), ("code", "x")];
            let page = app.token_with(&form, &[]).await;
            let error = if status == 400 { "invalid_client" } else { "temporarily_unavailable" };
            assert_eq!(page.json()["error"], error, "{path}: {}", page.body);
            assert_eq!(page.header("www-authenticate").starts_with("Basic "), status == 400, "{path}: a 401 says how");
            assert!(page.json()["error_description"].as_str().unwrap().contains(word), "{path}: {}", page.body);
            assert_eq!(shelf.asked(path), 1, "{path}: a failure is remembered");
        }
        assert_eq!(shelf.asked("/app.json"), 0, "no redirect is followed");
        let page = place.ask(&browser, &place.lay("/other", &[])).await;
        assert_eq!(page.status, 400, "for half a minute");
        place.clock.forward(Duration::from_secs(31));
        assert_eq!(place.ask(&browser, &shelf.at("/other")).await.url.path(), "/login");
        place.stop().await;
    }

    /// Addresses that lead inside, and other spellings of good ones, are not asked.
    async fn nobody_makes_us_ask_inside(on: OnStore) {
        let place = Place::open(on).await;
        place.lay("/app.json", &[]);
        let port = place.shelf.origin.rsplit(':').next().unwrap().to_owned();
        let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let inside = format!("https://localhost:{}/app.json", closed.local_addr().unwrap().port());
        let literal = format!("https://127.0.0.1:{port}/app.json");
        for id in [&inside, &literal, "https://169.254.169.254/latest", "https://10.0.0.1/x", "https://[::1]/x"] {
            assert_eq!(place.ask(&Browser::new(), id).await.status, 503, "{id}");
        }
        for spelling in ["/./app.json", "/x/../app.json", "/%2e/app.json", "/app.json#f", "/", ""] {
            assert_eq!(place.ask(&Browser::new(), &place.shelf.at(spelling)).await.status, 400, "{spelling}");
        }
        let user = place.shelf.at("/app.json").replace("https://", "https://u@");
        assert_eq!(place.ask(&Browser::new(), &user).await.status, 400);
        closed.set_nonblocking(true).unwrap();
        assert!(closed.accept().is_err(), "nobody came");
        assert_eq!(place.shelf.asked("/app.json"), 0);
        place.stop().await;
    }

    /// What the document says today counts, once what it said before is no longer fresh.
    async fn a_changed_document_counts_when_the_old_one_has_aged(on: OnStore) {
        let place = Place::open(on).await;
        let id = place.shelf.at("/app.json");
        let fresh = format!("{JSON}cache-control: max-age=60\r\n");
        place.shelf.lay("/app.json", 200, &fresh, place.document("/app.json", &[]));
        let answer = place.agree(&Browser::careful(), &id).await;
        assert_eq!(place.redeem(&id, &answer).await.status, 200);
        let moved = [("redirect_uris", json!([place.shelf.at("/new")]))];
        place.shelf.lay("/app.json", 200, &fresh, place.document("/app.json", &moved));
        assert_eq!(place.ask(&Browser::new(), &id).await.url.path(), "/login", "still fresh");
        place.clock.forward(Duration::from_secs(61));
        assert_eq!(place.ask(&Browser::new(), &id).await.status, 400, "the old way back is none any more");
        assert_eq!(place.shelf.asked("/app.json"), 2);
        place.stop().await;
    }

    /// Many who come at once make us ask once.
    async fn many_at_once_share_one_fetch(on: OnStore) {
        let place = Place::open(on).await;
        let id = place.lay("/app.json", &[]);
        let all = futures_util::future::join_all((0..20).map(async |_| place.ask(&Browser::new(), &id).await.status)).await;
        assert!(all.iter().all(|status| *status == 200), "{all:?}");
        assert_eq!(place.shelf.asked("/app.json"), 1);
        place.stop().await;
    }

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

    /// Off unless it is turned on: then an address is a name like any that nobody knows.
    async fn documents_are_not_asked_for_by_default(on: OnStore) {
        let place = Place::new(on, "").await;
        let id = place.lay("/app.json", &[]);
        let page = place.ask(&Browser::new(), &id).await;
        assert_eq!((page.status.as_u16(), place.shelf.asked("/app.json")), (400, 0));
        let discovery = Browser::new().get(&format!("{}/.well-known/openid-configuration", place.stage.issuer)).await;
        assert!(!discovery.body.contains("client_id_metadata_document_supported"));
        place.stop().await;
    }
}
