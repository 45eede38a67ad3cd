//! Who is at the privacy page. A form counts in the session whose page it came from, and acts on that session's account
//! alone: what an address names is looked up in there.

use actix_web::{HttpRequest, HttpResponse};

use crate::{
    session::Session,
    web::{
        House,
        csrf::{self, Form, Purpose},
        errors::{PageError, WayOn},
        links,
        params::Params,
        see_other,
    },
};

/// The token of the forms on a page for `session`.
pub(super) fn form_token(house: &House, session: &Session) -> String {
    csrf::token_for(house, Purpose::Account, session.id.as_bytes())
}

/// Where somebody goes who is not signed in here: to the page, which asks them to.
pub(super) fn sign_in_first() -> HttpResponse {
    see_other(links::ACCOUNT)
}

/// Acts for whoever is signed in, on a form from a page of theirs.
///
/// # Errors
/// [`crate::web::errors::Problem::FormRefused`], and those of `deed`.
pub(super) async fn act(
    house: &House,
    request: &HttpRequest,
    form: Form,
    deed: impl AsyncFnOnce(Session, Params) -> Result<HttpResponse, PageError>,
) -> Result<HttpResponse, PageError> {
    house.check_address(request)?;
    let Some(session) = house.session(request).await? else { return Ok(sign_in_first()) };
    let again = || WayOn::TryAgain { href: links::ACCOUNT.to_owned() };
    let params = form.verified(house, Purpose::Account, session.id.as_bytes());
    deed(session, params.map_err(|error| error.with_way_on(again()))?).await
}
