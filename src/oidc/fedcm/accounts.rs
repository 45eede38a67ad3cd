//! The accounts endpoint: who is signed in in this browser, for the browser's own dialog. Which app it asks for it does
//! not say, and what it is told no page sees.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Map, Value};

use super::{asked, status};
use crate::{
    session::Session,
    types::{Claim, OAuthCode},
    web::{House, api::ApiError, headers},
};

/// What a dialog shows of a person. No picture: the browser would fetch it from the provider on every app's page.
const SHOWN: [(Claim, &str); 3] = [(Claim::Name, "name"), (Claim::GivenName, "given_name"), (Claim::Email, "email")];

/// `GET /fedcm/accounts`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    asked::by_browser(&request)?;
    if request.headers().contains_key(header::ORIGIN) {
        return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "a browser asks this for no page"));
    }
    let session = asked::session(&house, &request).await?;
    let mut response = if session.is_some() { HttpResponse::Ok() } else { HttpResponse::Unauthorized() };
    headers::no_store(&mut response);
    let accounts = match session {
        Some(session) => {
            response.insert_header((status::HEADER, status::LOGGED_IN));
            vec![account(&house, &session).await?]
        }
        None => {
            response.insert_header((status::HEADER, status::LOGGED_OUT));
            vec![]
        }
    };
    Ok(response.json(serde_json::json!({ "accounts": accounts })))
}

async fn account(house: &House, session: &Session) -> Result<Map<String, Value>, ApiError> {
    let directory = house.directory();
    let mut said = Map::new();
    for (claim, name) in SHOWN {
        said.extend(session.known.text(claim).map(|text| (name.to_owned(), text.into())));
    }
    if !said.contains_key("name") && !said.contains_key("email") {
        let provider = directory.provider(&session.provider).map(|provider| provider.about().name.as_str());
        let known = session.known.text(Claim::PreferredUsername);
        said.insert("username".into(), known.or(provider).unwrap_or(session.provider.as_str()).into());
    }
    said.insert("id".into(), house.pseudonyms.browser_account(session.who.account).into());
    // Exactly those that the person is connected to now: whoever withdrew or paused an app is asked again.
    let agreed = house.consents.list(&session.who).await?;
    let stands = agreed.iter().filter(|(app, agreement)| !agreement.paused && directory.apps.let_in(app).is_some());
    let apps = stands.map(|(app, _)| app.as_str().into()).collect();
    said.insert("approved_clients".into(), Value::Array(apps));
    Ok(said)
}
