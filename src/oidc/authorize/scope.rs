//! `scope`: unknown values are ignored; without `openid` it is no request to us.

use crate::{
    types::{OAuthCode, OAuthError, Scope, scope::ScopeValue},
    web::params::Params,
};

pub(super) fn with_openid(params: &Params) -> Result<Scope, OAuthError> {
    let scope = Scope::parse(params.get("scope")?.unwrap_or_default());
    if scope.has(ScopeValue::Openid) {
        Ok(scope)
    } else {
        Err(OAuthError::new(OAuthCode::InvalidScope, "scope must contain openid"))
    }
}
