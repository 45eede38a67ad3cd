//! A form that another site posts comes without our cookies (`SameSite=Lax`), as if from a browser that was never
//! here: nobody would seem to be signed in, and no attempt to be on its way. So it is asked for once more: a 303 to the
//! same address, with the form in the query, where only we can read it. Nothing is stored.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::{
    House, csrf,
    errors::{PageError, Problem},
    params::Params,
    see_other,
};
use crate::{seal::token, types::Timestamp};

/// How long a form may take to come back as a query.
const LIVES: std::time::Duration = std::time::Duration::from_secs(60);

/// What such a form may have: it comes back in a URL.
const MAX_FORM: usize = 4096;

/// The name of the parameter.
const NAME: &str = "parked";

#[derive(Serialize, Deserialize)]
struct Parked {
    path: String,
    #[serde(with = "serde_bytes")]
    form: Vec<u8>,
    at: Timestamp,
}

/// Sends a posted form to `path` once more, as a query.
///
/// # Errors
/// [`Problem::BadRequest`] for what is no form, or too large a one.
pub fn ask_again(house: &House, request: &HttpRequest, path: &str, form: &[u8]) -> Result<HttpResponse, PageError> {
    if !csrf::is_form(request) || form.len() > MAX_FORM {
        return Err(Problem::BadRequest.into());
    }
    let parked = Parked { path: path.to_owned(), form: form.to_vec(), at: house.clock.now() };
    let sealed = house.sealer.hand_out(token::PARKED, &parked);
    Ok(see_other(&format!("{path}?{NAME}={sealed}")))
}

/// The parameters of a request to an address that takes GET and POST alike: its query, or the form that was posted to
/// it a moment ago.
///
/// # Errors
/// [`Problem::BadRequest`], or [`Problem::AttemptExpired`] for a form that took too long or was for another address.
pub fn params(house: &House, request: &HttpRequest) -> Result<Params, PageError> {
    let query = parse(request.query_string().as_bytes())?;
    let Some(sealed) = query.get(NAME).map_err(|_| Problem::BadRequest)? else { return Ok(query) };
    let parked: Parked = house.sealer.take_back(token::PARKED, sealed).map_err(|_| Problem::BadRequest)?;
    if parked.path != request.path() || house.clock.now() > parked.at.plus(LIVES) {
        return Err(Problem::AttemptExpired.into());
    }
    parse(&parked.form)
}

fn parse(encoded: &[u8]) -> Result<Params, PageError> {
    Params::parse(encoded).map_err(|_| Problem::BadRequest.into())
}
