//! What the code is bound to. PKCE: S256 alone; required of public apps and of those registered so (RFC 7636; RFC 9700, section 2.1.1).

use crate::{
    types::{App, OAuthCode, OAuthError, Thumbprint, bytes},
    web::params::Params,
};

pub(super) fn challenge(params: &Params, app: &App) -> Result<Option<String>, OAuthError> {
    let wrong = |why: &'static str| Err(OAuthError::new(OAuthCode::InvalidRequest, why));
    let method = params.get("code_challenge_method")?;
    match params.get("code_challenge")? {
        None if params.has("code_challenge") => wrong("code_challenge is empty"),
        None if method.is_some() => wrong("code_challenge_method without code_challenge"),
        None if app.must_use_pkce() => wrong("code_challenge is required (PKCE with S256)"),
        None => Ok(None),
        Some(_) if method != Some("S256") => wrong("code_challenge_method must be S256"),
        Some(text) if is_s256(text) => Ok(Some(text.to_owned())),
        Some(_) => wrong("code_challenge is not a SHA-256 in base64url without padding"),
    }
}

/// `dpop_jkt` (RFC 9449, section 10).
pub(super) fn key(params: &Params) -> Result<Option<Thumbprint>, OAuthError> {
    let wrong = || OAuthError::new(OAuthCode::InvalidRequest, "dpop_jkt is not a SHA-256 in base64url without padding");
    params.get("dpop_jkt")?.map(|text| Thumbprint::parse(text).ok_or_else(wrong)).transpose()
}

fn is_s256(text: &str) -> bool {
    bytes::from_base64url(text).is_some_and(|hash| hash.len() == 32)
}
