//! What is open, the connections that lead there, and the guard: a name leads only where its host may.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
};
use url::Url;

use super::{
    Bounds, EgressError, addresses,
    machine::{Machine, Names},
};

/// How we introduce ourselves. Some providers turn away those who do not (GitHub).
const USER_AGENT: &str = concat!("vestibule/", env!("CARGO_PKG_VERSION"));

/// What one entry of the configuration opens: exactly this host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The host, as [`Url::host_str`] spells it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it may be on loopback, and there over plain http.
    pub loopback: bool,
    /// Whether it may be inside a private network.
    pub private: bool,
}

impl Opening {
    /// What opens the host and port of `url`; `None` for an address without a host.
    pub fn of(url: &Url, loopback: bool, private: bool) -> Option<Self> {
        let host = url.host_str()?.to_owned();
        Some(Self { host, port: url.port_or_known_default()?, loopback, private })
    }

    /// Whether its host may be at `ip`.
    pub(super) fn admits(&self, ip: IpAddr) -> bool {
        addresses::is_global(ip)
            || (self.loopback && ip.to_canonical().is_loopback())
            || (self.private && addresses::is_private(ip))
    }
}

/// A client and the hosts that are open to it. Hosts that are not open have another client, and so other
/// connections: an opened port opens no other one.
pub(super) struct Door {
    openings: Arc<[Opening]>,
    machine: Machine,
    client: OnceLock<Option<Client>>,
}

impl Door {
    pub(super) fn new(openings: Vec<Opening>, machine: &Machine) -> Arc<Self> {
        Arc::new(Self { openings: openings.into(), machine: machine.clone(), client: OnceLock::new() })
    }

    /// What opens the host and port of `url` here.
    pub(super) fn opening_for(&self, url: &Url) -> Option<&Opening> {
        self.openings
            .iter()
            .find(|opening| Some(&*opening.host) == url.host_str() && Some(opening.port) == url.port_or_known_default())
    }

    /// Made at the first use: reading the machine's certificates would delay the start.
    pub(super) fn client(&self, bounds: &Bounds) -> Result<&Client, EgressError> {
        let made = self.client.get_or_init(|| {
            let guard = Guard { openings: self.openings.clone(), names: Arc::clone(&self.machine.names) };
            make(bounds, self.machine.tls()?, guard)
        });
        made.as_ref().ok_or_else(|| EgressError::Unreachable("no TLS on this machine".into()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes HTTP clients")]
fn make(bounds: &Bounds, tls: rustls::ClientConfig, guard: Guard) -> Option<Client> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(bounds.connect)
        .timeout(bounds.whole)
        .pool_max_idle_per_host(8)
        .dns_resolver(Arc::new(guard))
        .build();
    client.inspect_err(|error| tracing::error!(%error, "no HTTP client")).ok()
}

/// Resolves names and drops every address that is out of bounds; the connection goes to one of those that are left,
/// so that a second look-up cannot lead elsewhere (DNS rebinding).
struct Guard {
    openings: Arc<[Opening]>,
    names: Arc<dyn Names>,
}

/// None of the addresses may be asked.
#[derive(Debug, thiserror::Error)]
#[error("{}", Self::WHY)]
pub(super) struct NotPublic;

impl NotPublic {
    pub(super) const WHY: &str = "it is not on the public internet";
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let opening = self.openings.iter().find(|opening| opening.host == name.as_str()).cloned();
        // Every name below it is the machine itself (RFC 6761, section 6.3), as it is to browsers; not every
        // resolver knows.
        let asked = if name.as_str().ends_with(".localhost") { "localhost" } else { name.as_str() };
        let found = self.names.addresses(asked);
        Box::pin(async move {
            let admits = |ip| opening.as_ref().map_or_else(|| addresses::is_global(ip), |opening| opening.admits(ip));
            let kept: Vec<SocketAddr> =
                found.await?.into_iter().filter(|ip| admits(*ip)).map(|ip| (ip, 0).into()).collect();
            if kept.is_empty() { Err(NotPublic.into()) } else { Ok(Box::new(kept.into_iter()) as Addrs) }
        })
    }
}
