//! Which app presents itself, and how (RFC 6749, section 2.3.1; RFC 7521, section 4.2): one method a request, never in
//! the URI.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use super::parameter::repeated;
use crate::{
    apps::{Apps, Authenticated, NotSigned, Presented},
    proof::assertion,
    types::{App, OAuthCode, app::SecretMethod},
    web::{Directory, House, api::ApiError, links, params::Params},
};

/// The longest `Authorization` header that is looked at.
const MAX_HEADER: usize = 2048;

/// What a request has to show.
enum Shown<'a> {
    Secret(Presented<'a>),
    Assertion { id: Option<&'a str>, assertion: &'a str },
}

/// Who is registered, whoever presents itself with this request among them if it can be met.
///
/// # Errors
/// What is wrong with the document of an app that is named after one.
pub(super) async fn directory(
    house: &House,
    request: &HttpRequest,
    params: &Params,
) -> Result<Arc<Directory>, ApiError> {
    if house.documents.is_none() {
        // Everybody is known already: who presents itself is read once, when it proves itself.
        return Ok(house.directory.load_full());
    }
    let basic = basic(request)?;
    let presented = match shown(basic.as_ref(), params)? {
        Shown::Secret(presented) => Some(presented.id.to_owned()),
        Shown::Assertion { assertion, .. } => assertion::claimed_by(assertion),
    };
    if let Some(id) = presented {
        house.meet(request, &id).await?;
    }
    Ok(house.directory.load_full())
}

/// The app that proves itself with this request.
///
/// # Errors
/// `invalid_client`; `invalid_request` for two proofs at once; 429 for who tries too often.
pub(super) async fn app<'a>(
    house: &House,
    request: &HttpRequest,
    params: &Params,
    apps: &'a Apps,
) -> Result<Authenticated<'a>, ApiError> {
    let basic = basic(request)?;
    match shown(basic.as_ref(), params)? {
        Shown::Secret(presented) => {
            apps.authenticate(presented).map_err(|_| refused(house, request, apps, Some(presented.id)))
        }
        Shown::Assertion { id, assertion } => {
            let named = assertion::claimed_by(assertion);
            let app = named.as_deref().filter(|named| id.is_none_or(|id| id == *named)).and_then(|id| apps.find(id));
            match by_assertion(house, request, app, assertion).await? {
                Some(app) => Ok(app),
                None => Err(refused(house, request, apps, named.as_deref())),
            }
        }
    }
}

fn shown<'a>(basic: Option<&'a (String, String)>, params: &'a Params) -> Result<Shown<'a>, ApiError> {
    let invalid = |why| Err(ApiError::bad_request(OAuthCode::InvalidRequest, why));
    let get = |name| params.get(name).map_err(repeated);
    let (id, secret) = (get("client_id")?, get("client_secret")?);
    let (assertion, kind) = (get("client_assertion")?, get("client_assertion_type")?);
    let proofs = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if proofs.into_iter().filter(|is_there| *is_there).count() > 1 {
        return invalid("two client authentication methods at once");
    }
    match (basic, id, assertion.zip(kind)) {
        (Some((user, _)), Some(id), _) if user != id => invalid("client_id differs from the Authorization header"),
        (Some((user, password)), ..) => {
            Ok(Shown::Secret(Presented { id: user, secret: Some((password, SecretMethod::Basic)) }))
        }
        (None, _, Some((_, kind))) if kind != assertion::TYPE => Err(ApiError::invalid_client()),
        (None, id, Some((assertion, _))) => Ok(Shown::Assertion { id, assertion }),
        (None, ..) if assertion.is_some() => invalid("client_assertion without client_assertion_type"),
        (None, Some(id), None) => {
            Ok(Shown::Secret(Presented { id, secret: secret.map(|secret| (secret, SecretMethod::Post)) }))
        }
        (None, None, None) => Err(ApiError::invalid_client()),
    }
}

/// `private_key_jwt`: verified, then spent, over all instances. `None`: it proves nothing.
async fn by_assertion<'a>(
    house: &House,
    request: &HttpRequest,
    app: Option<&'a App>,
    assertion: &str,
) -> Result<Option<Authenticated<'a>>, ApiError> {
    let Some(app) = app else { return Ok(None) };
    let (issuer, token) = (house.issuer.as_str(), house.issuer.at(links::TOKEN));
    let called = house.issuer.at(request.path());
    // RFC 9126, section 2: at its own address a pushed request may name that one, too.
    let audiences: &[&str] = match request.path() {
        _ if app.is_strict() => &[issuer],
        links::PAR => &[issuer, &token, &called],
        _ => &[issuer, &token],
    };
    let signed = match house.app_keys.authenticate(app, assertion, audiences).await {
        Ok(signed) => signed,
        Err(NotSigned::Wrong(_)) => return Ok(None),
        Err(NotSigned::Keys(error)) => {
            tracing::warn!(app = %app.id, %error, "a client assertion cannot be verified");
            return Err(ApiError::unavailable());
        }
    };
    let keep = signed.asserted.until.since(house.clock.now());
    let parts = [app.id.as_str().as_bytes(), signed.asserted.jti.as_bytes()];
    let first = house.spent.spend("client assertion", &parts, keep).await?;
    Ok(first.then_some(signed.app))
}

/// Counts a proof that was none.
fn refused(house: &House, request: &HttpRequest, apps: &Apps, id: Option<&str>) -> ApiError {
    let known = id.and_then(|id| apps.find(id)).map(|app| &app.id);
    house.witness.app_refused(known);
    match house.client_ip(request).map(|address| house.limits.wrong_secret(known, address)) {
        Some(Err(wait)) => ApiError::too_many(wait.as_secs()),
        Some(Ok(())) | None => ApiError::invalid_client(),
    }
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
