//! A message comes in: read within bounds, verified by its provider, and counted when it is wrong.

use std::sync::Arc;

use actix_web::{HttpRequest, web};

use super::answer::Refusal;
use crate::{
    types::ProviderId,
    upstream::{Form, Message, Notice, Provider, Unheard, notice::Fault},
    web::{
        House, csrf,
        params::{MAX_BYTES, Params},
    },
};

/// A body, as it arrives.
pub(super) type Body = Result<web::Bytes, actix_web::Error>;

const fn malformed(why: &'static str) -> Refusal {
    Refusal::Wrong(Fault::InvalidRequest, why)
}

/// The body, if it is not larger than any honest one.
pub(super) fn bounded(body: Body) -> Result<web::Bytes, Refusal> {
    body.ok().filter(|body| body.len() <= MAX_BYTES).ok_or(malformed("the body is too large"))
}

/// The text of a body.
pub(super) fn text(body: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(body).map(str::trim).map_err(|_| malformed("the body is not text"))
}

/// The one parameter that a form brings.
pub(super) fn parameter(request: &HttpRequest, body: Body, name: &'static str) -> Result<String, Refusal> {
    let body = bounded(body)?;
    if !csrf::is_form(request) {
        return Err(malformed("the body must be a form"));
    }
    let params = Params::parse(&body).map_err(|_| malformed("too many parameters"))?;
    let given = params.owned(name).map_err(|_| malformed("a parameter came more than once"))?;
    given.ok_or(malformed("a parameter is missing"))
}

/// What a message says. Only what is wrong is counted, after it was looked at: a provider that proves itself is never
/// kept waiting.
pub(super) async fn hear(
    house: &House,
    request: &HttpRequest,
    provider: &Arc<dyn Provider>,
    message: Message<'_>,
) -> Result<Notice, Refusal> {
    match provider.hear(message).await {
        Ok(notice) => Ok(notice),
        Err(Unheard::Wrong { fault, why }) => {
            house.witness.provider_refused(&provider.about().id, fault.as_str(), why);
            house.count_wrong(request, None).map_err(Refusal::TooMany)?;
            Err(Refusal::Wrong(fault, why))
        }
        Err(unheard) => {
            if let Unheard::Unavailable(error) = &unheard {
                tracing::warn!(provider = %provider.about().id, %error, "a provider's message cannot be verified now");
            }
            Err(unheard.into())
        }
    }
}

/// The provider of a route, if it tells something in that form.
pub(super) fn find(house: &House, provider: &str, form: Form) -> Result<Arc<dyn Provider>, Refusal> {
    let id: ProviderId = provider.parse().map_err(|_| Refusal::Nowhere)?;
    let found = house.directory().provider(&id).filter(|provider| provider.tells().contains(&form)).cloned();
    found.ok_or(Refusal::Nowhere)
}
