//! `resource` (RFC 8707, section 2.1): the services that the access tokens will be for.

use crate::{
    oidc::token::target,
    types::{App, OAuthError},
    web::{House, params::Params},
};

pub(super) fn named(house: &House, params: &Params, app: &App) -> Result<Vec<String>, OAuthError> {
    Ok(target::named(house, app, params)?.into_iter().map(str::to_owned).collect())
}
