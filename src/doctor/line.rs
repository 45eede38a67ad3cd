//! How the doctor asks: as a browser or a script outside would, without a cookie.

use std::{sync::Arc, time::Duration};

use http::{Request, Response, header};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;

use crate::{
    broker::World,
    config::Config,
    egress::{Egress, EgressError, Opening},
    types::Clock,
};

/// An answer, whole.
pub type Reply = Response<Vec<u8>>;

/// What somebody sends who opens a page.
pub const NAVIGATION: &[(&str, &str)] =
    &[("accept", "text/html,application/xhtml+xml"), ("sec-fetch-mode", "navigate")];
/// What a script sends.
pub const SCRIPT: &[(&str, &str)] =
    &[("accept", "application/json"), ("sec-fetch-mode", "cors"), ("x-requested-with", "XMLHttpRequest")];
/// What a browser sends that opens a WebSocket (RFC 6455, section 4.1; the key is the standard's own example).
pub const WEBSOCKET: &[(&str, &str)] = &[
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("sec-fetch-mode", "websocket"),
];

/// A line to the addresses that the configuration names, wherever they are.
pub struct Line {
    egress: Egress,
    clock: Arc<dyn Clock>,
}

impl Line {
    /// Opens what the operator named as their own: the issuer, the gated hosts, the management listener.
    pub fn new(config: &Config, management: &Url, world: &World) -> Self {
        let gates =
            config.apps.values().filter_map(|app| app.gate.as_ref()).filter_map(|gate| gate.at("/").parse().ok());
        let all: Vec<Url> = gates.chain([config.issuer.url_at("/"), management.clone()]).collect();
        let plain = all.iter().filter_map(plain);
        let openings = all.iter().cloned().chain(plain).filter_map(|url| Opening::of(&url, true, true)).collect();
        Self { egress: world.egress.opening(openings), clock: Arc::clone(&world.clock) }
    }

    /// Asks with GET. Redirects are not followed.
    pub async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Reply, EgressError> {
        Self::call(&self.egress, url, headers).await
    }

    /// Asks for an https address over plain http.
    pub async fn get_plain(&self, url: &Url) -> Result<Reply, EgressError> {
        let url = plain(url).ok_or(EgressError::Forbidden("it is not https"))?;
        Self::call(&self.egress.over_plain_http(), url.as_str(), NAVIGATION).await
    }

    async fn call(egress: &Egress, url: &str, headers: &[(&str, &str)]) -> Result<Reply, EgressError> {
        let request = headers.iter().fold(Request::get(url), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Vec::new()).map_err(|_| EgressError::Forbidden("it is not an address"))?;
        egress.call(request).await
    }

    /// How far the clock of whoever answered is from ours, as far as its `Date` (RFC 9110, section 6.6.1) says.
    pub fn skew(&self, reply: &Reply) -> Option<Duration> {
        let date = OffsetDateTime::parse(text(reply, &header::DATE), &Rfc2822).ok()?;
        Some(Duration::from_secs(date.unix_timestamp().unsigned_abs().abs_diff(self.clock.now().as_secs())))
    }
}

/// The address that plain http has for an https one on the standard's own port.
fn plain(url: &Url) -> Option<Url> {
    let rest = url.as_str().strip_prefix("https://").filter(|_| url.port().is_none())?;
    Url::parse(&format!("http://{rest}")).ok()
}

/// A header as text; empty where there is none.
pub fn text<'a>(reply: &'a Reply, name: &header::HeaderName) -> &'a str {
    reply.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Where a redirect leads.
pub fn location(reply: &Reply) -> Option<&str> {
    reply.status().is_redirection().then(|| text(reply, &header::LOCATION))
}
