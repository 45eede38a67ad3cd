//! The disconnect endpoint: an app parts from a person, as the person would on their own page. Their account stays.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde_json::json;

use super::asked::{self, Asking};
use crate::{
    consent::Changed,
    seal::Sector,
    session::Session,
    types::{App, Claim, OAuthCode},
    web::{House, api::ApiError, sign_out},
};

/// `POST /fedcm/disconnect`.
pub async fn post(house: web::Data<House>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, ApiError> {
    let directory = house.directory();
    let asking = Asking::read(&directory, &request, &body)?;
    let Some(session) = asked::session(&house, &request).await? else {
        return Ok(asking.refuse(OAuthCode::LoginRequired));
    };
    let hint = asking.params.get("account_hint").ok().flatten();
    if !is_meant(&house, asking.app, &session, hint.unwrap_or_default()).await? {
        return Ok(asking.refuse(OAuthCode::AccessDenied));
    }
    if house.consents.disconnect(&session.who, &asking.app.id).await? == Changed::Done {
        house.witness.changed(&asking.app.id, &session, "disconnected");
        sign_out::tidy(&house, &session.who).await;
    }
    let account = house.pseudonyms.browser_account(session.who.account);
    Ok(asking.answer(StatusCode::OK, &json!({ "account_id": account })))
}

/// Whether the hint means this person, by something that the app may know: what the browser calls them, its own `sub`, or
/// an address that they let it see. Any other address would be a guess.
async fn is_meant(house: &House, app: &App, session: &Session, hint: &str) -> Result<bool, ApiError> {
    let account = session.who.account;
    let sub = house.pseudonyms.subject(Sector::of(app), account);
    if hint == house.pseudonyms.browser_account(account) || hint == sub.as_str() {
        return Ok(true);
    }
    if session.known.text(Claim::Email) != Some(hint) {
        return Ok(false);
    }
    let agreed = house.consents.find(&session.who, &app.id).await?;
    Ok(agreed.agreement.is_some_and(|agreement| agreement.chosen(app).contains(&Claim::Email)))
}
