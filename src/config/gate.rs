//! `[gate]`: how forward-auth answers.

use std::time::Duration;

use super::{Gate, GateHeaders, lifetimes::within, section::Section};

impl GateHeaders {
    /// The names of the headers that tell who, at which address, called what, and in which groups.
    pub const fn names(self) -> [&'static str; 4] {
        match self {
            Self::Remote => ["remote-user", "remote-email", "remote-name", "remote-groups"],
            Self::XAuthRequest => [
                "x-auth-request-user",
                "x-auth-request-email",
                "x-auth-request-preferred-username",
                "x-auth-request-groups",
            ],
        }
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Gate> {
    let default = Gate::default();
    let recheck = within(section, "recheck", default.recheck, Duration::ZERO, Duration::from_secs(60));
    let words = [("remote", GateHeaders::Remote), ("x-auth-request", GateHeaders::XAuthRequest)];
    let headers = section.get("headers").map_or(Some(default.headers), |value| value.one_of(&words));
    let bearer = section.flag("authorization_bearer", default.authorization_bearer);
    let unverified = section.flag("unverified_email", default.unverified_email);
    Some(Gate { recheck: recheck?, headers: headers?, authorization_bearer: bearer?, unverified_email: unverified? })
}
