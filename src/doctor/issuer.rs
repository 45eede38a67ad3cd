//! The issuer's own address, as apps and browsers reach it.

use std::time::Duration;

use http::header;
use serde_json::Value;

use super::{
    Report, ills,
    line::{Line, Reply, location, text},
};
use crate::{types::urls::Issuer, web::links};

/// How far two clocks may be from each other: what apps commonly allow when they check a token.
const MAX_SKEW: Duration = Duration::from_secs(30);

/// Looks at discovery, keys, clock and https.
pub async fn examine(line: &Line, issuer: &Issuer, report: &mut Report) {
    let at = issuer.at(links::DISCOVERY);
    match line.get(&at, &[]).await {
        Err(error) => return report.add(&ills::UNREACHABLE, at, error.to_string()),
        Ok(reply) => discovery(issuer, &at, &reply, report),
    }
    let at = issuer.at(links::JWKS);
    match line.get(&at, &[]).await {
        Err(error) => report.add(&ills::JWKS, at, error.to_string()),
        Ok(reply) => {
            keys(&at, &reply, report);
            if let Some(skew) = line.skew(&reply).filter(|skew| *skew > MAX_SKEW) {
                report.add(&ills::CLOCK, issuer.as_str(), format!("its clock and this one are {skew:?} apart"));
            }
        }
    }
    if !issuer.is_plain_http() {
        https(line, issuer, report).await;
    }
}

fn discovery(issuer: &Issuer, at: &str, reply: &Reply, report: &mut Report) {
    let document: Option<Value> = serde_json::from_slice(reply.body()).ok().filter(Value::is_object);
    let Some(document) = document.filter(|_| reply.status() == http::StatusCode::OK) else {
        return report.add(&ills::DISCOVERY, at, format!("answers {} without a discovery document", reply.status()));
    };
    let named = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if named != issuer.as_str() {
        let what = format!("discovery names {}, the configuration {issuer}", named.escape_debug());
        report.add(&ills::ISSUER, at, what);
    }
}

fn keys(at: &str, reply: &Reply, report: &mut Report) {
    let set: Option<Value> = serde_json::from_slice(reply.body()).ok();
    let keys = set.as_ref().and_then(|set| set.get("keys")).and_then(Value::as_array);
    match keys {
        Some(keys) if reply.status() == http::StatusCode::OK => {
            if keys.is_empty() {
                report.add(&ills::NO_KEYS, at, "the key set is empty");
            }
        }
        _ => return report.add(&ills::JWKS, at, format!("answers {} without a key set", reply.status())),
    }
    let cache = text(reply, &header::CACHE_CONTROL);
    if !cache.contains("max-age=") || cache.contains("no-store") || cache.contains("private") {
        report.add(&ills::JWKS_CACHE, at, format!("Cache-Control is {cache:?}"));
    }
}

async fn https(line: &Line, issuer: &Issuer, report: &mut Report) {
    // Nobody on port 80 is as good as a redirect.
    if let Ok(reply) = line.get_plain(&issuer.url_at("/")).await {
        plain(issuer, &reply, report);
    }
    if let Ok(reply) = line.get(&issuer.at("/"), &[]).await {
        hsts(issuer, &reply, report);
    }
}

fn plain(issuer: &Issuer, reply: &Reply, report: &mut Report) {
    if !location(reply).is_some_and(|to| to.starts_with("https://")) {
        report.add(&ills::PLAIN_HTTP, issuer.as_str(), format!("plain http answers {}", reply.status()));
    }
}

fn hsts(issuer: &Issuer, reply: &Reply, report: &mut Report) {
    if !reply.headers().contains_key(header::STRICT_TRANSPORT_SECURITY) {
        report.add(&ills::HSTS, issuer.as_str(), "there is no Strict-Transport-Security");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(look: impl Fn(&Issuer, &Reply, &mut Report), reply: http::response::Builder) -> Vec<&'static str> {
        let (issuer, mut report) = ("https://id.example".parse().unwrap(), Report::default());
        look(&issuer, &reply.body(Vec::new()).unwrap(), &mut report);
        report.findings.iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn plain_http_leads_to_https_and_browsers_are_told_to_stay() {
        let to = |status: u16, to: &str| http::Response::builder().status(status).header("location", to);
        assert!(found(plain, to(301, "https://id.example/")).is_empty());
        assert_eq!(found(plain, to(301, "http://id.example/login")), ["https.plain"]);
        assert_eq!(found(plain, to(200, "https://id.example/")), ["https.plain"]);
        assert_eq!(found(hsts, http::Response::builder()), ["https.hsts"]);
        assert!(found(hsts, http::Response::builder().header("strict-transport-security", "max-age=1")).is_empty());
    }
}
