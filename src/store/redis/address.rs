//! What `store.url` says about Redis. Each node's address is parsed by the client library; here stands what it
//! has no syntax for, several nodes in one address:
//!
//! - `redis://[user:password@]host[:port][/database]`, `rediss://…` with TLS;
//! - `redis+sentinel://[user:password@]host[:port],host…/service[/database]`;
//! - `redis+cluster://[user:password@]host[:port],host…`.
//!
//! The last two take `?tls=true`; Sentinel, where it asks for a login of its own, `sentinel_user` and
//! `sentinel_password`.

use std::{collections::HashMap, time::Duration};

use redis::{
    Client, ConnectionInfo, IntoConnectionInfo, TlsMode,
    cluster::ClusterClient,
    io::tcp::TcpSettings,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};

use super::link::{CONNECT, RESPONSE, Source};
use crate::store::OpenStoreError;

type Parsed<T> = Result<T, OpenStoreError>;

const SINGLE: &str = "not an address of Redis: redis://[user:password@]host[:port][/database], or rediss:// for TLS";
const SENTINEL: &str = "not an address of Sentinel: redis+sentinel://[user:password@]host[:port],…/service[/database]";
const CLUSTER: &str = "not an address of a cluster: redis+cluster://[user:password@]host[:port],…";

pub(super) fn parse(address: &str) -> Parsed<Source> {
    let source = match address.split_once("://") {
        Some(("redis+sentinel", rest)) => Source::Sentinel(Box::new(sentinel(rest)?.into())),
        Some(("redis+cluster", rest)) => Source::Cluster(Box::new(cluster(rest)?)),
        _ => Source::Single(Box::new(single(address)?)),
    };
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Whoever else installs the same one at the same moment is as welcome.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    Ok(source)
}

fn single(address: &str) -> Parsed<Client> {
    node(address).and_then(|info| Client::open(info).ok()).ok_or(OpenStoreError::Address(SINGLE))
}

fn node(address: &str) -> Option<ConnectionInfo> {
    address.into_connection_info().ok().map(|info| info.set_tcp_settings(tcp()))
}

/// A peer that vanished without a word is noticed as soon as an answer would be late.
fn tcp() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(RESPONSE);
    settings
}

/// The parts of an address with several nodes.
struct Several<'a> {
    login: &'a str,
    hosts: Vec<&'a str>,
    path: Vec<&'a str>,
    options: HashMap<String, String>,
}

impl<'a> Several<'a> {
    fn split(rest: &'a str) -> Self {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let mut parts = rest.split('/');
        Self {
            login,
            hosts: parts.next().unwrap_or_default().split(',').collect(),
            path: parts.filter(|part| !part.is_empty()).collect(),
            options: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        }
    }

    fn knows_only(&self, names: &[&str]) -> bool {
        self.options.keys().all(|name| names.contains(&name.as_str()))
    }

    fn tls(&self) -> Option<bool> {
        match self.options.get("tls").map(String::as_str) {
            None | Some("false") => Some(false),
            Some("true") => Some(true),
            Some(_) => None,
        }
    }

    /// Each node, with the login of the address and `port` where it has none.
    fn nodes(&self, port: u16, path: &str) -> Option<Vec<ConnectionInfo>> {
        let scheme = if self.tls()? { "rediss" } else { "redis" };
        let at = if self.login.is_empty() { "" } else { "@" };
        let with_port = |host: &str| match host.rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => host.to_owned(),
            _ => format!("{host}:{port}"),
        };
        let nodes = self.hosts.iter().map(|host| format!("{scheme}://{}{at}{}/{path}", self.login, with_port(host)));
        nodes.map(|address| node(&address)).collect()
    }
}

fn cluster(rest: &str) -> Parsed<ClusterClient> {
    let several = Several::split(rest);
    let nodes = several.nodes(6379, "").filter(|_| several.path.is_empty() && several.knows_only(&["tls"]));
    nodes
        .and_then(|nodes| {
            ClusterClient::builder(nodes)
                .connection_timeout(CONNECT)
                .response_timeout(RESPONSE)
                // Twice: to follow a slot that has moved. A script that comes twice tells so itself.
                .retries(2)
                .max_retry_wait(Duration::from_millis(100).as_millis().try_into().unwrap_or(100))
                .tcp_settings(tcp())
                .build()
                .ok()
        })
        .ok_or(OpenStoreError::Address(CLUSTER))
}

fn sentinel(rest: &str) -> Parsed<SentinelClient> {
    sentinel_client(rest).ok_or(OpenStoreError::Address(SENTINEL))
}

fn sentinel_client(rest: &str) -> Option<SentinelClient> {
    let several = Several::split(rest);
    if !several.knows_only(&["tls", "sentinel_user", "sentinel_password"]) {
        return None;
    }
    let (&service, path) = several.path.split_first()?;
    let nodes = several.nodes(26379, &path.join("/"))?;
    let redis = nodes.first()?.redis_settings().clone();
    let addresses = nodes.iter().map(|node| node.addr().clone());
    let mut builder = SentinelClientBuilder::new(addresses, service, SentinelServerType::Master)
        .ok()?
        .set_client_to_redis_db(redis.db())
        .set_client_to_redis_tcp_settings(tcp())
        .set_client_to_sentinel_tcp_settings(tcp());
    if several.tls()? {
        builder =
            builder.set_client_to_redis_tls_mode(TlsMode::Secure).set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(user) = redis.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = redis.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(user) = several.options.get("sentinel_user") {
        builder = builder.set_client_to_sentinel_username(user);
    }
    if let Some(password) = several.options.get("sentinel_password") {
        builder = builder.set_client_to_sentinel_password(password);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_run_redis_has_its_address() {
        for good in ["redis://127.0.0.1", "rediss://:secret@redis.example:6380/2", "redis://[::1]:7/0"] {
            assert!(matches!(parse(good), Ok(Source::Single(_))), "{good}");
        }
        for good in ["redis+cluster://a,b:7001,[::1]", "redis+cluster://u:p%40ss@a:1,b?tls=true"] {
            assert!(matches!(parse(good), Ok(Source::Cluster(_))), "{good}");
        }
        for good in ["redis+sentinel://a,b:26380/main", "redis+sentinel://:p@a/main/3?tls=true&sentinel_password=x"] {
            assert!(matches!(parse(good), Ok(Source::Sentinel(_))), "{good}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_not_repeated() {
        for bad in [
            "redis://",
            "redis://:s3cret@host:port",
            "redis://:s3cret@host/notanumber",
            "http://:s3cret@host",
            "redis+sentinel://:s3cret@host",
            "redis+sentinel://:s3cret@host/main?tsl=true",
            "redis+cluster://:s3cret@host/1",
            "redis+cluster://:s3cret@a,,b?tls=yes",
        ] {
            let error = parse(bad).err().expect(bad).to_string();
            assert!(!error.contains("s3cret") && error.starts_with("store.url"), "{error}");
        }
    }
}
