//! Programs at the gate: an access token in `Authorization: Bearer` whose audience is the app's origin (RFC 6750,
//! section 2.1; RFC 9068, section 4).

use actix_web::{HttpRequest, http::header};

use super::asked::Asked;
use crate::{
    keyring::VerifyError,
    store::StoreError,
    types::AppId,
    web::{
        House,
        access_token::{AccessToken, NotTold},
    },
};

/// What a request brings.
pub enum Bearer {
    /// Nothing of the kind.
    None,
    /// A token of this app.
    Of(AppId),
    /// A token that is not taken.
    Refused,
    /// What would tell is not there at the moment: the keys, or the app's document.
    NotReady,
}

/// The token of a request. Two of them are none.
fn token(request: &HttpRequest) -> Option<&str> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let (scheme, token) = all.next().filter(|_| all.next().is_none())?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Looks whose token a request brings, and whether it still counts.
pub async fn look(house: &House, request: &HttpRequest, asked: &Asked<'_>) -> Result<Bearer, StoreError> {
    let Some(token) = token(request) else { return Ok(Bearer::None) };
    let said = match AccessToken::verify(house, token, Some(asked.origin.as_str())) {
        Ok(said) => said,
        Err(VerifyError::NotReady) => return Ok(Bearer::NotReady),
        Err(_) => return Ok(Bearer::Refused),
    };
    // One that is bound to a key is no bearer token (RFC 9449, section 7.2).
    let Some(app) = said.client_id.parse().ok().filter(|_| said.cnf.is_none()) else { return Ok(Bearer::Refused) };
    match said.behind(house, request).await {
        Ok(Some(_)) => Ok(Bearer::Of(app)),
        Ok(None) => Ok(Bearer::Refused),
        Err(NotTold::Store(error)) => Err(error),
        Err(NotTold::App(_)) => Ok(Bearer::NotReady),
    }
}
