//! The request that a proxy asks about. Whatever is missing, doubled or could be read in two ways is no request at all.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
};

use crate::{
    types::{App, gate::GateOrigin, request_path::RequestPath},
    web::{Directory, gated::once},
};

/// The longest method that is looked at.
const MAX_METHOD: usize = 32;

/// What a proxy says of a request, before it is anything.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Its method.
    pub method: &'a str,
    /// `https` or `http`.
    pub scheme: &'a str,
    /// Its host, and port if one was named.
    pub authority: &'a str,
    /// Its path and query, as the client sent them.
    pub target: &'a str,
}

/// A request that has one reading, to an app that is registered.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The app.
    pub app: &'a App,
    /// Where it lives.
    pub origin: &'a GateOrigin,
    /// What it is asked for.
    pub path: RequestPath,
    /// The same as it came, with its query.
    pub target: &'a str,
    /// How.
    pub method: &'a str,
    /// Whether a person waits for a page, who can be sent to sign in.
    pub navigation: bool,
}

/// Why nothing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By somebody whom the operator does not trust to ask.
    Stranger,
    /// Something is missing, came twice, or can be read in two ways.
    Unreadable(&'static str),
    /// No app lives there.
    UnknownHost,
}

impl Refused {
    /// For the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Stranger => "not from listen.trusted_proxies",
            Self::Unreadable(why) => why,
            Self::UnknownHost => "no app has that origin",
        }
    }
}

/// A header that must be there, once.
pub fn told<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Refused> {
    once(headers, name).ok_or(Refused::Unreadable("a header is missing, came twice, or is named by Connection"))
}

impl<'a> Asked<'a> {
    /// Reads what was told.
    pub fn read(directory: &'a Directory, request: &'a HttpRequest, told: Told<'a>) -> Result<Self, Refused> {
        let scheme = match told.scheme {
            // Some proxies name the protocol that the connection is about to become.
            "https" | "wss" => "https",
            "http" | "ws" => "http",
            _ => return Err(Refused::Unreadable("the scheme is neither https nor http")),
        };
        let is_method = (1..=MAX_METHOD).contains(&told.method.len())
            && told.method.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_method {
            return Err(Refused::Unreadable("the method is none"));
        }
        let authority = GateOrigin::spelled(scheme, told.authority);
        let app = directory.gated(&authority).ok_or(Refused::UnknownHost)?;
        let origin = app.gate.as_ref().ok_or(Refused::UnknownHost)?;
        if origin.is_plain_http() != (scheme == "http") {
            return Err(Refused::UnknownHost);
        }
        let path =
            RequestPath::parse(told.target).map_err(|_| Refused::Unreadable("the path has no single reading"))?;
        let navigation = is_navigation(request, told.method);
        Ok(Self { app, origin, path, target: told.target, method: told.method, navigation })
    }
}

/// A person who opens a page: GET, a browser that wants HTML, and no script that asks for it.
fn is_navigation(request: &HttpRequest, method: &str) -> bool {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let wants_html = accepts
        .flat_map(|value| value.split(','))
        .any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")));
    // Not every proxy passes `Upgrade` on with its question; the rest of a WebSocket's handshake comes in any case.
    let upgrades = headers.contains_key("upgrade") || headers.contains_key("sec-websocket-key");
    let scripted = upgrades || text("x-requested-with").eq_ignore_ascii_case("xmlhttprequest");
    method == "GET" && wants_html && !scripted && matches!(text("sec-fetch-mode"), "" | "navigate")
}
