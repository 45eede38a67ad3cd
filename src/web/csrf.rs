//! Forms of pages. The only way to read one is to verify it: that it comes from a page of ours, made for this browser
//! and this purpose (RFC 9700 section 4.7; Fetch Metadata).

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::{
    House,
    errors::{PageError, Problem},
    gated,
    params::{MAX_BYTES, Params},
};
use crate::{
    seal::token,
    types::{Timestamp, gate::OWN_PATHS},
};

/// How long a page may lie open before its form is refused.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(2 * 3600);

/// What a form does; a token for one does not serve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Choose a provider for an attempt.
    Login,
    /// Sign out of a session.
    Logout,
    /// Answer what an app may see.
    Consent,
    /// Change something on the privacy page.
    Account,
    /// Add a way to sign in.
    Link,
    /// Delete everything.
    Delete,
    /// Choose a language.
    Language,
    /// Type the code of a device.
    Code,
    /// Say whether a device is one's own.
    Device,
}

#[derive(Serialize, Deserialize)]
struct Token {
    purpose: Purpose,
    #[serde(with = "serde_bytes")]
    bound_to: Vec<u8>,
    issued: Timestamp,
}

/// A token for a form: for one purpose, bound to what only this browser has (its attempt, its session).
pub fn token_for(house: &House, purpose: Purpose, bound_to: &[u8]) -> String {
    let token = Token { purpose, bound_to: bound_to.to_vec(), issued: house.clock.now() };
    house.sealer.hand_out(token::FORM, &token)
}

/// A posted form, not verified yet.
pub struct Form(Params);

impl Form {
    /// The parameter that names what the token must be bound to; it is proven by nothing until the form is verified.
    pub fn unverified(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).ok().flatten()
    }

    /// The form, if its token is for this purpose and bound to this.
    ///
    /// # Errors
    /// [`Problem::FormRefused`].
    pub fn verified(self, house: &House, purpose: Purpose, bound_to: &[u8]) -> Result<Params, PageError> {
        let (params, carried) = self.carried(house, purpose)?;
        if carried == bound_to { Ok(params) } else { Err(Problem::FormRefused.into()) }
    }

    /// The form, if its token is for this purpose, and what the token was bound to: for a form that is nobody's, and
    /// whose token carries what it needs.
    ///
    /// # Errors
    /// [`Problem::FormRefused`].
    pub(super) fn carried(self, house: &House, purpose: Purpose) -> Result<(Params, Vec<u8>), PageError> {
        let text = self.0.get("form_token").ok().flatten().unwrap_or_default();
        let token = house.sealer.take_back::<Token>(token::FORM, text).map_err(|_| Problem::FormRefused)?;
        if token.purpose != purpose || house.clock.now() >= token.issued.plus(LIFETIME) {
            return Err(Problem::FormRefused.into());
        }
        Ok((self.0, token.bound_to))
    }
}

impl FromRequest for Form {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ours = is_from_here(request);
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            if !ours {
                return Err(Problem::FormRefused.into());
            }
            let body = body.await.ok().filter(|body| body.len() <= MAX_BYTES).ok_or(Problem::BadRequest)?;
            Params::parse(&body).map(Self).map_err(|_| Problem::BadRequest.into())
        })
    }
}

/// A form from a page of ours: no foreign `Origin`, no cross-site `Sec-Fetch-Site`, and a form's content type. Their
/// absence is fine. Our pages send no referrer, which makes browsers say `Origin: null`; then the browser's own word
/// that the request is same-origin decides.
fn is_from_here(request: &HttpRequest) -> bool {
    let Some(house) = request.app_data::<web::Data<House>>() else { return false };
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin_fits = match text(header::ORIGIN.as_str()) {
        None => true,
        Some("null") => text(SITE) == Some("same-origin"),
        Some(origin) => origin == house.issuer.as_str() || is_gated(house, request, origin),
    };
    is_form(request) && origin_fits && !is_sent_by_another_site(request)
}

/// By which a browser says whose page a request comes from (Fetch Metadata, section 2.4).
const SITE: &str = "sec-fetch-site";

/// Whether the browser says that another site sent it here. It may say nothing.
pub fn is_sent_by_another_site(request: &HttpRequest) -> bool {
    request.headers().get(SITE).is_some_and(|site| site != "same-origin" && site != "none")
}

/// A page of ours on a gated host is at home there.
fn is_gated(house: &House, request: &HttpRequest, origin: &str) -> bool {
    let directory = house.directory();
    let gate = gated::app(house, &directory, request).and_then(|app| app.gate.as_ref());
    request.path().starts_with(OWN_PATHS) && gate.is_some_and(|gate| gate.as_str() == origin)
}

/// Whether a request says that its body is a form.
pub fn is_form(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
