//! `request`: what an app asks, as an object that it signed (RFC 9101). Then the parameters are those of the object, and
//! none else (section 6.3).

use std::slice;

use crate::{
    apps,
    proof::request_object::{self, Expect},
    types::{App, OAuthCode, OAuthError, app::RequestObjects},
    web::{House, params::Params},
};

/// The parameters inside; `None` where no object came, of an app that may do without.
pub(super) async fn opened(house: &House, params: &Params, app: &App) -> Result<Option<Params>, OAuthError> {
    let (object, alg) = match (params.get("request")?, app.security.request_objects) {
        (None, RequestObjects::Demanded(_)) => {
            return Err(OAuthError::new(OAuthCode::InvalidRequest, "this client signs its requests (RFC 9101)"));
        }
        (None, _) => return Ok(None),
        (Some(_), RequestObjects::Refused) => {
            return Err(OAuthError::new(OAuthCode::RequestNotSupported, "the parameter request is not supported"));
        }
        (Some(object), RequestObjects::Taken(alg) | RequestObjects::Demanded(alg)) => (object, alg),
    };
    let invalid = |why: String| OAuthError::new(OAuthCode::InvalidRequestObject, why);
    let keys =
        house.app_keys.of(app, apps::kid(object).as_deref()).await.map_err(|error| invalid(error.to_string()))?;
    let expect = Expect {
        client_id: app.id.as_str(),
        issuer: house.issuer.as_str(),
        algs: alg.as_ref().map_or(apps::allowed(app), slice::from_ref),
        now: house.clock.now(),
    };
    let members = request_object::verify(object, &keys, expect).map_err(|error| invalid(error.to_string()))?;
    Params::of_members(members).map(Some).map_err(|error| invalid(error.to_string()))
}
