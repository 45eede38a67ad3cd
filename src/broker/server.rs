//! Two listeners, one broker: the public one and the one for management. `serve`, the demo and the tests start both here.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle};
use rustls::{
    CipherSuite,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::task::JoinHandle;

use super::Broker;
use crate::{config::Tls, courier::Courier, keyring::Keyring, sweeper::Sweeper};

/// How long a stop waits for what is in flight.
const STOP_WITHIN: u64 = 10;
/// How long a client may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection may lie idle.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// The cipher suites of TLS 1.2 that RFC 9325, section 4.2, recommends.
const RECOMMENDED: [CipherSuite; 4] = [
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
];

/// Why listening does not begin.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken or not ours.
    #[error("{key} = \"{address}\": {error}")]
    Bind {
        /// The setting.
        key: &'static str,
        /// What it says.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// Certificate or key.
    #[error("listen.tls: {0}")]
    Tls(String),
    /// The server itself.
    #[error("the server does not start: {0}")]
    Server(#[from] io::Error),
}

/// Both sockets, bound before anything else begins, so that a taken port stops nothing halfway.
pub struct Sockets {
    /// The public one.
    pub public: TcpListener,
    /// The one for management.
    pub management: TcpListener,
}

impl Sockets {
    /// Binds what the configuration names.
    ///
    /// # Errors
    /// [`ListenError::Bind`] names the setting.
    pub fn bind(listen: &crate::config::Listen) -> Result<Self, ListenError> {
        let bind = |key, address| TcpListener::bind(address).map_err(|error| ListenError::Bind { key, address, error });
        Ok(Self {
            public: bind("listen.http", listen.http)?,
            management: bind("listen.management", listen.management)?,
        })
    }
}

/// A broker that runs.
pub struct Running {
    handles: [ServerHandle; 2],
    servers: Vec<JoinHandle<io::Result<()>>>,
    watchers: Vec<JoinHandle<()>>,
    courier: JoinHandle<()>,
    broker: Arc<Broker>,
}

impl Running {
    /// The broker, to be reloaded.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Says on `/readyz` that this instance is about to go.
    pub fn leave(&self) {
        self.broker.leaving.store(true, Ordering::Relaxed);
    }

    /// Stops: what is in flight is finished first, within ten seconds.
    pub async fn stop(self) {
        let [public, management] = self.handles;
        // What is on its way to an app arrives, or is given up, while the rest is finished.
        self.broker.courier().close();
        public.stop(true).await;
        management.stop(true).await;
        self.watchers.iter().for_each(JoinHandle::abort);
        for server in self.servers {
            let _ended = server.await;
        }
        let _ended = self.courier.await;
    }
}

/// Starts a broker on sockets that are bound already, with so many workers.
///
/// # Errors
/// [`ListenError`].
pub fn start(broker: Broker, sockets: Sockets, workers: usize) -> Result<Running, ListenError> {
    let broker = Arc::new(broker);
    let keys = tokio::spawn(Keyring::watch(Arc::clone(broker.keyring())));
    let sweeper = tokio::spawn(Sweeper::watch(Arc::clone(broker.sweeper())));
    let courier = tokio::spawn(Courier::watch(Arc::clone(broker.courier())));
    broker.fetch_logos();
    let for_public = Arc::clone(&broker);
    let public = HttpServer::new(move || App::new().configure(|cfg| for_public.routes(cfg)))
        .workers(workers)
        .shutdown_timeout(STOP_WITHIN)
        .client_request_timeout(HEAD_WITHIN)
        .keep_alive(KEEP_ALIVE)
        .disable_signals();
    let public = match &broker.config().listen.tls {
        Some(tls) => public.listen_rustls_0_23(sockets.public, server_config(tls)?)?,
        None => public.listen(sockets.public)?,
    }
    .run();
    let for_management = Arc::clone(&broker);
    let management = HttpServer::new(move || App::new().configure(|cfg| for_management.management(cfg)))
        .workers(1)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(sockets.management)?
        .run();
    let handles = [public.handle(), management.handle()];
    let servers = vec![tokio::spawn(public), tokio::spawn(management)];
    Ok(Running { handles, servers, watchers: vec![keys, sweeper], courier, broker })
}

/// TLS 1.2 and 1.3 alone, with what rustls holds safe; of 1.2 the recommended cipher suites and no others, as FAPI 2.0
/// demands (Security Profile, section 5.2.2).
fn server_config(tls: &Tls) -> Result<rustls::ServerConfig, ListenError> {
    let wrong = |what: &Path, error: &dyn std::fmt::Display| ListenError::Tls(format!("{}: {error}", what.display()));
    let chain = CertificateDer::pem_file_iter(&tls.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&tls.cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| wrong(&tls.key, &error))?;
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| suite.tls13().is_some() || RECOMMENDED.contains(&suite.suite()));
    rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ListenError::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&tls.cert, &error))
}
