//! What the standard lets an OpenID Provider refuse by name (OpenID Connect Core, section 3.1.2.6).

use crate::{
    types::{OAuthCode, OAuthError},
    web::params::Params,
};

pub(super) fn refuse(params: &Params) -> Result<(), OAuthError> {
    for (name, code) in
        [("request_uri", OAuthCode::RequestUriNotSupported), ("registration", OAuthCode::RegistrationNotSupported)]
    {
        if params.get(name)?.is_some() {
            return Err(OAuthError::new(code, format!("the parameter {name} is not supported")));
        }
    }
    Ok(())
}
