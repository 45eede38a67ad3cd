//! What a client makes up: identity headers in every spelling, and headers that tell the gate of another request.

use super::{
    Report,
    gated::Host,
    ills,
    line::{NAVIGATION, SCRIPT},
};
use crate::types::gate::{AUTH, JWT};

/// A value that nobody else sends.
const CANARY: &str = "vestibule-doctor-made-this-up";

/// Every identity header of the configured set, as named, and in spellings that some apps take for the same.
fn spellings(host: &Host<'_>) -> Vec<String> {
    let names = host.config.gate.headers.names().into_iter().chain([AUTH, JWT]);
    names.flat_map(|name| [name.to_owned(), name.replace('-', "_"), name.replace('-', ".")]).collect()
}

/// None of them opens what needs a sign-in, nor does a request that says it is another one.
pub async fn passing(host: &Host<'_>, path: &str, open: Option<&str>, report: &mut Report) {
    let at = host.origin.at(path);
    for name in spellings(host) {
        let headers = [NAVIGATION, &[(name.as_str(), CANARY)]].concat();
        if host.line.get(&at, &headers).await.is_ok_and(|reply| reply.status().is_success()) {
            report.add(&ills::FORGED_PASSES, &at, format!("a made-up {name} opens it"));
        }
    }
    let other = host.origin.at(open.unwrap_or("/favicon.ico"));
    let path = open.unwrap_or("/favicon.ico");
    let retold = [
        ("x-forwarded-uri", path),
        ("x-forwarded-method", "OPTIONS"),
        ("x-original-url", other.as_str()),
        ("x-original-uri", path),
        ("x-original-method", "OPTIONS"),
    ];
    let headers = [NAVIGATION, &retold].concat();
    if host.line.get(&at, &headers).await.is_ok_and(|reply| reply.status().is_success()) {
        report.add(&ills::RETOLD, &at, "a client that says it asks for another address gets this one");
    }
}

/// None of them reaches the app, as far as a page that is open to anyone shows what it was sent.
pub async fn arriving(host: &Host<'_>, path: &str, report: &mut Report) {
    let at = host.origin.at(path);
    for name in spellings(host) {
        let headers = [SCRIPT, &[(name.as_str(), CANARY)]].concat();
        let Ok(reply) = host.line.get(&at, &headers).await else { continue };
        if String::from_utf8_lossy(reply.body()).contains(CANARY) {
            report.add(&ills::FORGED_ARRIVES, &at, format!("the app is sent a made-up {name}"));
        }
    }
}
