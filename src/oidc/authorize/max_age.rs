//! `max_age`: seconds, not negative (OpenID Connect Core, section 3.1.2.1).

use crate::{
    types::{OAuthCode, OAuthError},
    web::params::Params,
};

pub(super) fn parsed(params: &Params) -> Result<Option<u64>, OAuthError> {
    let wrong = |_| OAuthError::new(OAuthCode::InvalidRequest, "max_age must be a number of seconds");
    params.get("max_age")?.map(|text| text.parse().map_err(wrong)).transpose()
}
