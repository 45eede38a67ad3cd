//! That it is the browser itself that asks, for which app, and in whose session.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;
use serde_json::json;

use crate::{
    session::Session,
    store::StoreError,
    types::{App, OAuthCode},
    web::{Directory, House, api::ApiError, cookies, headers, params::Params},
};

/// No page can say this of itself: the name begins with `Sec-`.
const DESTINATION: &str = "Sec-Fetch-Dest";

/// Refuses whoever is not the browser itself, acting for a person in its own dialog: else any page could ask who is
/// signed in here.
pub(super) fn by_browser(request: &HttpRequest) -> Result<(), ApiError> {
    let mut said = request.headers().get_all(DESTINATION);
    match (said.next(), said.next()) {
        (Some(destination), None) if destination == "webidentity" => Ok(()),
        _ => Err(ApiError::bad_request(OAuthCode::InvalidRequest, "only a browser's own dialog asks here")),
    }
}

/// The living session that the browser's own cookie opens.
pub(super) async fn session(house: &House, request: &HttpRequest) -> Result<Option<Session>, StoreError> {
    match house.cookies.get(request, cookies::FEDCM) {
        Some(cookie) => house.sessions.find_by_accounts(&cookie).await,
        None => Ok(None),
    }
}

/// An app, proven by the origin of the page that asks. Nobody else reads an answer.
pub(super) struct Asking<'a> {
    pub app: &'a App,
    pub params: Params,
    pub origin: String,
}

impl<'a> Asking<'a> {
    pub fn read(directory: &'a Directory, request: &HttpRequest, body: &[u8]) -> Result<Self, ApiError> {
        by_browser(request)?;
        let bad = |why| ApiError::bad_request(OAuthCode::InvalidRequest, why);
        let params = Params::parse(body).map_err(|_| bad("too many parameters"))?;
        let id = params.get("client_id").map_err(|_| bad("client_id came more than once"))?;
        let app = id.and_then(|id| id.parse().ok()).and_then(|id| directory.apps.let_in(&id));
        let app = app.ok_or_else(|| bad("client_id is missing or unknown"))?;
        let mut origins = request.headers().get_all(header::ORIGIN);
        let origin = origins.next().filter(|_| origins.next().is_none()).and_then(|origin| origin.to_str().ok());
        // As text, and whole: `https://app.example` is no beginning of anything.
        let own = |origin: &&str| origin.contains("://") && app.origins.iter().any(|own| own == origin);
        let origin = origin.filter(own).ok_or_else(|| ApiError::forbidden("the origin is not one of this client"))?;
        Ok(Self { app, params, origin: origin.to_owned() })
    }

    /// An answer that the app's page may see, and no other.
    pub fn answer(&self, status: StatusCode, body: &impl Serialize) -> HttpResponse {
        let mut response = HttpResponse::build(status);
        headers::no_store(&mut response);
        if let Ok(origin) = HeaderValue::from_str(&self.origin) {
            response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        }
        response
            .insert_header((header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
            .insert_header((header::VARY, "Origin"))
            .json(body)
    }

    /// A no, in words of the standard (FedCM, Error API). Nothing in it is of the person.
    pub fn refuse(&self, code: OAuthCode) -> HttpResponse {
        let status = match code {
            OAuthCode::InvalidRequest | OAuthCode::InvalidScope | OAuthCode::InvalidTarget => StatusCode::BAD_REQUEST,
            OAuthCode::LoginRequired => StatusCode::UNAUTHORIZED,
            OAuthCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        };
        self.answer(status, &json!({ "error": { "error": code.as_str() } }))
    }
}
