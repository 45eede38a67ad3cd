//! `claims` and `acr_values` (OpenID Connect Core, sections 5.5 and 3.1.2.1). What we do not know is ignored, and nothing
//! that is essential is promised; but whom the app names must be who signs in.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    types::{App, Claim, OAuthCode, OAuthError, claims_request::ClaimsRequest},
    web::params::Params,
};

/// How people were authenticated, as far as we know: some provider did, and does not say by what rules (ISO/IEC 29115
/// has no level for that; OpenID Connect Core, section 2).
pub const ACR: &str = "0";

/// What is asked, and the `sub` values of whom it is about.
pub(super) struct Asked {
    pub claims: ClaimsRequest,
    pub subjects: BTreeSet<String>,
}

pub(super) fn asked(params: &Params, app: &App) -> Result<Asked, OAuthError> {
    let wrong = || OAuthError::new(OAuthCode::InvalidRequest, "claims is not a JSON object of objects");
    let members: Map<String, Value> = match params.get("claims")? {
        None => Map::new(),
        Some(text) => serde_json::from_str(text).map_err(|_| wrong())?,
    };
    let part = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(part)) => Ok(part.clone()),
        Some(_) => Err(wrong()),
    };
    let (id_token, userinfo) = (part("id_token")?, part("userinfo")?);
    let names = |part: &Map<String, Value>| part.keys().filter_map(|name| name.parse::<Claim>().ok()).collect();
    let subject = |part: &Map<String, Value>| match part.get("sub").and_then(|sub| sub.get("value")) {
        None => Ok(None),
        Some(Value::String(sub)) => Ok(Some(sub.clone())),
        // Nobody is called so: it must not pass for nothing said (section 5.5.1).
        Some(_) => Err(OAuthError::new(OAuthCode::InvalidRequest, "the value of sub is not a text")),
    };
    let subjects = [subject(&id_token)?, subject(&userinfo)?].into_iter().flatten().collect();
    let acr = acr(id_token.get("acr"))?;
    // What an app registered counts where its request does not say; either way it is voluntary (Registration, section 2).
    let named = params.get("acr_values")?.is_some() || !app.default_acr_values.is_empty();
    let claims = ClaimsRequest { acr: acr || named, id_token: names(&id_token), userinfo: names(&userinfo) };
    Ok(Asked { claims, subjects })
}

/// Whether `acr` is asked for. One that is essential and not ours cannot be had (section 5.5.1.1).
fn acr(asked: Option<&Value>) -> Result<bool, OAuthError> {
    let Some(asked) = asked else { return Ok(false) };
    let values = asked.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut named = values.iter().chain(asked.get("value")).peekable();
    let essential = asked.get("essential").and_then(Value::as_bool).unwrap_or_default();
    if essential && named.peek().is_some() && !named.any(|value| value.as_str() == Some(ACR)) {
        let why = "no identity provider here promises that acr";
        return Err(OAuthError::new(OAuthCode::UnmetAuthenticationRequirements, why));
    }
    Ok(true)
}
