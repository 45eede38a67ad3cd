//! How an app hears of people who left, signed out or changed their mind: `events_uri`, `events_poll`,
//! `backchannel_logout_uri`.

use crate::{
    config::{addresses::Reach, providers::optional, section::Section},
    types::{
        SecretText,
        app::{AppAuth, AppChannels, EventChannel, LogoutChannel},
    },
};

/// `auth` that is unreadable (`None`) is a mistake of its own.
pub(super) fn read(section: &Section<'_>, allow_loopback: bool, auth: Option<&AppAuth>) -> Option<AppChannels> {
    let reach = Reach { loopback: allow_loopback };
    let (events, logout) = (events(section, reach, auth), logout(section, reach));
    Some(AppChannels { events: events?, logout: logout? })
}

#[expect(clippy::option_option, reason = "absent, wrong and there are three things")]
fn events(section: &Section<'_>, reach: Reach, auth: Option<&AppAuth>) -> Option<Option<EventChannel>> {
    let uri = optional(section.get("events_uri").map(|value| value.url(reach)));
    let authorization = optional(section.get("events_authorization").map(|value| {
        let secret = value.secret()?;
        if !fits_a_header(&secret) {
            value.fault(
                "cannot be sent in a header",
                "write the whole value, such as \"Bearer …\", in plain characters",
            );
            return None;
        }
        Some(secret)
    }));
    let poll = section.get("events_poll").map_or(Some(false), |value| {
        let poll = value.flag()?;
        if poll && auth == Some(&AppAuth::Public) {
            value.fault("is for apps that can prove who they are", "give the app a secret_sha256, or remove the line");
            return None;
        }
        Some(poll)
    });
    let pushed = section.has("events_uri");
    if poll == Some(true) && pushed {
        section.refuse("events_poll", "is set beside events_uri", "choose one: we post events, or the app asks");
        return None;
    }
    if section.has("events_authorization") && !pushed {
        let problem = "says how to prove ourselves, but there is no events_uri";
        section.refuse("events_authorization", problem, "set events_uri, too, or remove the line");
        return None;
    }
    let (uri, authorization, poll) = (uri?, authorization?, poll?);
    let push = uri.map(|uri| EventChannel::Push { uri, authorization });
    Some(push.or_else(|| poll.then_some(EventChannel::Poll)))
}

/// Visible characters and spaces (RFC 9110, section 5.5).
fn fits_a_header(secret: &SecretText) -> bool {
    secret.expose().bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[expect(clippy::option_option, reason = "absent, wrong and there are three things")]
fn logout(section: &Section<'_>, reach: Reach) -> Option<Option<LogoutChannel>> {
    let uri = optional(section.get("backchannel_logout_uri").map(|value| value.url(reach)));
    const SESSION: &str = "backchannel_logout_session_required";
    let session_required = section.flag(SESSION, false);
    if session_required == Some(true) && !section.has("backchannel_logout_uri") {
        let problem = "says what must be told, but there is no backchannel_logout_uri";
        section.refuse(SESSION, problem, "set backchannel_logout_uri, too, or remove the line");
        return None;
    }
    let (uri, session_required) = (uri?, session_required?);
    Some(uri.map(|uri| LogoutChannel { uri, session_required }))
}
