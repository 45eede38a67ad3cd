//! `request`: what an app asks, as an object that it signed (RFC 9101). Then the parameters are those of the object, and
//! none else (section 6.3).

use serde_json::Value;

use crate::{
    apps,
    proof::request_object::{self, Expect},
    types::{App, OAuthCode, OAuthError},
    web::{House, params::Params},
};

/// The parameters inside; `None` where no object came.
pub(super) async fn opened(house: &House, params: &Params, app: &App) -> Result<Option<Params>, OAuthError> {
    let Some(object) = params.get("request")? else { return Ok(None) };
    if !app.security.request_objects {
        return Err(OAuthError::new(OAuthCode::RequestNotSupported, "the parameter request is not supported"));
    }
    let invalid = |why: String| OAuthError::new(OAuthCode::InvalidRequestObject, why);
    let keys =
        house.app_keys.of(app, apps::kid(object).as_deref()).await.map_err(|error| invalid(error.to_string()))?;
    let expect = Expect {
        client_id: app.id.as_str(),
        issuer: house.issuer.as_str(),
        algs: apps::allowed(app),
        now: house.clock.now(),
    };
    let members = request_object::verify(object, &keys, expect).map_err(|error| invalid(error.to_string()))?;
    let texts = members.into_iter().filter_map(|(name, value)| Some((name, text(value)?)));
    Params::collect(texts).map(Some).map_err(|error| invalid(error.to_string()))
}

/// As it would stand in a query. What has no such spelling is no parameter.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Object(_) => Some(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}
