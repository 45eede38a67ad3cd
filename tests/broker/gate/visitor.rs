//! Somebody who visits gated hosts through a proxy, which these tests play: it asks the broker as Traefik, nginx and
//! Envoy do, and brings the pages under `/.vestibule/`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use url::Url;

use crate::stage::{Browser, Page, Stage};

/// The app with rules about paths.
pub const BOARD: &str = "board.test";
/// The app that takes whoever comes with a verified address.
pub const FILES: &str = "files.test";

/// The configuration of a stage with two apps behind the gate.
pub fn gated(config: String) -> String {
    let trusting = config.replacen("[listen]\n", "[listen]\ntrusted_proxies = [\"127.0.0.1\"]\n", 1);
    format!(
        r#"{trusting}
[apps.board]
name = "Board"
gate = "https://board.test"
consent = "implicit"
access = [
  {{ path = "/public/", public = true }},
  {{ path = "/admin", groups = ["google:example.com"] }},
  {{ path = "/api", methods = ["GET"], apps = ["notes"] }},
  {{ path = "/read", methods = ["GET"], emails = ["*@gmail.com"] }},
  {{ path = "/app/", emails = ["*@gmail.com"] }},
  {{ path = "/any", providers = ["google", "facebook"] }},
]
claims.email = {{ need = "required", why = "To show who moved a card." }}
claims.name = {{ need = "optional", why = "To greet you." }}
claims.groups = {{ need = "optional", why = "To show your team." }}

[apps.files]
name = "Files"
gate = "https://files.test"
consent = "implicit"
access = [{{ emails = ["*@gmail.com", "*@example.com"] }}]
claims.email = {{ need = "required", why = "To share files with you." }}
"#
    )
}

/// One person with one browser.
pub struct Visitor<'a> {
    pub stage: &'a Stage,
    pub browser: Browser,
    proxy: Browser,
    jars: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl<'a> Visitor<'a> {
    pub fn new(stage: &'a Stage) -> Self {
        Self { stage, browser: Browser::new(), proxy: Browser::careful(), jars: Mutex::default() }
    }

    /// One who reads what an app would like to know.
    pub fn careful(stage: &'a Stage) -> Self {
        Self { browser: Browser::careful(), ..Self::new(stage) }
    }

    /// The cookies that the browser sends to a gated host.
    pub fn cookies(&self, host: &str) -> String {
        let jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        let jar = jars.get(host).into_iter().flatten();
        jar.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn cookie(&self, host: &str, name: &str) -> Option<String> {
        self.jars.lock().unwrap_or_else(PoisonError::into_inner).get(host)?.get(name).cloned()
    }

    pub fn set_cookie(&self, host: &str, name: &str, value: &str) {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        jars.entry(host.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    fn keep(&self, host: &str, page: &Page) {
        for line in page.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            assert!(line.starts_with("__Host-") && line.contains("; Secure") && line.contains("HttpOnly"), "{line}");
            assert!(line.contains("SameSite=Lax") && line.contains("Path=/") && !line.contains("Domain"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
            let jar = jars.entry(host.to_owned()).or_default();
            if line.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// What Traefik or Caddy is told about a navigation.
    pub async fn navigate(&self, host: &str, uri: &str) -> Page {
        self.forward_auth("GET", host, uri, &[("accept", "text/html"), ("sec-fetch-mode", "navigate")]).await
    }

    /// What they are told about any request.
    pub async fn forward_auth(&self, method: &str, host: &str, uri: &str, more: &[(&str, &str)]) -> Page {
        let told = [
            ("x-forwarded-method", method),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", uri),
        ];
        self.ask("GET", "/gate/forward-auth", host, &[&told, more].concat()).await
    }

    /// What nginx is told.
    pub async fn auth_request(&self, method: &str, url: &str, more: &[(&str, &str)]) -> Page {
        let host = url.split('/').nth(2).unwrap_or_default().to_owned();
        let told = [("x-original-method", method), ("x-original-url", url)];
        self.ask("GET", "/gate/auth-request", &host, &[&told, more].concat()).await
    }

    /// What Envoy is told.
    pub async fn ext_authz(&self, method: &str, host: &str, uri: &str, more: &[(&str, &str)]) -> Page {
        let told = [("x-forwarded-proto", "https"), ("host", host)];
        self.ask(method, &format!("/gate/ext-authz{uri}"), host, &[&told, more].concat()).await
    }

    async fn ask(&self, method: &str, path: &str, host: &str, headers: &[(&str, &str)]) -> Page {
        let (url, cookies) = (format!("{}{path}", self.stage.issuer), self.cookies(host));
        let mut headers = headers.to_vec();
        if !cookies.is_empty() && !headers.iter().any(|(name, _)| *name == "cookie") {
            headers.push(("cookie", &cookies));
        }
        let page = self.proxy.raw(method, &url, &headers, "").await;
        if path.starts_with("/gate/") {
            assert!(page.headers.get("set-cookie").is_none(), "a check sets no cookie");
            assert_eq!(page.header("cache-control"), "no-store");
            let size: usize = page.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
            assert!(size + page.body.len() < 16 * 1024, "{size} and {}", page.body.len());
            if page.status != 200 {
                let identity = ["remote-user", "remote-email", "x-vestibule-jwt", "x-vestibule-auth"];
                assert!(identity.iter().all(|name| page.headers.get(*name).is_none()), "no identity with a no");
            }
        }
        page
    }

    /// A page under `/.vestibule/`, by its whole address on a gated host.
    pub async fn own_page(&self, url: &Url) -> Page {
        let host = url.host_str().unwrap().to_owned();
        let path = &url[url::Position::BeforePath..];
        let page = self.ask("GET", path, &host, &[("x-forwarded-host", &host), ("x-forwarded-proto", "https")]).await;
        self.keep(&host, &page);
        page
    }

    /// A form posted there.
    pub async fn post(&self, url: &str, fields: &[(String, String)], more: &[(&str, &str)]) -> Page {
        let url: Url = url.parse().unwrap();
        let host = url.host_str().unwrap().to_owned();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookies = self.cookies(&host);
        let mut headers = vec![
            ("x-forwarded-host", host.as_str()),
            ("x-forwarded-proto", "https"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", &cookies),
        ];
        headers.extend_from_slice(more);
        let page = self.proxy.raw("POST", &format!("{}{}", self.stage.issuer, url.path()), &headers, &body).await;
        self.keep(&host, &page);
        page
    }

    /// From a refused navigation to wherever the person ends: back at the address, or at a page that says no.
    pub async fn sign_in(&self, refused: &Page, provider: &str) -> Page {
        let start =
            refused.location().unwrap_or_else(|| panic!("not sent to sign in: {} {}", refused.status, refused.body));
        assert_eq!(start.path(), "/.vestibule/start");
        let begun = self.own_page(&start).await;
        let mut page = self.browser.open(begun.location().unwrap().as_str()).await;
        if page.url.path() == "/login" {
            page = self.browser.choose(&page, provider).await;
        }
        match page.location().filter(|url| url.path() == "/.vestibule/callback") {
            Some(callback) => self.own_page(&callback).await,
            None => page,
        }
    }

    /// Opens an address as a person does, signing in where that is asked for.
    pub async fn visit(&self, host: &str, uri: &str) -> Page {
        let first = self.navigate(host, uri).await;
        if first.status == 200 {
            return first;
        }
        let back = self.sign_in(&first, "google").await;
        let expected = format!("https://{host}{uri}");
        assert_eq!(back.location().map(String::from), Some(expected), "{} {}", back.status, back.body);
        self.navigate(host, uri).await
    }
}

/// A header as text, whatever is in it.
pub fn text(page: &Page, name: &str) -> String {
    page.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}
