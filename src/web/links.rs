//! Addresses of our own, as functions: nobody formats a path by hand.

use crate::types::{AppId, ProviderId, ids::RandomId};

/// OpenID Connect Discovery.
pub const DISCOVERY: &str = "/.well-known/openid-configuration";
/// RFC 8414.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
/// The keys.
pub const JWKS: &str = "/jwks";
/// UserInfo as a protected resource (RFC 9728).
pub const RESOURCE: &str = "/.well-known/oauth-protected-resource/userinfo";
/// How apps are told what happens (SSF 1.0, section 7.2).
pub const SSF: &str = "/.well-known/ssf-configuration";
/// Where an app fetches its events (RFC 8936).
pub const POLL: &str = "/events/poll";
/// Authorization endpoint.
pub const AUTHORIZE: &str = "/authorize";
/// Where steps of an attempt return to.
pub const CONTINUE: &str = "/authorize/continue";
/// Token endpoint.
pub const TOKEN: &str = "/token";
/// Revocation endpoint (RFC 7009).
pub const REVOKE: &str = "/revoke";
/// Introspection endpoint (RFC 7662).
pub const INTROSPECT: &str = "/introspect";
/// Device authorization endpoint (RFC 8628).
pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
/// Where a person types the code of a device.
pub const DEVICE: &str = "/device";
/// Where a person says whether the device is theirs.
pub const DEVICE_CONFIRM: &str = "/device/confirm";
/// Where a person is told that the device is connected.
pub const DEVICE_CONNECTED: &str = "/device/connected";
/// Where a person is told that it is not.
pub const DEVICE_DECLINED: &str = "/device/declined";
/// Where a person is told that they were too late.
pub const DEVICE_EXPIRED: &str = "/device/expired";
/// Pushed authorization requests (RFC 9126).
pub const PAR: &str = "/par";
/// Registration of apps (RFC 7591).
pub const REGISTER: &str = "/register";
/// UserInfo endpoint.
pub const USERINFO: &str = "/userinfo";
/// End-session endpoint.
pub const LOGOUT: &str = "/logout";
/// Where the answer to "sign out?" goes.
pub const LOGOUT_ANSWER: &str = "/logout/answer";
/// Where a person is told that they are signed out.
pub const SIGNED_OUT: &str = "/logout/done";
/// `check_session_iframe` (Session Management 1.0).
pub const SESSION_CHECK: &str = "/session/check";
/// Where browsers learn of [`FEDCM_CONFIG`] (FedCM).
pub const WEB_IDENTITY: &str = "/.well-known/web-identity";
/// What browsers have to know of us (FedCM).
pub const FEDCM_CONFIG: &str = "/fedcm/config.json";
/// Whose accounts this browser holds.
pub const FEDCM_ACCOUNTS: &str = "/fedcm/accounts";
/// What a person may read of an app before they sign in.
pub const FEDCM_CLIENT: &str = "/fedcm/client";
/// Where a browser fetches the answer to an app.
pub const FEDCM_ASSERTION: &str = "/fedcm/assertion";
/// Where a window goes on that the browser opened to ask the person.
pub const FEDCM_CONTINUE: &str = "/fedcm/continue";
/// Where a browser takes a person to sign in.
pub const FEDCM_LOGIN: &str = "/fedcm/login";
/// Where a window that the browser opened ends.
pub const FEDCM_DONE: &str = "/fedcm/done";
/// Where an app parts from a person.
pub const FEDCM_DISCONNECT: &str = "/fedcm/disconnect";
/// Choosing a provider.
pub const LOGIN: &str = "/login";
/// What an app may see.
pub const CONSENT: &str = "/consent";
/// The privacy page.
pub const ACCOUNT: &str = "/account";
/// The apps of a person, page by page.
pub const ACCOUNT_APPS: &str = "/account/apps";
/// What happened to an account, page by page.
pub const HISTORY: &str = "/account/history";
/// What an app would get.
pub const PREVIEW: &str = "/account/preview";
/// Where a visit to it, or an errand that began there, goes on.
pub const VISIT: &str = "/account/continue";
/// Adding a way to sign in.
pub const LINK: &str = "/account/link";
/// Deleting everything.
pub const DELETE: &str = "/account/delete";
/// How far a deletion is.
pub const STATUS: &str = "/status";
/// Everything that is kept about a person, to take with them.
pub const EXPORT: &str = "/account/export";
/// The published shape of its files.
pub const EXPORT_SCHEMA: &str = "/account/export/schema";
/// The front page.
pub const HOME: &str = "/";
/// What is kept and why.
pub const PRIVACY: &str = "/privacy";
/// The choice of a language.
pub const LANGUAGE: &str = "/language";
/// Where providers tell us of people, below it the provider.
pub const EVENTS: &str = "/events";

/// Where a provider sends what it tells: `what` is the last word of the route.
pub fn events(provider: &ProviderId, what: &str) -> String {
    format!("{EVENTS}/{provider}/{what}")
}

/// The page after signing out, with what it is to do.
pub fn signed_out(farewell: &str) -> String {
    format!("{SIGNED_OUT}?farewell={farewell}")
}

/// Where a registration is managed (RFC 7592).
pub fn registration(app: &AppId) -> String {
    format!("{REGISTER}/{app}")
}

/// The question whether a device is the person's own, for an attempt.
pub fn device_confirm(attempt: RandomId) -> String {
    format!("{DEVICE_CONFIRM}?attempt={attempt}")
}

/// The choice of a provider for an attempt.
pub fn login(attempt: RandomId) -> String {
    format!("{LOGIN}?attempt={attempt}")
}

/// The question what the app of an attempt may see.
pub fn consent(attempt: RandomId) -> String {
    format!("{CONSENT}?attempt={attempt}")
}

/// Where an attempt goes on.
pub fn go_on(attempt: RandomId) -> String {
    format!("{CONTINUE}?attempt={attempt}")
}

/// Where a person tells an attempt no.
pub fn decline(attempt: RandomId) -> String {
    format!("{CONTINUE}?attempt={attempt}&answer=no")
}

/// Where a visit goes on.
pub fn visit(visit: RandomId) -> String {
    format!("{VISIT}?attempt={visit}")
}

/// The question whether somebody is to be added.
pub fn link(visit: RandomId) -> String {
    format!("{LINK}?attempt={visit}")
}

/// Where a visit leads.
pub const fn visited(in_window: bool) -> &'static str {
    if in_window { FEDCM_DONE } else { ACCOUNT }
}

/// How far a deletion is, for whoever has its code.
pub fn status(code: &str) -> String {
    format!("{STATUS}/{code}")
}

/// Where a provider sends people back to: one address for each (RFC 9700, section 4.4.2.2).
pub fn callback(provider: &ProviderId) -> String {
    format!("/callback/{provider}")
}
