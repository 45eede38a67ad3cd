//! What is carried along: bounded, since it travels in a cookie.

use crate::{
    types::{
        OAuthCode, OAuthError, ProviderId,
        echo::{AppNonce, AppState},
    },
    web::params::Params,
};

/// The longest hint that is carried; a longer one is dropped, since hints are voluntary.
const MAX_HINT: usize = 256;

pub(super) fn state(params: &Params) -> Result<Option<AppState>, OAuthError> {
    let too_long = || OAuthError::new(OAuthCode::InvalidRequest, "state is too long");
    params.get("state")?.map(|text| AppState::new(text).ok_or_else(too_long)).transpose()
}

pub(super) fn nonce(params: &Params) -> Result<Option<AppNonce>, OAuthError> {
    let too_long = || OAuthError::new(OAuthCode::InvalidRequest, "nonce is too long");
    params.get("nonce")?.map(|text| AppNonce::new(text).ok_or_else(too_long)).transpose()
}

pub(super) fn hint(params: &Params, name: &'static str) -> Result<Option<String>, OAuthError> {
    Ok(params.owned(name)?.filter(|text| text.len() <= MAX_HINT))
}

/// The provider that the app picks; one that it may not pick is decided on later, like any other.
pub(super) fn provider(params: &Params) -> Result<Option<ProviderId>, OAuthError> {
    Ok(params.get("provider")?.and_then(|text| text.parse().ok()))
}
