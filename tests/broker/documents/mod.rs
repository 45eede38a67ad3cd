//! Apps that are named after a document of their own on the web (Client ID Metadata Documents).

mod changed;
mod cold;
mod gone;
mod hostile;
mod native;
mod proofs;

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::{
    broker::World,
    types::{Clock, SetClock, SystemClock},
};

use crate::{
    fedcm::{Dialog, turned_on},
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Shelf, Stage, Tokens, VERIFIER, jws_claims, param},
};

const JSON: &str = "content-type: application/json\r\n";

struct Place {
    shelf: Shelf,
    stage: Stage,
    clock: Arc<SetClock>,
}

impl Place {
    async fn new(on: OnStore, more: &'static str) -> Self {
        let change = move |config: String| config.replace("[limits]\n", &format!("{more}[limits]\n"));
        Self::furnished(on, Shelf::start(), change).await
    }

    /// A place with this shelf, and the configuration changed as asked.
    async fn furnished(on: OnStore, shelf: Shelf, change: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        let clock = Arc::new(SetClock::at(SystemClock.now()));
        let world = World { egress: shelf.egress(), clock: clock.clone(), ..World::system() };
        Self { stage: Stage::start_in(on, world, change).await, shelf, clock }
    }

    async fn open(on: OnStore) -> Self {
        Self::furnished(on, Shelf::start(), open).await
    }

    /// Forgets every document, as a restart does.
    fn restart(&self) {
        self.stage.reload(|config| config);
    }

    /// Lays a document that is fresh for a minute.
    fn lay_for_a_minute(&self, path: &str, changes: &[(&str, Value)]) -> String {
        self.shelf.lay(path, 200, &format!("{JSON}cache-control: max-age=60\r\n"), self.document(path, changes));
        self.shelf.at(path)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.stage.issuer)
    }

    /// An app that somebody agreed to, and its tokens.
    async fn connected(&self, browser: &Browser, path: &str, changes: &[(&str, Value)]) -> (String, Tokens) {
        let id = self.lay(path, changes);
        let answer = self.agree(browser, &id).await;
        let tokens = Tokens::of(&self.redeem(&id, &answer).await);
        (id, tokens)
    }

    async fn call(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        Browser::new().post(&self.at(path), form, headers).await
    }

    /// A form of the page of whoever is signed in, posted to an instance that has met nobody.
    async fn press(&self, browser: &Browser, button: &str, more: &[(&str, &str)]) -> Page {
        let account = browser.open(&self.at("/account")).await;
        let token = account.attrs("#browsers input[name=form_token]", "value").remove(0);
        let action = match button {
            "" => account.attrs("details form[action^='/account/apps/']", "action"),
            button => account.attrs(&format!("button[formaction$='/{button}']"), "formaction"),
        };
        let form = [&[("form_token", token.as_str())], more].concat();
        self.restart();
        browser.post(&self.at(&action[0]), &form, &[("sec-fetch-site", "same-origin")]).await
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

fn open(config: String) -> String {
    config.replace("[limits]\n", "[registration]\nclient_id_documents = true\n\n[limits]\n")
}

async fn refresh(app: &App, id: &str, token: &str) -> Page {
    app.token_with(&[("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)], &[]).await
}

on_both_stores! {
    /// From a link to tokens, at every instance, one fetch for each of them.
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
        Tokens::of(&refresh(&other, &id, &tokens.refresh).await);
        assert_eq!(place.shelf.asked("/app.json"), 2, "once more, for the instance that had not met it");
        second.running.stop().await;
        place.stop().await;
    }

    /// No browser offers people to an app that nobody let in.
    async fn browsers_know_of_no_strangers(on: OnStore) {
        let place = Place::furnished(on, Shelf::start(), |config| turned_on(open(config))).await;
        let browser = Browser::careful();
        let (id, _) = place.connected(&browser, "/app.json", &[]).await;
        let client = url::Url::parse_with_params(&place.at("/fedcm/client"), [("client_id", &id)]).unwrap();
        assert_eq!(browser.get(client.as_str()).await.status, 404);
        let account = Dialog::of(&place.stage, &browser).await.account().await;
        assert_eq!(account["approved_clients"], json!([]), "{account}");
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
