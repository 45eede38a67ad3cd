//! A browser is signed out: its session ends, and its cookie goes. The same wherever it was asked for.

use actix_web::HttpResponse;

use super::{House, cookies, errors::PageError, see_other};
use crate::{partition::Presence, session::Session};

/// Ends the session of the browser that asks, and sends it on to `target`.
///
/// # Errors
/// The store's; then nothing is known to have ended.
pub async fn end(house: &House, session: Session, target: &str) -> Result<HttpResponse, PageError> {
    house.sessions.end(&session).await?;
    house.witness.logout(&session);
    tidy(house, &session.who).await;
    leave(house, target)
}

/// What hung on what just ended is dead already; its remains need not lie around. Later does as well, so nobody hears
/// of a failure.
pub async fn tidy(house: &House, who: &Presence) {
    if let Err(error) = house.grants.tidy(who).await {
        tracing::warn!(%error, "what an end left behind was not cleared away");
    }
}

/// On to `target`, without the cookie of a session that has ended.
///
/// # Errors
/// None that happens: our cookies are header values.
pub fn leave(house: &House, target: &str) -> Result<HttpResponse, PageError> {
    let mut response = see_other(target);
    cookies::put(&mut response, house.cookies.signed_out())?;
    Ok(response)
}
