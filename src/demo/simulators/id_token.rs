//! ID tokens (OpenID Connect Core, section 2).

use serde_json::{Map, Value, json};

use super::{Broken, ask::Grant, desk::Desk, people::Person};
use crate::types::bytes;

/// How long an ID token is good for, in seconds.
pub(crate) const LIFETIME: u64 = 3600;

/// The claims that every ID token has.
pub(crate) fn base(desk: &Desk, grant: &Grant, issuer: &str, person: &Person) -> Map<String, Value> {
    let now = desk.now();
    let mut claims = Map::new();
    for (name, value) in [
        ("iss", json!(issuer)),
        ("aud", json!(desk.client.id)),
        ("sub", json!(person.subject)),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(LIFETIME))),
    ] {
        claims.insert(name.to_owned(), value);
    }
    if let Some(nonce) = &grant.asked.nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    claims
}

/// The left half of a hash, as `at_hash` and `c_hash` carry it (section 3.1.3.6).
pub(crate) fn half_hash(token: &str) -> String {
    let hash = bytes::sha256(token.as_bytes());
    let (left, _) = hash.split_at(16);
    bytes::to_base64url(left)
}

/// Signs them, with the faults of this login.
pub(crate) fn seal(desk: &Desk, grant: &Grant, mut claims: Map<String, Value>) -> Result<String, Broken> {
    let faults = desk.faults(grant);
    faults.spoil(&mut claims, desk.now());
    desk.key.sign("JWT", &claims, &faults)
}
