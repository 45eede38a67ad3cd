//! `max_age`: seconds, not negative (OpenID Connect Core, section 3.1.2.1).

use crate::{
    types::{OAuthCode, OAuthError},
    web::params::Params,
};

pub(super) fn parsed(params: &Params) -> Result<Option<u64>, OAuthError> {
    let wrong = || OAuthError::new(OAuthCode::InvalidRequest, "max_age must be a number of seconds");
    // A sign is no digit, though the parser of numbers takes it.
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    params.get("max_age")?.map(|text| text.parse().ok().filter(|_| digits(text)).ok_or_else(wrong)).transpose()
}
