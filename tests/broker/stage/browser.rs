//! A browser without scripts: it keeps cookies, follows redirects one by one, and fills in forms.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::{
    Client, RequestBuilder, StatusCode,
    cookie::{CookieStore, Jar},
    header,
};
use scraper::{Html, Selector};
use url::Url;

use super::Stage;

/// One browser, with cookies of its own. Whoever sits before it says yes to every app at once and turns nothing on, as
/// if there were no question; for a careful one there is.
pub struct Browser {
    client: Client,
    pub jar: Arc<Jar>,
    balancer: Option<Balancer>,
    careful: bool,
}

/// What stands before several instances: a request to the issuer goes to each of them in turn.
struct Balancer {
    issuer: String,
    instances: Vec<String>,
    turn: AtomicUsize,
}

impl Balancer {
    fn place(&self, url: &str) -> Option<String> {
        let rest = url.strip_prefix(&self.issuer).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.instances.len();
        Some(format!("{}{rest}", self.instances[turn]))
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: String,
}

impl Browser {
    #[expect(clippy::disallowed_methods, reason = "tests are the browser, which is not the broker's egress")]
    pub fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(&jar))
            .no_proxy()
            .build()
            .unwrap();
        Self { client, jar, balancer: None, careful: false }
    }

    /// One before which somebody reads what an app would like to know.
    pub fn careful() -> Self {
        Self { careful: true, ..Self::new() }
    }

    /// A browser that reaches `issuer` through a balancer before these instances.
    pub fn balanced(issuer: &str, instances: &[&str]) -> Self {
        let instances = instances.iter().map(|&instance| instance.to_owned()).collect();
        let balancer = Balancer { issuer: issuer.to_owned(), instances, turn: AtomicUsize::new(0) };
        Self { balancer: Some(balancer), ..Self::new() }
    }

    pub async fn get(&self, url: &str) -> Page {
        self.send(self.client.get(url)).await
    }

    pub async fn get_with(&self, url: &str, headers: &[(&str, &str)]) -> Page {
        let request = headers.iter().fold(self.client.get(url), |request, (name, value)| request.header(*name, *value));
        self.send(request).await
    }

    pub async fn post(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let request =
            headers.iter().fold(self.client.post(url), |request, (name, value)| request.header(*name, *value));
        self.send(request.form(form)).await
    }

    /// Any request, without cookies of this browser but those in `headers`.
    pub async fn raw(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, url).body(body.to_owned());
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    async fn send(&self, request: RequestBuilder) -> Page {
        self.try_send(request).await.unwrap()
    }

    /// The same where the other side may go away in the middle of it.
    pub async fn try_get(&self, url: &str) -> reqwest::Result<Page> {
        self.try_send(self.client.get(url)).await
    }

    /// The same where the other side may go away in the middle of it.
    pub async fn try_post(&self, url: &str, form: &[(&str, &str)]) -> reqwest::Result<Page> {
        self.try_send(self.client.post(url).form(form)).await
    }

    async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Page> {
        let mut request = request.build()?;
        let url = request.url().clone();
        if let Some(place) = self.balancer.as_ref().and_then(|balancer| balancer.place(url.as_str())) {
            *request.url_mut() = place.parse().unwrap();
        }
        let response = self.client.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let page = Page { url, status, headers, body: response.text().await? };
        if self.careful { Ok(page) } else { Box::pin(self.agree(page)).await }
    }

    /// Says yes, if this leads to a question; gives what comes after it.
    async fn agree(&self, page: Page) -> reqwest::Result<Page> {
        let Some(question) = page.location().filter(|next| next.path() == "/consent") else { return Ok(page) };
        let question = self.try_get(question.as_str()).await?;
        if !question.is_question() {
            // Another tab has answered it.
            let Some(next) = question.location() else { return Ok(question) };
            return self.try_get(next.as_str()).await;
        }
        let mut fields = question.hidden_fields();
        fields.push(("answer".into(), "yes".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.try_post(question.url.join("/consent").unwrap().as_str(), &fields).await
    }

    /// Follows redirects, as far as they lead to pages that exist here: an address of an app's own is where it ends.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..20 {
            let Some(next) = page.location() else { return page };
            if !matches!(next.host_str(), Some("localhost" | "127.0.0.1")) || next.scheme() != "http" || is_app(&next) {
                return page;
            }
            page = self.get(next.as_str()).await;
        }
        panic!("redirects without an end at {}", page.url);
    }

    pub async fn open(&self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Chooses a provider on the page that asks for one.
    pub async fn choose(&self, page: &Page, provider: &str) -> Page {
        let fields = page.hidden_fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let action = page.url.join(&format!("/login/{provider}")).unwrap();
        let origin = action.origin().ascii_serialization();
        let answer =
            self.post(action.as_str(), &fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await;
        self.follow(answer).await
    }

    /// Answers the question of an app on its page, with these optional claims turned on.
    pub async fn answer(&self, page: &Page, answer: &str, on: &[&str]) -> Page {
        let answered = self.submit(page, answer, on).await;
        self.follow(answered).await
    }

    /// The same without following where it leads.
    pub async fn submit(&self, page: &Page, answer: &str, on: &[&str]) -> Page {
        let mut fields = page.hidden_fields();
        fields.extend(on.iter().map(|claim| ((*claim).to_owned(), "on".to_owned())));
        fields.push(("answer".into(), answer.into()));
        self.post_from(page, &fields).await
    }

    /// Posts fields to the address of a page, as a form there does.
    pub async fn post_from(&self, page: &Page, fields: &[(String, String)]) -> Page {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let action = page.url.join(page.url.path()).unwrap();
        let origin = action.origin().ascii_serialization();
        self.post(action.as_str(), &fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await
    }

    /// Signs in at an app and brings back the address of the app that the browser was sent to.
    pub async fn sign_in(&self, stage: &Stage, request: &[(&str, &str)], provider: &str) -> Url {
        let mut page = self.open(&stage.authorize(request)).await;
        if page.url.path() == "/login" {
            page = self.choose(&page, provider).await;
        }
        page.location().unwrap_or_else(|| panic!("no answer for the app, but {} {}", page.status, page.body))
    }

    /// The same, and says at the simulated provider who it is.
    pub async fn sign_in_as(&self, stage: &Stage, request: &[(&str, &str)], provider: &str, person: &str) -> Url {
        let mut page = self.open(&stage.authorize(request)).await;
        if page.url.path() == "/login" {
            page = self.choose(&page, provider).await;
        }
        if page.location().is_none() {
            page = self.pick(&page, person).await;
        }
        page.location().unwrap_or_else(|| panic!("no answer for the app, but {} {}", page.status, page.body))
    }

    /// Picks a person on a simulator's page.
    pub async fn pick(&self, page: &Page, person: &str) -> Page {
        let mut fields = page.hidden_fields();
        fields.push(("answer".into(), person.into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.post(page.url.join("/_simulator/choose").unwrap().as_str(), &fields, &[]).await;
        self.follow(answer).await
    }

    /// The value of a cookie, if the browser would send it to `url`.
    pub fn cookie(&self, url: &str, name: &str) -> Option<String> {
        let sent = self.jar.cookies(&url.parse().unwrap())?;
        let sent = sent.to_str().unwrap().to_owned();
        sent.split("; ").filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v.to_owned())
    }

    /// All cookies that the browser would send to `url`.
    pub fn cookies(&self, url: &str) -> BTreeMap<String, String> {
        let sent = self.jar.cookies(&url.parse().unwrap());
        let sent = sent.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        sent.split("; ").filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.into(), v.into())).collect()
    }

    pub fn set_cookie(&self, url: &str, name: &str, value: &str) {
        self.jar.add_cookie_str(&format!("{name}={value}; Path=/"), &url.parse().unwrap());
    }
}

/// Addresses of native apps, on which nothing listens.
fn is_app(url: &Url) -> bool {
    matches!((url.host_str(), url.path()), (Some("127.0.0.1"), "/cb") | (_, "/callback"))
}

impl Page {
    pub fn location(&self) -> Option<Url> {
        let text = self.headers.get(header::LOCATION)?.to_str().unwrap();
        Some(self.url.join(text).unwrap())
    }

    /// Whether it asks what an app may see.
    pub fn is_question(&self) -> bool {
        self.status == 200 && self.url.path() == "/consent"
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.url, self.body))
    }

    /// The hidden fields of the first form in `<main>`.
    pub fn hidden_fields(&self) -> Vec<(String, String)> {
        let html = Html::parse_document(&self.body);
        let (form, hidden) = (selector("main form"), selector("input[type=hidden]"));
        let form = html.select(&form).next().unwrap_or_else(|| panic!("no form on {}: {}", self.url, self.body));
        form.select(&hidden).map(|input| (field_of(input, "name"), field_of(input, "value"))).collect()
    }

    /// The text of all elements that a selector finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&selector(css)).map(|element| element.text().collect::<String>().trim().to_owned()).collect()
    }

    /// An attribute of all elements that a selector finds.
    pub fn attrs(&self, css: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&selector(css)).filter_map(|element| element.value().attr(name).map(str::to_owned)).collect()
    }
}

fn field_of(input: scraper::ElementRef<'_>, name: &str) -> String {
    input.value().attr(name).unwrap().to_owned()
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

/// A parameter of an address.
pub fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
}

impl Stage {
    /// An authorization request of `notes`, with PKCE, changed as asked; an empty value takes a parameter away.
    pub fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let mut params = BTreeMap::from([
            ("client_id", "notes"),
            ("redirect_uri", super::NOTES_CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", "st-1"),
            ("nonce", "n-1"),
            ("code_challenge", super::CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        for (name, value) in changes {
            if value.is_empty() {
                params.remove(name);
            } else {
                params.insert(name, value);
            }
        }
        Url::parse_with_params(&format!("{}/authorize", self.issuer), params).unwrap().into()
    }
}
