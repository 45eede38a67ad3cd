//! Which app presents itself, and how (RFC 6749, section 2.3.1): one method a request, never in the URI.

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use super::parameter::repeated;
use crate::{
    apps::{Apps, Authenticated, Presented},
    types::{OAuthCode, app::SecretMethod},
    web::{House, api::ApiError, params::Params},
};

/// The longest `Authorization` header that is looked at.
const MAX_HEADER: usize = 2048;

/// The app that proves itself with this request.
///
/// # Errors
/// `invalid_client`; `invalid_request` for two proofs at once; 429 for who tries too often.
pub(super) fn app<'a>(
    house: &House,
    request: &HttpRequest,
    params: &Params,
    apps: &'a Apps,
) -> Result<Authenticated<'a>, ApiError> {
    let basic = basic(request)?;
    let (id, secret) = (params.get("client_id").map_err(repeated)?, params.get("client_secret").map_err(repeated)?);
    let presented = match (&basic, id, secret) {
        (Some(_), _, Some(_)) => {
            return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "two client authentication methods at once"));
        }
        (Some((user, _)), Some(id), None) if user != id => {
            return Err(ApiError::bad_request(
                OAuthCode::InvalidRequest,
                "client_id differs from the Authorization header",
            ));
        }
        (Some((user, password)), _, None) => Presented { id: user, secret: Some((password, SecretMethod::Basic)) },
        (None, Some(id), Some(secret)) => Presented { id, secret: Some((secret, SecretMethod::Post)) },
        (None, Some(id), None) => Presented { id, secret: None },
        (None, None, _) => return Err(ApiError::invalid_client()),
    };
    let address = house.client_ip(request);
    apps.authenticate(presented).map_err(|_| {
        house.witness.app_refused(presented.id);
        let known = apps.find(presented.id).map(|app| &app.id);
        match address.map(|address| house.limits.wrong_secret(known, address)) {
            Some(Err(wait)) => ApiError::too_many(wait.as_secs()),
            Some(Ok(())) | None => ApiError::invalid_client(),
        }
    })
}

/// `client_secret_basic`: both parts are form-encoded before they are put together.
fn basic(request: &HttpRequest) -> Result<Option<(String, String)>, ApiError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = headers.next() else { return Ok(None) };
    let decoded = value
        .to_str()
        .ok()
        .filter(|text| text.len() <= MAX_HEADER && headers.next().is_none())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            text.split_once(':').and_then(|(id, secret)| Some((form_decoded(id)?, form_decoded(secret)?)))
        });
    decoded.map(Some).ok_or_else(ApiError::invalid_client)
}

fn form_decoded(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned())
}
