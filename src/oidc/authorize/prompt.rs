//! `prompt` (OpenID Connect Core, section 3.1.2.1).

use crate::{
    types::{OAuthCode, OAuthError, prompt::Prompt},
    web::params::Params,
};

pub(super) fn parsed(params: &Params) -> Result<Prompt, OAuthError> {
    Prompt::parse(params.get("prompt")?.unwrap_or_default())
        .map_err(|error| OAuthError::new(OAuthCode::InvalidRequest, error.to_string()))
}
