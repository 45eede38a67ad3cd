//! A browser and a client, as far as these tests need them.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::{Client, ClientBuilder, Method, Response, StatusCode, header};
use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;
use vestibule::demo::simulators::{Kind, Running, Simulator};

pub const REDIRECT: &str = "http://127.0.0.1:9/callback/test";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// A client that says who it is.
pub fn client() -> Client {
    builder().user_agent("tests").build().unwrap()
}

/// A client that does not.
pub fn bare() -> Client {
    builder().build().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests are the browser, which is not the broker's egress")]
fn builder() -> ClientBuilder {
    // Another test may have installed it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().redirect(reqwest::redirect::Policy::none())
}

/// A simulator and someone who talks to it.
pub struct Bench {
    pub simulator: Running,
    pub client: Client,
}

/// What came back to the redirect URI.
pub type Answer = BTreeMap<String, String>;

impl Bench {
    pub async fn of(kind: Kind) -> Self {
        let mut simulator = Simulator::new(kind);
        simulator.redirect_uris = vec![REDIRECT.to_owned()];
        Self { simulator: simulator.start().await.unwrap(), client: client() }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.origin())
    }

    pub fn id(&self) -> &str {
        self.simulator.client_id()
    }

    pub fn secret(&self) -> &str {
        self.simulator.client_secret()
    }

    /// The parameters of an authorization request, with some changed, added or (when empty) left out.
    pub fn ask(&self, path: &str, changes: &[(&str, &str)]) -> Url {
        let mut pairs = BTreeMap::from([
            ("client_id", self.id()),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("state", "the state"),
        ]);
        pairs.extend(changes.iter().copied());
        pairs.retain(|_, value| !value.is_empty());
        Url::parse_with_params(&self.at(path), pairs).unwrap()
    }

    pub async fn get(&self, url: impl reqwest::IntoUrl) -> Response {
        self.client.get(url).send().await.unwrap()
    }

    pub async fn get_json(&self, url: &str) -> Value {
        self.get(url).await.json().await.unwrap()
    }

    /// Calls with a bearer token.
    pub async fn call(&self, method: Method, url: &str, token: &str) -> (StatusCode, Value) {
        let response = self.client.request(method, url).bearer_auth(token).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let request = self.client.post(url).header(header::ACCEPT, "application/json").form(form);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    /// Opens the page, picks `answer`, and returns what the simulator says then.
    pub async fn pick(&self, asked: Url, answer: &str, fault: &str) -> Response {
        let page = self.get(asked).await;
        assert_eq!(page.status(), StatusCode::OK);
        let request = hidden(&page.text().await.unwrap(), "request");
        let form = [("request", request.as_str()), ("answer", answer), ("fault", fault)];
        self.client.post(self.at("/_simulator/choose")).form(&form).send().await.unwrap()
    }

    /// The same, down to the parameters at the redirect URI.
    pub async fn answer(&self, asked: Url, answer: &str) -> Answer {
        landed(&self.pick(asked, answer, "").await)
    }

    /// The control endpoint.
    pub async fn control(&self, path: &str, body: Value) -> StatusCode {
        self.client.post(self.at(path)).json(&body).send().await.unwrap().status()
    }
}

/// The parameters of a redirect to our redirect URI.
pub fn landed(response: &Response) -> Answer {
    let to = location(response);
    assert!(to.as_str().starts_with(REDIRECT), "{to}");
    to.query_pairs().into_owned().collect()
}

pub fn location(response: &Response) -> Url {
    assert!(response.status().is_redirection(), "{}", response.status());
    let to = response.headers()[header::LOCATION].to_str().unwrap();
    response.url().join(to).unwrap()
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    hidden_fields(page).remove(name).expect("no such field")
}

/// All hidden fields.
pub fn hidden_fields(page: &str) -> Answer {
    let selector = Selector::parse("input[type=hidden]").unwrap();
    let document = Html::parse_document(page);
    let fields = document.select(&selector).map(|field| {
        let attr = |name| field.attr(name).unwrap_or_default().to_owned();
        (attr("name"), attr("value"))
    });
    fields.collect()
}

/// Verifies an ID token against a JWK set, with issuer and audience.
pub fn verify(token: &str, jwks: &Value, issuer: &str, audience: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys: JwkSet = serde_json::from_value(jwks.clone()).unwrap();
    let kid = jsonwebtoken::decode_header(token)?.kid.unwrap_or_default();
    let Some(key) = keys.find(&kid) else { return Err(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat.into()) };
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &rules).map(|token| token.claims)
}

/// The claims without a look at the signature.
pub fn peek(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// `form` with one value replaced, or left out when it is empty.
pub fn with<'a>(form: &Pairs<'a>, name: &str, value: &'a str) -> Pairs<'a> {
    let replaced = form.iter().map(|(key, old)| (*key, if *key == name { value } else { old }));
    replaced.filter(|(_, value)| !value.is_empty()).collect()
}
