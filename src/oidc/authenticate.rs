//! Which app presents itself, and how (RFC 6749, section 2.3.1; RFC 7521, section 4.2): one method a request, never in
//! the URI.

use std::{borrow::Cow, sync::Arc};

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use super::parameter::repeated;
use crate::{
    apps::{Authenticated, NotSigned, Presented},
    proof::assertion,
    types::{App, OAuthCode, app::SecretMethod},
    web::{Directory, House, api::ApiError, links, params::Params},
};

/// The longest `Authorization` header that is looked at.
const MAX_HEADER: usize = 2048;

/// Whoever calls on the back channel, as it presents itself: read once, and not believed yet.
pub(super) struct Caller<'a> {
    house: &'a House,
    request: &'a HttpRequest,
    shown: Shown<'a>,
    /// Who is registered, the caller among them if it can be met.
    pub(super) directory: Arc<Directory>,
}

/// What a request has to show.
enum Shown<'a> {
    /// `client_secret_basic`, `client_secret_post`, or a public client's `client_id` alone.
    Secret { id: Cow<'a, str>, secret: Option<(Cow<'a, str>, SecretMethod)> },
    /// `private_key_jwt`, and whose it says it is.
    Assertion { id: Option<&'a str>, assertion: &'a str, claimed: Option<String> },
}

impl<'a> Caller<'a> {
    /// Reads who calls, and meets it first if it is named after a document.
    ///
    /// # Errors
    /// `invalid_request` for two proofs at once, `invalid_client` for none; what is wrong with the document of an app
    /// that is named after one.
    pub(super) async fn meet(house: &'a House, request: &'a HttpRequest, params: &'a Params) -> Result<Self, ApiError> {
        let shown = Shown::read(request, params)?;
        if let Some(id) = shown.claimed() {
            house.meet(request, id).await?;
        }
        Ok(Self { house, request, shown, directory: house.directory.load_full() })
    }

    /// The app that proves itself with this request.
    ///
    /// # Errors
    /// `invalid_client`; 429 for who tries too often.
    pub(super) async fn prove(&self) -> Result<Authenticated<'_>, ApiError> {
        let proven = match &self.shown {
            Shown::Secret { id, secret } => {
                let secret = secret.as_ref().map(|(secret, method)| (&**secret, *method));
                self.directory.apps.authenticate(Presented { id, secret }).ok()
            }
            Shown::Assertion { id, assertion, claimed } => {
                let claimed = claimed.as_deref().filter(|claimed| id.is_none_or(|id| id == *claimed));
                match claimed.and_then(|claimed| self.directory.apps.find(claimed)) {
                    Some(app) => by_assertion(self.house, self.request, app, assertion).await?,
                    None => None,
                }
            }
        };
        proven.ok_or_else(|| self.refused())
    }

    /// Counts a proof that was none.
    fn refused(&self) -> ApiError {
        let known = self.shown.claimed().and_then(|id| self.directory.apps.find(id)).map(|app| &app.id);
        self.house.witness.app_refused(known);
        match self.house.count_wrong(self.request, known) {
            Err(wait) => ApiError::too_many(wait.as_secs()),
            Ok(()) => ApiError::invalid_client(),
        }
    }
}

impl<'a> Shown<'a> {
    fn read(request: &HttpRequest, params: &'a Params) -> Result<Self, ApiError> {
        let invalid = |why| Err(ApiError::bad_request(OAuthCode::InvalidRequest, why));
        let get = |name| params.get(name).map_err(repeated);
        let basic = basic(request)?;
        let (id, secret) = (get("client_id")?, get("client_secret")?);
        let (assertion, kind) = (get("client_assertion")?, get("client_assertion_type")?);
        let proofs = [basic.is_some(), secret.is_some(), assertion.is_some()];
        if proofs.into_iter().filter(|is_there| *is_there).count() > 1 {
            return invalid("two client authentication methods at once");
        }
        match (basic, id, assertion.zip(kind)) {
            (Some((user, _)), Some(id), _) if user != id => invalid("client_id differs from the Authorization header"),
            (Some((user, password)), ..) => {
                // An empty secret is none (RFC 6749, section 2.3.1): x/oauth2 of Go first tries so for an app without.
                let secret = (!password.is_empty()).then(|| (password.into(), SecretMethod::Basic));
                Ok(Self::Secret { id: user.into(), secret })
            }
            (None, _, Some((_, kind))) if kind != assertion::TYPE => Err(ApiError::invalid_client()),
            (None, id, Some((assertion, _))) => {
                Ok(Self::Assertion { id, assertion, claimed: assertion::claimed_by(assertion) })
            }
            (None, ..) if assertion.is_some() => invalid("client_assertion without client_assertion_type"),
            (None, Some(id), None) => {
                let secret = secret.map(|secret| (secret.into(), SecretMethod::Post));
                Ok(Self::Secret { id: id.into(), secret })
            }
            (None, None, None) => Err(ApiError::invalid_client()),
        }
    }

    /// The `client_id` that it says is its own.
    fn claimed(&self) -> Option<&str> {
        match self {
            Self::Secret { id, .. } => Some(id),
            Self::Assertion { claimed, .. } => claimed.as_deref(),
        }
    }
}

/// `private_key_jwt`: verified, then spent, over all instances. `None`: it proves nothing.
async fn by_assertion<'a>(
    house: &House,
    request: &HttpRequest,
    app: &'a App,
    assertion: &str,
) -> Result<Option<Authenticated<'a>>, ApiError> {
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
