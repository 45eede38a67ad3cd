//! Proof of possession (RFC 9449, section 4.3). What it is bound to is the thumbprint of its key.

use std::time::Duration;

use jsonwebtoken::{Algorithm, jwk::ThumbprintHash};
use serde_json::Value;
use url::Url;

use super::signed::{Bad, Unverified, in_time};
use crate::types::{Thumbprint, Timestamp, app_keys::is_public_key, bytes};

/// How far the clock of an app may be from ours, either way, where it shows no nonce of ours.
const SKEW: Duration = Duration::from_secs(60);
/// How long a proof is remembered, so that it is good once: as long as it could be taken.
pub const REMEMBERED: Duration = Duration::from_secs(10 * 60);
/// The longest `jti` that is taken.
const MAX_JTI: usize = 256;

/// What a proof must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The address of the endpoint, as we publish it.
    pub endpoint: &'a str,
    /// The algorithms that it may be signed with.
    pub algs: &'a [Algorithm],
    /// The access token that comes with it, at a resource.
    pub access_token: Option<&'a str>,
    /// The present moment.
    pub now: Timestamp,
}

/// A proof that fits. It is good once: `spend` it before anything comes of it.
#[derive(Clone, Debug)]
pub struct Possession {
    /// Of which key.
    pub key: Thumbprint,
    /// Names the proof, together with the key.
    pub jti: String,
    /// The nonce that it shows, for the caller to look at.
    pub nonce: Option<String>,
}

/// Why a proof is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// `invalid_dpop_proof`.
    #[error("{0}")]
    Invalid(&'static str),
    /// `use_dpop_nonce`: the clock of the app is not ours, or it showed a nonce that is not ours any more.
    #[error("a nonce of this server is needed")]
    UseNonce,
}

impl From<Bad> for DpopError {
    fn from(Bad(why): Bad) -> Self {
        Self::Invalid(why)
    }
}

/// Verifies a proof. `is_ours` says whether a nonce is one that we gave out lately; with it, the app's clock does not
/// matter.
///
/// # Errors
/// [`DpopError`].
pub fn verify(proof: &str, expect: Expect<'_>, is_ours: impl Fn(&str) -> bool) -> Result<Possession, DpopError> {
    let token = Unverified::read(proof)?;
    if !expect.algs.contains(&token.header.alg) {
        return Err(DpopError::Invalid("its algorithm is not accepted"));
    }
    if token.header.typ.as_deref() != Some("dpop+jwt") {
        return Err(DpopError::Invalid("its typ is not dpop+jwt"));
    }
    let raw_key = token.raw.get("jwk").filter(|key| is_public_key(key));
    let (Some(_), Some(key)) = (raw_key, token.header.jwk.as_ref()) else {
        return Err(DpopError::Invalid("its header has no public key"));
    };
    let claims = token.verified_by(key)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm") != Some(expect.method) {
        return Err(DpopError::Invalid("htm is not the method of this request"));
    }
    if !text("htu").is_some_and(|htu| is_address(htu, expect.endpoint)) {
        return Err(DpopError::Invalid("htu is not the address of this endpoint"));
    }
    let ath = expect.access_token.map(|token| bytes::to_base64url(&bytes::sha256(token.as_bytes())));
    if ath.is_some() && text("ath") != ath.as_deref() {
        return Err(DpopError::Invalid("ath does not fit the access token"));
    }
    // It needs neither, and what says so of itself is over (RFC 7519, section 4.1).
    in_time(&claims, &["nbf"], expect.now)?;
    let jti = text("jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    let jti = jti.ok_or(DpopError::Invalid("jti is missing or too long"))?.to_owned();
    let issued = claims.get("iat").and_then(Value::as_f64).filter(|at| at.is_finite() && *at >= 0.0);
    let issued = issued.ok_or(DpopError::Invalid("iat is missing"))?;
    let nonce = match claims.get("nonce") {
        None => None,
        Some(nonce) => Some(nonce.as_str().ok_or(DpopError::Invalid("nonce is not a string"))?.to_owned()),
    };
    check_time(issued, nonce.as_deref(), expect.now, is_ours)?;
    let key = key.thumbprint(ThumbprintHash::SHA256).map_err(|_| DpopError::Invalid("its key cannot be used"))?;
    let key = Thumbprint::parse(&key).ok_or(DpopError::Invalid("its key cannot be used"))?;
    Ok(Possession { key, jti, nonce })
}

fn check_time(
    issued: f64,
    nonce: Option<&str>,
    now: Timestamp,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(), DpopError> {
    match nonce {
        Some(nonce) if is_ours(nonce) => Ok(()),
        Some(_) => Err(DpopError::UseNonce),
        None => {
            let now = std::time::Duration::from_millis(now.as_millis()).as_secs_f64();
            if (now - issued).abs() <= SKEW.as_secs_f64() { Ok(()) } else { Err(DpopError::UseNonce) }
        }
    }
}

/// Whether two addresses are the same after normalisation (RFC 3986, section 6.2), query and fragment left aside.
fn is_address(htu: &str, endpoint: &str) -> bool {
    let normal = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        (url.username().is_empty() && url.password().is_none()).then_some(url)
    };
    normal(htu).is_some_and(|htu| Some(htu) == normal(endpoint))
}
