//! The public keys of an app (RFC 7517): what it signs its own statements with.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde_json::Value;

use super::bytes;

/// RFC 7518, section 3.3: RSA keys have 2048 bits or more.
const MIN_RSA_BYTES: usize = 256;
/// The most keys of one app.
const MAX_KEYS: usize = 20;

/// A set of public keys, each of a kind that is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct AppKeys(Vec<Jwk>);

/// Where an app's keys are.
#[derive(Clone, Debug, PartialEq)]
pub enum KeySource {
    /// `jwks`: written down.
    Inline(Arc<AppKeys>),
    /// `jwks_uri`: published by the app.
    Published(url::Url),
}

/// Why a set of keys was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// RFC 7517, section 5.
    #[error("not a JWK set")]
    NotASet,
    /// One of them is private, symmetric, too small or of a kind that is not accepted.
    #[error(
        "it holds a key that is private, weak or of a kind that is not accepted (P-256, Ed25519, RSA from 2048 bits)"
    )]
    Key,
    /// None or too many.
    #[error("a set has 1 to 20 keys")]
    Count,
}

impl AppKeys {
    /// Reads a JWK set, strictly: what an operator writes down is right or a mistake.
    ///
    /// # Errors
    /// [`BadKeys`].
    pub fn parse(set: &Value) -> Result<Self, BadKeys> {
        let keys = set.get("keys").and_then(Value::as_array).ok_or(BadKeys::NotASet)?;
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(BadKeys::Count);
        }
        keys.iter().map(|raw| key(raw).ok_or(BadKeys::Key)).collect::<Result<_, _>>().map(Self)
    }

    /// Reads a JWK set that an app publishes: a key that nobody can use does not spoil the others (RFC 7517, section
    /// 5).
    ///
    /// # Errors
    /// [`BadKeys`].
    pub fn published(set: &Value) -> Result<Self, BadKeys> {
        let keys = set.get("keys").and_then(Value::as_array).ok_or(BadKeys::NotASet)?;
        let usable: Vec<Jwk> = keys.iter().filter_map(key).collect();
        if (1..=MAX_KEYS).contains(&usable.len()) { Ok(Self(usable)) } else { Err(BadKeys::Count) }
    }

    /// The keys that a token with this `kid` may be signed with: the one that it names, or all of them.
    pub fn for_kid(&self, kid: Option<&str>) -> impl Iterator<Item = &Jwk> {
        self.0.iter().filter(move |key| kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid)))
    }
}

fn key(raw: &Value) -> Option<Jwk> {
    let key: Jwk = serde_json::from_value(raw.clone()).ok()?;
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    (is_public_key(raw) && signs).then_some(key)
}

/// Whether a JWK, as it came, is a public key that can verify a signature of a kind that is accepted.
pub fn is_public_key(raw: &Value) -> bool {
    let Some(members) = raw.as_object() else { return false };
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| members.contains_key(*name));
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let fits = match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) | (Some("OKP"), Some("Ed25519")) => true,
        (Some("RSA"), None) => text("n").and_then(bytes::from_base64url).is_some_and(|n| n.len() >= MIN_RSA_BYTES),
        _ => false,
    };
    fits && !private
}
