//! A compact JWS of a provider (RFC 7515, section 7.1): taken apart, held to one algorithm, verified with one of its keys.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    UpstreamError,
    cache::Cache,
    fetch::Object,
    jwks::{self, Key, Keys, NoKey},
};
use crate::types::{Timestamp, bytes::from_base64url, json::Members, jws::Alg};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;
/// What is granted for clocks that differ.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);

/// A token, taken apart. Nothing of it is believed yet.
pub(super) struct Parts<'t> {
    pub(super) header: Object,
    pub(super) claims: Object,
    signed: &'t str,
    signature: Vec<u8>,
}

/// What is wrong with a token before its claims are looked at.
pub(super) enum Flaw {
    /// Its header is not what was agreed on.
    Header(&'static str),
    /// No key of the provider fits, or several do.
    Key(NoKey),
    /// The signature is of none.
    Signature,
    /// The provider's keys cannot be had.
    Keys(UpstreamError),
}

impl<'t> Parts<'t> {
    pub(super) fn split(token: &'t str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| Members::read(&from_base64url(part)?);
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: from_base64url(signature).filter(|bytes| !bytes.is_empty())?,
        })
    }

    /// Verifies header and signature. The header chooses no algorithm and brings no key: it must name the configured
    /// algorithm, may say one of these types (RFC 8725, section 3.11; case and `application/` aside), and may name one
    /// of the provider's keys. `jwk`, `jku`, `x5u` and `x5c` are not looked at.
    pub(super) async fn verify(&self, keys: &Arc<Cache<Keys>>, alg: Alg, types: &[&str]) -> Result<Arc<Key>, Flaw> {
        let kid = self.check_header(alg, types).map_err(Flaw::Header)?;
        let key = jwks::find(keys, kid, alg).await.map_err(Flaw::Keys)?.map_err(Flaw::Key)?;
        if key.verifies(alg, self.signed, &self.signature) { Ok(key) } else { Err(Flaw::Signature) }
    }

    fn check_header(&self, alg: Alg, types: &[&str]) -> Result<Option<&str>, &'static str> {
        let header = &self.header;
        if header.get("alg").and_then(Value::as_str) != Some(alg.as_str()) {
            return Err("not signed with the configured algorithm");
        }
        if ["crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
            return Err("a header that changes its meaning");
        }
        let plain = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            types.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
        };
        if !header.get("typ").is_none_or(|typ| typ.as_str().is_some_and(plain)) {
            return Err("a token of another type");
        }
        match header.get("kid") {
            None => Ok(None),
            Some(kid) => kid.as_str().map(Some).ok_or("kid"),
        }
    }
}

/// A NumericDate (RFC 7519, section 2): a number, in whole seconds or with fractions. Text that looks like one is
/// none.
///
/// # Errors
/// The claim's name, where it is there and no such number.
pub(super) fn time<'n>(claims: &Object, name: &'n str) -> Result<Option<Timestamp>, &'n str> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_u64().or_else(|| {
        let whole = value.as_f64().filter(|number| number.is_finite() && *number >= 0.0)?.trunc();
        format!("{whole:.0}").parse().ok()
    });
    seconds.map(|seconds| Some(Timestamp::from_secs(seconds))).ok_or(name)
}
