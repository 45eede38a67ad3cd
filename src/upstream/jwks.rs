//! A provider's keys (RFC 7517). Keys that nobody can use are left out and do not spoil the set.

use std::sync::Arc;

use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde_json::Value;
use url::Url;

use super::{
    UpstreamError,
    cache::Cache,
    fetch::{self, Object},
    metadata::Endpoints,
};
use crate::{
    egress::Egress,
    types::{Clock, bytes::from_base64url, jws::Alg},
};

/// The most keys that a set may have; each is tried when a token names none.
const MAX_KEYS: usize = 100;
/// RFC 7518, section 3.3: RSA keys have 2048 bits or more.
const MIN_RSA_BYTES: usize = 256;

/// A key that can verify signatures.
#[derive(Debug)]
pub(super) struct Key {
    jwk: CoreJsonWebKey,
    /// The only issuer that the key is for, where it names one (Microsoft); may hold the tenant's placeholder.
    pub(super) issuer: Option<String>,
}

impl Key {
    /// Whether `signature` over `signed` is of this key.
    pub(super) fn verifies(&self, alg: Alg, signed: &str, signature: &[u8]) -> bool {
        self.jwk.verify_signature(&algorithm(alg), signed.as_bytes(), signature).is_ok()
    }

    /// The left half of the hash that belongs to `alg`, as `at_hash` has it (OpenID Connect Core, section 3.1.3.6).
    pub(super) fn half_hash(&self, alg: Alg, text: &str) -> Option<Vec<u8>> {
        let mut hash = self.jwk.hash_bytes(text.as_bytes(), &algorithm(alg)).ok()?;
        hash.truncate(hash.len() / 2);
        Some(hash)
    }

    fn fits(&self, kid: Option<&str>, alg: &CoreJwsSigningAlgorithm) -> bool {
        let named = kid.is_none_or(|kid| self.jwk.key_id().is_some_and(|id| id.as_str() == kid));
        let use_ = self.jwk.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        let alg_ = match self.jwk.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(own) => own == alg,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        named && use_ && alg_ && alg.key_type().as_ref() == Some(self.jwk.key_type())
    }
}

/// The algorithm in the library's words.
const fn algorithm(alg: Alg) -> CoreJwsSigningAlgorithm {
    match alg {
        Alg::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Alg::ES256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Alg::EdDSA => CoreJwsSigningAlgorithm::EdDsa,
    }
}

/// A set of keys.
#[derive(Debug)]
pub(super) struct Keys(Vec<Arc<Key>>);

impl Keys {
    /// Reads a set, leaving out what cannot be used.
    pub(super) fn parse(mut set: Object) -> Result<Self, UpstreamError> {
        let Some(Value::Array(keys)) = set.remove("keys") else {
            return Err(UpstreamError::Invalid("JWKS: no keys".into()));
        };
        if keys.len() > MAX_KEYS {
            return Err(UpstreamError::Invalid("JWKS: more than 100 keys".into()));
        }
        Ok(Self(keys.into_iter().filter_map(usable).map(Arc::new).collect()))
    }

    /// The one key that a token of this `kid` and algorithm can be signed with.
    fn only(&self, kid: Option<&str>, alg: Alg) -> Result<&Arc<Key>, NoKey> {
        let alg = algorithm(alg);
        let mut fitting = self.0.iter().filter(|key| key.fits(kid, &alg));
        let first = fitting.next().ok_or(NoKey::Unknown)?;
        if fitting.next().is_some() { Err(NoKey::Ambiguous) } else { Ok(first) }
    }
}

/// Why there is not one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// None fits.
    Unknown,
    /// Several do.
    Ambiguous,
}

fn usable(key: Value) -> Option<Key> {
    let members = key.as_object()?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let weak = |n: &str| from_base64url(n).is_none_or(|bytes| bytes.len() < MIN_RSA_BYTES);
    if text("kty") == Some("oct") || text("n").is_some_and(weak) {
        return None;
    }
    let verifies = |ops: &Value| ops.as_array().is_some_and(|all| all.iter().any(|op| op == "verify"));
    if members.get("key_ops").is_some_and(|ops| !verifies(ops)) {
        return None;
    }
    let issuer = text("issuer").map(str::to_owned);
    let jwk = serde_json::from_value(key).ok()?;
    Some(Key { jwk, issuer })
}

/// The keys of a provider, wherever its endpoints say that they are.
pub(super) fn of(endpoints: &Arc<Cache<Endpoints>>, egress: &Egress, clock: &Arc<dyn Clock>) -> Arc<Cache<Keys>> {
    named_by(endpoints, |endpoints| &endpoints.jwks, egress, clock)
}

/// The keys at the address that a document names.
pub(super) fn named_by<T: Send + Sync + 'static>(
    document: &Arc<Cache<T>>,
    address: fn(&T) -> &Url,
    egress: &Egress,
    clock: &Arc<dyn Clock>,
) -> Arc<Cache<Keys>> {
    let (document, egress) = (document.clone(), egress.clone());
    Cache::new(
        clock.clone(),
        Box::new(move || {
            let (document, egress) = (document.clone(), egress.clone());
            Box::pin(async move { read(&egress, address(&*document.get().await?)).await })
        }),
    )
}

async fn read(egress: &Egress, at: &Url) -> Result<Keys, UpstreamError> {
    Keys::parse(fetch::object(egress, "JWKS", fetch::get(at, None)?).await?)
}

/// The key for a token; fetches the set again when it is not there (OpenID Connect Core, section 10.1.1).
pub(super) async fn find(
    cache: &Arc<Cache<Keys>>,
    kid: Option<&str>,
    alg: Alg,
) -> Result<Result<Arc<Key>, NoKey>, UpstreamError> {
    let keys = cache.get().await?;
    Ok(match keys.only(kid, alg) {
        Err(NoKey::Unknown) => cache.newer(&keys).await?.only(kid, alg).cloned(),
        found => found.cloned(),
    })
}
