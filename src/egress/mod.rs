//! The only HTTP client of the house. Whatever it fetches is hostile until parsed: https alone, no redirects, no
//! proxy from the environment, short times, small bodies, no decompression, and only addresses of the public
//! internet. What an entry of the configuration opens (`allow_loopback`, `allow_private`) is open for its own host and port.

mod addresses;
mod door;
mod machine;

use std::{error::Error as _, net::IpAddr, sync::Arc, time::Duration};

use url::{Host, Url};

use crate::types::{App, urls::is_loopback};

pub use door::Opening;
use door::{Door, NotPublic};
pub use machine::{Machine, Names};

/// The most characters of a foreign text that reach a log line.
const SHOWN: usize = 100;

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// For the connection, name and TLS included.
    pub connect: Duration,
    /// For the whole answer, to its last byte.
    pub whole: Duration,
    /// For all that one step of a sign-in asks.
    pub step: Duration,
    /// How many bytes an answer may have.
    pub body: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self { connect: secs(3), whole: secs(8), step: secs(10), body: 1024 * 1024 }
    }
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address may not be asked.
    #[error("the address is out of bounds: {0}")]
    Forbidden(&'static str),
    /// Nobody answers there, or not in time.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is too long.
    #[error("the answer is too long")]
    TooLong,
}

/// The client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Egress {
    bounds: Bounds,
    machine: Machine,
    closed: Arc<Door>,
    open: Option<Arc<Door>>,
    plain: bool,
}

impl Default for Egress {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Egress {
    /// A client for the public internet.
    pub fn new(bounds: Bounds) -> Self {
        Self::on(Machine::default(), bounds)
    }

    /// The same on such a machine.
    pub fn on(machine: Machine, bounds: Bounds) -> Self {
        Self { bounds, closed: Door::new(Vec::new(), &machine), machine, open: None, plain: false }
    }

    /// The same, with these openings instead of any other.
    #[must_use]
    pub fn opening(&self, openings: Vec<Opening>) -> Self {
        Self { open: (!openings.is_empty()).then(|| Door::new(openings, &self.machine)), ..self.clone() }
    }

    /// The same for what an app names of itself: its own host and port are open where the operator says so, and no other.
    #[must_use]
    pub fn for_app(&self, app: &App, url: &Url) -> Self {
        if !app.allow_loopback && !app.allow_private {
            return self.clone();
        }
        self.opening(Opening::of(url, app.allow_loopback, app.allow_private).into_iter().collect())
    }

    /// The same, which also asks the openings over plain http: to see whether that leads to https, and for nothing that
    /// must stay secret.
    #[must_use]
    pub fn over_plain_http(&self) -> Self {
        Self { plain: true, ..self.clone() }
    }

    /// The same with other bounds, and without openings.
    #[must_use]
    pub fn within(&self, bounds: Bounds) -> Self {
        Self::on(self.machine.clone(), bounds)
    }

    /// The same, taking no more than so many bytes of an answer.
    #[must_use]
    pub fn taking(&self, body: usize) -> Self {
        Self { bounds: Bounds { body, ..self.bounds }, ..self.clone() }
    }

    /// How long and how much.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Whether `url` may be asked, as far as that shows without asking a name server.
    ///
    /// # Errors
    /// [`EgressError::Forbidden`], with the reason.
    pub fn admit(&self, url: &Url) -> Result<(), EgressError> {
        self.door(url).map(drop)
    }

    fn door(&self, url: &Url) -> Result<&Door, EgressError> {
        let host = url.host().ok_or(EgressError::Forbidden("it has no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::Forbidden("it has a user name or password"));
        }
        let opened = self.open.as_deref().and_then(|door| Some((door, door.opening_for(url)?)));
        let loopback = opened.is_some_and(|(_, opening)| opening.loopback) && is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback || (self.plain && opened.is_some()) => {}
            "http" => return Err(EgressError::Forbidden("plain http is for an allowed loopback host")),
            _ => return Err(EgressError::Forbidden("it is not https")),
        }
        let literal = match host {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        };
        let admits = |ip| opened.map_or_else(|| addresses::is_global(ip), |(_, opening)| opening.admits(ip));
        match literal {
            Some(ip) if !admits(ip) => Err(EgressError::Forbidden(NotPublic::WHY)),
            _ => Ok(opened.map_or(&*self.closed, |(door, _)| door)),
        }
    }

    /// Asks, and takes the answer whole. Status and body are left to the caller, and when to ask again; redirects are
    /// not followed.
    ///
    /// # Errors
    /// See [`EgressError`].
    pub async fn call(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, EgressError> {
        let malformed = EgressError::Forbidden("it is not an address");
        let url = Url::parse(&request.uri().to_string()).map_err(|_| malformed.clone())?;
        let client = self.door(&url)?.client(&self.bounds)?;
        let request = reqwest::Request::try_from(request).map_err(|_| malformed)?;
        let mut answer = client.execute(request).await.map_err(|error| explain(&error))?;
        let headers = std::mem::take(answer.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&error))? {
            if body.len().saturating_add(chunk.len()) > self.bounds.body {
                return Err(EgressError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// The innermost cause in words; the address is left out, since it may carry a token.
fn explain(error: &reqwest::Error) -> EgressError {
    if error.is_timeout() {
        return EgressError::Unreachable("no answer in time".into());
    }
    let mut cause = error.source();
    let mut text = String::from("the connection broke");
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return EgressError::Forbidden(NotPublic::WHY);
        }
        text = inner.to_string();
        cause = inner.source();
    }
    EgressError::Unreachable(text.chars().flat_map(char::escape_default).take(SHOWN).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(egress: &Egress, text: &str) -> bool {
        egress.admit(&Url::parse(text).unwrap()).is_ok()
    }

    #[test]
    fn addresses_that_may_be_asked() {
        let egress = Egress::default();
        for good in
            ["https://op.example", "https://op.example:8443/x", "https://8.8.8.8/", "https://[2606:4700::1111]/"]
        {
            assert!(admits(&egress, good), "{good}");
        }
        for bad in [
            "http://op.example",
            "http://127.0.0.1",
            "https://127.0.0.1",
            "https://10.0.0.1",
            "https://169.254.169.254/latest/meta-data",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://u@op.example",
            "https://u:p@op.example",
            "https://:p@op.example",
            "file:///etc/passwd",
            "gopher://op.example/",
            "ftp://op.example/",
            "data:text/plain,x",
            "ws://op.example/",
        ] {
            assert!(!admits(&egress, bad), "{bad}");
        }
    }

    #[test]
    fn an_opening_opens_its_own_host_and_port() {
        let open = |text: &str, loopback, private| {
            Egress::default().opening(vec![Opening::of(&Url::parse(text).unwrap(), loopback, private).unwrap()])
        };
        let local = open("http://127.0.0.1:9101", true, false);
        assert!(admits(&local, "http://127.0.0.1:9101/token") && admits(&local, "https://127.0.0.1:9101/token"));
        for other in ["http://127.0.0.1:9102", "http://127.0.0.2:9101", "http://[::1]:9101", "http://localhost:9101"] {
            assert!(!admits(&local, other), "{other}");
        }
        let inside = open("https://10.0.0.7:8443", false, true);
        assert!(admits(&inside, "https://10.0.0.7:8443/token"));
        for other in ["http://10.0.0.7:8443", "https://10.0.0.7", "https://10.0.0.8:8443"] {
            assert!(!admits(&inside, other), "{other}");
        }
        assert!(!admits(&open("https://169.254.169.254", true, true), "https://169.254.169.254"));
        assert!(!admits(&open("http://op.example", true, false), "http://op.example"), "http is for loopback hosts");
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_refused() {
        let ask = |egress: Egress, url: &'static str| async move {
            egress.call(http::Request::get(url).body(Vec::new()).unwrap()).await.map(drop)
        };
        assert_eq!(
            ask(Egress::default(), "https://localhost:1/").await,
            Err(EgressError::Forbidden(NotPublic::WHY)),
            "the name resolves to loopback"
        );
        let private = vec![Opening { host: "localhost".into(), port: 1, loopback: false, private: true }];
        assert_eq!(
            ask(Egress::default().opening(private), "https://localhost:1/").await,
            Err(EgressError::Forbidden(NotPublic::WHY))
        );
        let loopback = vec![Opening { host: "localhost".into(), port: 1, loopback: true, private: false }];
        let refused = ask(Egress::default().opening(loopback), "http://localhost:1/").await;
        assert!(matches!(refused, Err(EgressError::Unreachable(_))), "asked, and nobody is there: {refused:?}");
    }
}
