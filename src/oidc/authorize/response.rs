//! `response_type` and `response_mode`: codes only; the implicit grant is gone (RFC 9700, section 2.1.2).

use crate::{
    types::{App, OAuthCode, OAuthError, app::GrantType, response_mode::ResponseMode},
    web::params::Params,
};

pub(super) fn mode(params: &Params) -> Result<ResponseMode, OAuthError> {
    match params.get("response_mode")? {
        None => Ok(ResponseMode::default()),
        Some(text) => ResponseMode::parse(text).ok_or_else(|| {
            OAuthError::new(OAuthCode::InvalidRequest, "response_mode must be query, fragment or form_post")
        }),
    }
}

pub(super) fn is_code(params: &Params, app: &App) -> Result<(), OAuthError> {
    match params.get("response_type")? {
        None => Err(OAuthError::new(OAuthCode::InvalidRequest, "response_type is missing")),
        Some("code") if app.grant_types.contains(&GrantType::AuthorizationCode) => Ok(()),
        Some("code") => {
            Err(OAuthError::new(OAuthCode::UnauthorizedClient, "this client is not registered for authorization_code"))
        }
        Some(_) => Err(OAuthError::new(OAuthCode::UnsupportedResponseType, "only response_type=code is supported")),
    }
}
