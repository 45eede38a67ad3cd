//! What the client takes from the machine that it runs on: whom TLS believes, and where names lead. Both are parameters,
//! as time and chance are.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use futures_util::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// Tells where names lead.
pub trait Names: Send + Sync + 'static {
    /// The addresses of a host. Whether one of them may be asked is decided elsewhere.
    ///
    /// # Errors
    /// Nobody knows the host, or can be asked.
    fn addresses(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The machine's own resolver.
struct Resolver;

impl Names for Resolver {
    fn addresses(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) })
    }
}

/// A machine, as far as it matters to the client. Cheap to clone; clones read certificates once.
#[derive(Clone)]
pub struct Machine {
    trust: Arc<OnceLock<Option<ClientConfig>>>,
    pub(super) names: Arc<dyn Names>,
}

impl Default for Machine {
    /// This one.
    fn default() -> Self {
        Self { trust: Arc::default(), names: Arc::new(Resolver) }
    }
}

impl Machine {
    /// One that trusts and finds whom it is told.
    pub fn new(trust: ClientConfig, names: impl Names) -> Self {
        Self { trust: Arc::new(OnceLock::from(Some(trust))), names: Arc::new(names) }
    }

    /// TLS with the trust of this machine, read at the first use; `None` where there can be none.
    pub(super) fn tls(&self) -> Option<ClientConfig> {
        self.trust.get_or_init(own_trust).clone()
    }
}

/// A machine without any certificates (a bare container) can still reach plain loopback; every handshake fails there.
fn own_trust() -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = || ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    match builder().and_then(BuilderVerifierExt::with_platform_verifier) {
        Ok(config) => Some(config.with_no_client_auth()),
        Err(error) => {
            tracing::warn!(%error, "no trusted certificates: no provider can be reached over https");
            let nobody = RootCertStore::empty();
            Some(builder().ok()?.with_root_certificates(nobody).with_no_client_auth())
        }
    }
}
