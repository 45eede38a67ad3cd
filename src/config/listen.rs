//! `[listen]`: where, and whom we believe.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::{Listen, Tls, faults::quoted, section::Section, value::Value};
use crate::types::urls::Issuer;

const HTTP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const MANAGEMENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);

pub(super) fn read(section: &Section<'_>, issuer: Option<&Issuer>) -> Option<Listen> {
    let http = address(section, "http", HTTP);
    let management = address(section, "management", MANAGEMENT);
    let proxies = section.get("trusted_proxies").map_or(Some(Vec::new()), |value| value.list(trusted_proxy));
    let tls = section.get("tls").map(|value| (tls(&value), value));
    if let (Some(http), Some(management)) = (http, management)
        && http == management
        && http.port() != 0
    {
        section.fault(
            "http and management are the same address",
            "give management a port of its own that only you can reach",
        );
    }
    if let (Some((_, value)), Some(true)) = (&tls, issuer.map(Issuer::is_plain_http)) {
        value.fault("TLS would end here, but the issuer is plain http", "make the issuer https, or remove tls");
    }
    Some(Listen {
        http: http?,
        management: management?,
        trusted_proxies: proxies?,
        tls: match tls {
            Some((tls, _)) => Some(tls?),
            None => None,
        },
    })
}

fn address(section: &Section<'_>, key: &str, default: SocketAddr) -> Option<SocketAddr> {
    section.get(key).map_or(Some(default), |value| {
        value.parsed(r#"write an IP address and a port, such as "0.0.0.0:8080" or "[::]:8080""#)
    })
}

fn tls(value: &Value<'_>) -> Option<Tls> {
    const REMEDY: &str = r#"write tls = { cert = "chain.pem", key = "key.pem" }"#;
    let section = value.section()?;
    let cert = section.required("cert", REMEDY).and_then(|value| value.file());
    let key = section.required("key", REMEDY).and_then(|value| value.secret_file());
    Some(Tls { cert: cert?, key: key? })
}

/// A network whose members may say where requests come from. Whoever is in it can take any address, so the whole
/// internet, or a large part of it, is refused.
fn trusted_proxy(value: &Value<'_>) -> Option<IpNet> {
    let text = value.text()?;
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let Ok(net) = net else {
        value.fault(format!("{} is not a network", quoted(text)), r#"write one such as "10.0.0.0/8" or "127.0.0.1""#);
        return None;
    };
    if is_too_wide(net) {
        value.fault(
            format!("{net} would let strangers choose the address that they seem to come from"),
            "name the addresses of your own proxies",
        );
        return None;
    }
    Some(net.trunc())
}

/// Wider than any private network: 10.0.0.0/8 (RFC 1918) and fc00::/7 (RFC 4193) are the widest.
fn is_too_wide(net: IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() < 8,
        // ::ffff:0:0/96 is all of IPv4.
        IpNet::V6(net) => net.prefix_len() < 7 || (net.prefix_len() < 104 && net.network().to_ipv4_mapped().is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_as_wide_as_the_internet() {
        for wide in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "::ffff:0:0/96", "::ffff:0:0/97"] {
            assert!(is_too_wide(wide.parse().unwrap()), "{wide}");
        }
        for own in ["10.0.0.0/8", "fc00::/7", "127.0.0.1/32", "::1/128", "::ffff:10.0.0.0/104"] {
            assert!(!is_too_wide(own.parse().unwrap()), "{own}");
        }
    }
}
