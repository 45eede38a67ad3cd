//! `request_uri`: what an app pushed beforehand (RFC 9126, section 4).

use super::{Came, Error};
use crate::{
    flow::{Request, request::PushedId},
    pushed,
    types::{App, OAuthCode, OAuthError},
    web::{
        House,
        errors::{PageError, Problem},
        params::Params,
    },
};

/// What a finished request is remembered as.
const PUSHED: &str = "pushed request";

/// A reference of ours, where the request is one. Any other `request_uri` is the address of a document, which we do not
/// fetch: that is told the app.
pub(super) fn reference(params: &Params) -> Result<Option<&str>, Problem> {
    let uri = params.get("request_uri").map_err(|_| Problem::BadRequest)?;
    Ok(uri.filter(|uri| pushed::is_reference(uri)))
}

/// What was pushed under a reference: this app's own, not too old, and not finished before. What else came with it
/// counts for nothing (RFC 9101, section 6.3).
pub(super) async fn found(house: &House, app: &App, reference: &str) -> Result<Request, Error> {
    let looked = async {
        let request = house.pushed.find(&app.id, reference).await?.ok_or(Problem::AttemptExpired)?;
        let finished = match request.pushed {
            Some(id) => house.spent.is_spent(PUSHED, &[id.0.as_bytes()]).await?,
            None => false,
        };
        if finished { Err(PageError::from(Problem::AlreadyDone)) } else { Ok(request) }
    };
    looked.await.map_err(Error::Shown)
}

/// Counts a pushed request, at its end (RFC 9126, section 7.3): so the page before may be reloaded.
///
/// # Errors
/// [`Problem::AlreadyDone`].
pub(in crate::oidc) async fn finish(house: &House, request: &Request) -> Result<(), PageError> {
    let Some(PushedId(id)) = request.pushed else { return Ok(()) };
    let keep = house.lifetimes.attempt.saturating_add(pushed::LIVES);
    if house.spent.spend(PUSHED, &[id.as_bytes()], keep).await? { Ok(()) } else { Err(Problem::AlreadyDone.into()) }
}

/// What an app may have to do: push its requests (RFC 9126, section 6), and name the redirect URI then (FAPI 2.0,
/// section 5.3.2.2).
pub(super) fn demanded(app: &App, came: Came, redirect_named: bool) -> Result<(), OAuthError> {
    let wrong = |why: &'static str| Err(OAuthError::new(OAuthCode::InvalidRequest, why));
    match came {
        Came::Openly if app.must_push() => wrong("this client pushes its requests first (RFC 9126)"),
        Came::Pushed if app.is_strict() && !redirect_named => wrong("redirect_uri is missing"),
        Came::Openly | Came::Pushed => Ok(()),
    }
}
