//! Where an app behind the gate lives.

use std::{fmt, str::FromStr};

use super::urls::{AppRedirect, BadIssuer, Issuer};

/// The paths of a gated host that belong to the gate, and not to the app, begin with this.
pub const OWN_PATHS: &str = "/.vestibule";
/// Where a sign-in on a gated host begins.
pub const START: &str = "/.vestibule/start";
/// Where it comes back to.
pub const CALLBACK: &str = "/.vestibule/callback";
/// Where people sign out there.
pub const LOGOUT: &str = "/.vestibule/logout";
/// The header that says how a request came to be let through.
pub const AUTH: &str = "x-vestibule-auth";
/// The header with the signed assertion.
pub const JWT: &str = "x-vestibule-jwt";

/// The origin of an app behind the gate: https, or http on loopback; scheme, host and port in their normal spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateOrigin {
    origin: Issuer,
    callback: AppRedirect,
}

/// Why an origin was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGateOrigin {
    /// Not an address that an app may have.
    #[error("not an absolute https address")]
    NotAnAddress,
    /// http outside loopback.
    #[error("plain http is for loopback hosts only")]
    Insecure,
    /// More than an origin, or another spelling of one.
    #[error("an origin is scheme, host and port alone, in lower case, without a slash or a dot at its end")]
    NotAnOrigin,
}

impl FromStr for GateOrigin {
    type Err = BadGateOrigin;

    fn from_str(text: &str) -> Result<Self, BadGateOrigin> {
        let origin: Issuer = text.parse().map_err(|bad| match bad {
            BadIssuer::NotAnAddress => BadGateOrigin::NotAnAddress,
            BadIssuer::Insecure => BadGateOrigin::Insecure,
            BadIssuer::NotAnOrigin => BadGateOrigin::NotAnOrigin,
        })?;
        let callback = AppRedirect::parse(&origin.at(CALLBACK), false).map_err(|_| BadGateOrigin::NotAnAddress)?;
        let origin = Self { origin, callback };
        if origin.name().ends_with('.') { Err(BadGateOrigin::NotAnOrigin) } else { Ok(origin) }
    }
}

impl fmt::Display for GateOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl GateOrigin {
    /// As it was registered.
    pub fn as_str(&self) -> &str {
        self.origin.as_str()
    }

    /// Host, and port where it is not the scheme's own.
    pub fn authority(&self) -> &str {
        self.origin.host()
    }

    /// The host without its port: cookies know no ports.
    pub fn name(&self) -> &str {
        let authority = self.authority();
        match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => authority,
        }
    }

    /// Whether it is plain http, which is so on loopback only.
    pub fn is_plain_http(&self) -> bool {
        self.origin.is_plain_http()
    }

    /// The absolute address of a path there; `path` begins with a slash.
    pub fn at(&self, path: &str) -> String {
        self.origin.at(path)
    }

    /// Where sign-ins come back to.
    pub const fn callback(&self) -> &AppRedirect {
        &self.callback
    }

    /// The registered spelling of the authority that a request names, as far as spellings mean the same: any case, one
    /// dot at the end of the name, the scheme's own port. Whatever else it is stays what it is, and is registered by
    /// nobody.
    pub fn spelled(scheme: &str, authority: &str) -> String {
        let lower = authority.to_ascii_lowercase();
        let own_port = if scheme == "http" { ":80" } else { ":443" };
        let (name, port) = match lower.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
            _ => (lower.as_str(), None),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        match port {
            Some(port) if format!(":{port}") != own_port => format!("{name}:{port}"),
            _ => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_in_its_normal_spelling() {
        for (good, authority, name) in [
            ("https://wiki.example.com", "wiki.example.com", "wiki.example.com"),
            ("https://wiki.example.com:8443", "wiki.example.com:8443", "wiki.example.com"),
            ("http://wiki.localhost:81", "wiki.localhost:81", "wiki.localhost"),
            ("http://[::1]:81", "[::1]:81", "[::1]"),
            ("https://[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]"),
        ] {
            let origin: GateOrigin = good.parse().unwrap();
            assert_eq!((origin.as_str(), origin.authority(), origin.name()), (good, authority, name));
            assert_eq!(origin.callback().as_str(), format!("{good}/.vestibule/callback"));
        }
        for bad in [
            "https://wiki.example.com/",
            "https://Wiki.example.com",
            "https://wiki.example.com.",
            "https://wiki.example.com:443",
            "http://wiki.example.com",
            "wiki.example.com",
            "https://*.example.com",
            "https://a@wiki.example.com",
        ] {
            assert!(bad.parse::<GateOrigin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn spellings_that_mean_the_same_are_one() {
        for spelling in ["wiki.test", "WIKI.test", "wiki.test.", "wiki.test:443", "Wiki.Test.:443"] {
            assert_eq!(GateOrigin::spelled("https", spelling), "wiki.test", "{spelling}");
        }
        for other in
            ["wiki.test..", "wiki.test:80", "wiki.test:0443", "wiki.test:", "x@wiki.test", "wiki.test/", " wiki.test"]
        {
            assert_ne!(GateOrigin::spelled("https", other), "wiki.test", "{other}");
        }
    }
}
