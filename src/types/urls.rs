//! Addresses as types: parsed once, compared exactly, never put together by hand.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Whether `host` is this machine: 127.0.0.0/8, `[::1]`, `localhost` or `*.localhost` (RFC 6761, section 6.3).
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// Why an issuer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIssuer {
    /// Not an absolute http(s) address.
    #[error("not an absolute https address")]
    NotAnAddress,
    /// http outside loopback.
    #[error("plain http is for loopback hosts only (127.0.0.0/8, [::1], localhost, *.localhost)")]
    Insecure,
    /// Something beyond scheme, host and port, or another spelling of them.
    #[error(
        "an issuer is scheme, host and port alone, in their normal spelling: no path, trailing slash, query, fragment or user"
    )]
    NotAnOrigin,
}

/// Our own name (OpenID Connect Discovery, section 3): scheme, host and port, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// As it stands in `iss`: no trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is plain http, which is so on loopback only.
    pub fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The absolute address of a path here; `path` begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The same as [`Issuer::at`], ready for query parameters.
    pub fn url_at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// The host, with its port where it is not the scheme's own.
    pub fn host(&self) -> &str {
        self.text.split_once("://").map_or(&self.text, |(_, host)| host)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Issuer {
    type Err = BadIssuer;

    fn from_str(text: &str) -> Result<Self, BadIssuer> {
        let url = Url::parse(text).map_err(|_| BadIssuer::NotAnAddress)?;
        let host = url.host().ok_or(BadIssuer::NotAnAddress)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(BadIssuer::Insecure),
            _ => return Err(BadIssuer::NotAnAddress),
        }
        let origin = url.origin().ascii_serialization();
        if origin != text {
            return Err(BadIssuer::NotAnOrigin);
        }
        Ok(Self { text: origin, url })
    }
}

/// Whether an app is a web app or runs on the person's device (OpenID Connect Registration, section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// A web app.
    #[default]
    Web,
    /// An app on a device (RFC 8252).
    Native,
}

/// Why a redirect URI was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRedirect {
    /// Not an absolute URI, or one with characters that none has.
    #[error("not an absolute URI in its normal spelling")]
    NotAUri,
    /// A `*` in it.
    #[error("no wildcards: each redirect URI is registered whole")]
    Wildcard,
    /// A `#` in it.
    #[error("a redirect URI has no fragment (RFC 6749, section 3.1.2)")]
    Fragment,
    /// A user name or password in it.
    #[error("a redirect URI has no user name or password")]
    UserInfo,
    /// http outside loopback.
    #[error("plain http is for loopback hosts only")]
    Insecure,
    /// A scheme that no app may use.
    #[error(
        "the scheme must be https; http on loopback; or, for a public native app, a private one with a dot, such as com.example.app"
    )]
    Scheme,
    /// A parameter in its query that the answer itself carries.
    #[error("its query may not hold code, state, iss, error or another parameter of the answer")]
    ReservedParameter,
}

/// Names that our answer uses; in a registered query they would come twice (RFC 6749, section 3.1).
const RESERVED: [&str; 12] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "id_token",
    "access_token",
    "token_type",
    "expires_in",
    "session_state",
    "response",
];

/// Whether the port of a loopback redirect URI may be another than the registered one: a native app takes what is free
/// (RFC 8252, section 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreePort {
    /// It may not.
    No,
    /// It may where the host is an IP literal.
    OnLiterals,
    /// It may there, and on `localhost` (RFC 9700, section 2.1), for apps whose redirect URIs nobody here can correct.
    OnLoopback,
}

/// Where an app takes people back: registered whole, compared as text (RFC 9700, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppRedirect(String);

impl AppRedirect {
    /// Parses one as an app of this type may register it. `private_schemes` is for public native apps.
    ///
    /// # Errors
    /// What is wrong with it: see [`BadRedirect`].
    pub fn parse(text: &str, private_schemes: bool) -> Result<Self, BadRedirect> {
        if text.contains('*') {
            return Err(BadRedirect::Wildcard);
        }
        if text.contains('#') {
            return Err(BadRedirect::Fragment);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(BadRedirect::NotAUri);
        }
        let url = Url::parse(text).map_err(|_| BadRedirect::NotAUri)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadRedirect::UserInfo);
        }
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_loopback(&host) => {}
            ("http", Some(_)) => return Err(BadRedirect::Insecure),
            (scheme, _) if private_schemes && scheme.contains('.') => {}
            _ => return Err(BadRedirect::Scheme),
        }
        if url.query_pairs().any(|(name, _)| RESERVED.contains(&name.as_ref())) {
            return Err(BadRedirect::ReservedParameter);
        }
        Ok(Self(text.to_owned()))
    }

    /// As registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The redirect URI that a request names, if it is one of those `registered`; what the request may be answered to.
    pub fn select(registered: &[Self], requested: &str, free_port: FreePort) -> Option<Self> {
        registered.iter().any(|uri| uri.matches(requested, free_port)).then(|| Self(requested.to_owned()))
    }

    /// Whether a request's `redirect_uri` is this one: the same text, but for a port that is free.
    pub fn matches(&self, requested: &str, free_port: FreePort) -> bool {
        self.0 == requested || self.matches_but_port(requested, free_port)
    }

    fn matches_but_port(&self, requested: &str, free_port: FreePort) -> bool {
        let without = |text| split_loopback_port(text, free_port);
        without(&self.0).is_some_and(|ours| without(requested) == Some(ours))
    }

    /// The origin (or the scheme alone, for private-use ones), as a CSP source or for a person to read.
    pub fn origin(&self) -> String {
        match Url::parse(&self.0) {
            Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
            Ok(url) => format!("{}:", url.scheme()),
            Err(_) => String::new(),
        }
    }

    /// Whether it leads to the machine of the person.
    pub fn is_on_loopback(&self) -> bool {
        let is_local = |url: Url| url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host));
        Url::parse(&self.0).is_ok_and(is_local)
    }

    /// Host and port, as a person would recognise the app by.
    pub fn display_host(&self) -> String {
        let origin = self.origin();
        origin.split_once("://").map_or_else(|| origin.clone(), |(_, host)| host.to_owned())
    }
}

/// `http://127.0.0.1:7/cb` to (`127.0.0.1`, `/cb`), where the port is free: loopback in its normal spelling only.
fn split_loopback_port(text: &str, free_port: FreePort) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().map(|parsed| parsed.to_string()).as_deref() != Ok(port)) {
        return None;
    }
    let is_free = match free_port {
        FreePort::No => false,
        FreePort::OnLiterals => is_loopback_literal(host),
        FreePort::OnLoopback => host == "localhost" || is_loopback_literal(host),
    };
    is_free.then_some((host, path))
}

fn is_loopback_literal(host: &str) -> bool {
    let parsed: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    let normal = |literal: IpAddr| match literal {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    parsed.is_ok_and(|literal| literal.is_loopback() && normal(literal) == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_origin_in_its_normal_spelling() {
        for good in ["https://login.example.com", "http://127.0.0.1:8080", "http://[::1]:8080", "http://a.localhost"] {
            assert_eq!(good.parse::<Issuer>().map(|i| i.as_str().to_owned()), Ok(good.to_owned()));
        }
        for (bad, why) in [
            ("https://login.example.com/", BadIssuer::NotAnOrigin),
            ("https://login.example.com:443", BadIssuer::NotAnOrigin),
            ("https://Login.example.com", BadIssuer::NotAnOrigin),
            ("https://a@login.example.com", BadIssuer::NotAnOrigin),
            ("https://login.example.com/x", BadIssuer::NotAnOrigin),
            ("https://login.example.com?x", BadIssuer::NotAnOrigin),
            ("http://login.example.com", BadIssuer::Insecure),
            ("http://localhost.example.com", BadIssuer::Insecure),
            ("ftp://login.example.com", BadIssuer::NotAnAddress),
            ("login.example.com", BadIssuer::NotAnAddress),
        ] {
            assert_eq!(bad.parse::<Issuer>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn redirects_that_no_app_may_register() {
        for (bad, why) in [
            ("https://a.test/cb#x", BadRedirect::Fragment),
            ("https://*.a.test/cb", BadRedirect::Wildcard),
            ("https://u@a.test/cb", BadRedirect::UserInfo),
            ("https://a.test@evil.test/cb", BadRedirect::UserInfo),
            ("http://a.test/cb", BadRedirect::Insecure),
            ("http://127.0.0.1.nip.io/cb", BadRedirect::Insecure),
            ("javascript:alert(1)", BadRedirect::Scheme),
            ("data:text/html,x", BadRedirect::Scheme),
            ("myapp:/cb", BadRedirect::Scheme),
            ("com.example.app:/cb", BadRedirect::Scheme),
            ("/cb", BadRedirect::NotAUri),
            ("https://a.test\\@evil.test/cb", BadRedirect::NotAUri),
            ("https://a.test/c b", BadRedirect::NotAUri),
            ("https://a.test/cb?code=x", BadRedirect::ReservedParameter),
            ("https://a.test/cb?%73tate=x", BadRedirect::ReservedParameter),
        ] {
            assert_eq!(AppRedirect::parse(bad, false), Err(why), "{bad}");
        }
        assert!(AppRedirect::parse("com.example.app:/cb", true).is_ok());
        for never in ["javascript:alert(1)", "data:text/html,x", "myapp:/cb", "file:///etc/passwd", "intent:x"] {
            assert_eq!(AppRedirect::parse(never, true), Err(BadRedirect::Scheme), "{never}");
        }
    }

    #[test]
    fn matching_is_exact() {
        let registered = AppRedirect::parse("https://a.test/cb", false).unwrap();
        assert!(registered.matches("https://a.test/cb", FreePort::OnLoopback));
        for other in [
            "https://a.test/cb/",
            "https://a.test/cb?x=1",
            "https://a.test/CB",
            "https://a.test/cb/../cb",
            "https://a.test/c%62",
            "https://A.test/cb",
            "https://a.test:443/cb",
            "https://a.test./cb",
            "//a.test/cb",
            "",
        ] {
            assert!(!registered.matches(other, FreePort::OnLoopback), "{other}");
        }
    }

    #[test]
    fn a_free_port_is_for_loopback_alone() {
        let free = |uri: &AppRedirect, other| {
            uri.matches(other, FreePort::OnLiterals) && uri.matches(other, FreePort::OnLoopback)
        };
        let v4 = AppRedirect::parse("http://127.0.0.1/cb", false).unwrap();
        let v6 = AppRedirect::parse("http://[::1]:1/cb", false).unwrap();
        assert!(free(&v4, "http://127.0.0.1:49152/cb") && free(&v6, "http://[::1]:9/cb"));
        assert!(!v4.matches("http://127.0.0.1:49152/cb", FreePort::No));
        for other in [
            "http://127.0.0.1:49152/other",
            "http://localhost:1/cb",
            "http://127.0.0.1.nip.io/cb",
            "http://127.1/cb",
            "http://2130706433/cb",
            "https://127.0.0.1/cb",
            "http://127.0.0.1:065/cb",
            "http://127.0.0.1:99999/cb",
            "http://x@127.0.0.1:1/cb",
        ] {
            assert!(!v4.matches(other, FreePort::OnLoopback), "{other}");
        }
    }

    #[test]
    fn on_localhost_a_port_is_free_where_that_is_said() {
        let named = AppRedirect::parse("http://localhost/cb", false).unwrap();
        assert!(named.matches("http://localhost:3118/cb", FreePort::OnLoopback));
        assert!(!named.matches("http://localhost:3118/cb", FreePort::OnLiterals));
        for other in [
            "http://localhost:1/other",
            "http://localhost.evil.test:1/cb",
            "http://a.localhost:1/cb",
            "http://LOCALHOST:1/cb",
            "http://localhost.:1/cb",
            "http://127.0.0.1:1/cb",
            "https://localhost:1/cb",
            "http://x@localhost:1/cb",
        ] {
            assert!(!named.matches(other, FreePort::OnLoopback), "{other}");
        }
    }

    #[test]
    fn origins_for_people() {
        let web = AppRedirect::parse("https://notes.example.com/callback", false).unwrap();
        assert_eq!(
            (web.origin().as_str(), web.display_host().as_str()),
            ("https://notes.example.com", "notes.example.com")
        );
        let native = AppRedirect::parse("com.example.app:/cb", true).unwrap();
        assert_eq!(native.origin(), "com.example.app:");
    }
}
