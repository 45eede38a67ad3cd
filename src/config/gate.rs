//! `[gate]`: how forward-auth answers.

use std::time::Duration;

use super::{Gate, GateHeaders, lifetimes::within, section::Section};

pub(super) fn read(section: &Section<'_>) -> Option<Gate> {
    let default = Gate::default();
    let recheck = within(section, "recheck", default.recheck, Duration::ZERO, Duration::from_secs(60));
    let words = [("remote", GateHeaders::Remote), ("x-auth-request", GateHeaders::XAuthRequest)];
    let headers = section.get("headers").map_or(Some(default.headers), |value| value.one_of(&words));
    let bearer = section.get("authorization_bearer").map_or(Some(default.authorization_bearer), |value| value.flag());
    Some(Gate { recheck: recheck?, headers: headers?, authorization_bearer: bearer? })
}
