//! RP-Initiated Logout 1.0. A valid hint of this session signs out at once; otherwise GET asks and POST acts. A
//! post-logout address is followed only if it is registered, exactly, by the app that the hint or `client_id` proves.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{front_channel::Farewell, respond::with_query};
use crate::{
    apps::Apps,
    keyring::{Expect, Expired, TokenType, VerifyError},
    seal::Sector,
    session::Session,
    types::App,
    web::{
        Directory, House,
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem},
        headers::FormTargets,
        links,
        pages::{SignOutQuestion, SignedOut},
        params::Params,
        parked, see_other, sign_out,
    },
};

/// What an app asks.
struct Request {
    hint: Option<Hint>,
    client_id: Option<String>,
    redirect: Option<String>,
    state: Option<String>,
}

impl Request {
    /// The app that it names.
    fn named(&self) -> Option<&str> {
        self.hint.as_ref().map(|hint| &hint.aud).or(self.client_id.as_ref()).map(String::as_str)
    }
}

/// An ID token of ours, possibly expired.
#[derive(Deserialize)]
struct Hint {
    aud: String,
    #[serde(default)]
    sid: String,
}

/// `GET /logout`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = parked::params(&house, &request)?;
    begin(&house, &request, &params).await
}

/// `POST /logout`: an app's request (section 2 demands both methods).
pub async fn post(house: web::Data<House>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, PageError> {
    parked::ask_again(&house, &request, links::LOGOUT, &body)
}

/// `POST /logout/answer`: the answer to the question.
pub async fn answer(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else { return Ok(see_other(links::SIGNED_OUT)) };
    let params = form.verified(&house, Purpose::Logout, session.id.as_bytes())?;
    if params.get("answer").ok().flatten() != Some("yes") {
        return Ok(see_other(links::HOME));
    }
    let asked = read(&house, &params)?;
    meet(&house, &request, asked.named()).await;
    let directory = house.directory();
    let app = app(&asked, &directory.apps);
    end(&house, &directory, session, (app, target(&asked, app))).await
}

/// `GET /logout/done`.
pub async fn done(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let farewell = params.get("farewell").ok().flatten().and_then(|text| Farewell::read(&house, text));
    meet(&house, &request, farewell.as_ref().and_then(Farewell::app)).await;
    let directory = house.directory();
    let frames = farewell.as_ref().map(|farewell| farewell.frames(&house, &directory)).unwrap_or_default();
    let origins = frames.iter().map(|frame| frame.origin().ascii_serialization());
    let targets = origins.fold(FormTargets::here(), FormTargets::framing);
    let page = SignedOut {
        app: farewell.as_ref().and_then(|farewell| farewell.then(&directory)),
        frames: frames.iter().map(url::Url::to_string).collect(),
    };
    house.page(&request, StatusCode::OK, &page, &targets)
}

async fn begin(house: &House, request: &HttpRequest, params: &Params) -> Result<HttpResponse, PageError> {
    let asked = read(house, params)?;
    meet(house, request, asked.named()).await;
    let directory = house.directory();
    let app = app(&asked, &directory.apps);
    let target = target(&asked, app);
    let Some(session) = house.session(request).await? else {
        // Nobody is signed in here; what the app asked for is so already.
        return Ok(see_other(&target.unwrap_or_else(|| links::SIGNED_OUT.to_owned())));
    };
    if asked.hint.as_ref().zip(app).is_some_and(|(hint, app)| is_of(house, &session, hint, app)) {
        return end(house, &directory, session, (app, target)).await;
    }
    Ok(question(house, request, params, &session, app))
}

/// Makes the app known that the request is about. Nobody stays signed in because nothing is heard of an app.
async fn meet(house: &House, request: &HttpRequest, app: Option<&str>) {
    if let Err(error) = house.meet(request, app.unwrap_or_default()).await {
        tracing::info!(%error, "somebody signs out, and the app that asks is not known");
    }
}

fn read(house: &House, params: &Params) -> Result<Request, PageError> {
    let get = |name| params.owned(name).map_err(|_| PageError::from(Problem::BadRequest));
    let expect = Expect {
        typ: TokenType::Jwt,
        issuer: house.issuer.as_str(),
        audience: None,
        leeway: std::time::Duration::ZERO,
        expired: Expired::Accepted,
    };
    let hint = match get("id_token_hint")? {
        None => None,
        Some(token) => match house.keyring.verify::<Hint>(&token, &expect) {
            Ok(hint) => Some(hint),
            // The key has retired since, while the session lives on: proof of nothing, but the person may still leave.
            Err(VerifyError::UnknownKey | VerifyError::NotReady) => None,
            Err(_) => return Err(Problem::BadRequest.into()),
        },
    };
    Ok(Request { hint, client_id: get("client_id")?, redirect: get("post_logout_redirect_uri")?, state: get("state")? })
}

/// The app that asks. A hint for one app with the `client_id` of another is neither's.
fn app<'a>(asked: &Request, apps: &'a Apps) -> Option<&'a App> {
    match (&asked.hint, &asked.client_id) {
        (Some(hint), Some(id)) if hint.aud != *id => None,
        (Some(hint), _) => apps.find(&hint.aud),
        (None, Some(id)) => apps.find(id),
        (None, None) => None,
    }
}

/// Where to go afterwards: only to an address that the app registered, exactly.
fn target(asked: &Request, app: Option<&App>) -> Option<String> {
    let wanted = asked.redirect.as_deref()?;
    let registered = app?.post_logout_redirect_uris.iter().find(|uri| uri.as_str() == wanted)?;
    let state: Vec<(&'static str, String)> = asked.state.iter().map(|state| ("state", state.clone())).collect();
    Some(if state.is_empty() { registered.as_str().to_owned() } else { with_query(registered.as_str(), &state) })
}

/// Whether the hint was issued in this very session.
fn is_of(house: &House, session: &Session, hint: &Hint, app: &App) -> bool {
    house.pseudonyms.sid(Sector::of(app), session.id) == hint.sid
}

fn question(
    house: &House,
    request: &HttpRequest,
    params: &Params,
    session: &Session,
    app: Option<&App>,
) -> HttpResponse {
    let carried = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    let extra = carried
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), params.get(name).ok().flatten()?.to_owned())))
        .collect();
    let page = SignOutQuestion {
        app_name: app.map(|app| app.name.as_str()),
        form_token: csrf::token_for(house, Purpose::Logout, session.id.as_bytes()),
        extra,
        action: links::LOGOUT_ANSWER,
    };
    let origins = app.into_iter().flat_map(|app| &app.post_logout_redirect_uris).map(|uri| uri.origin());
    let targets = origins.fold(FormTargets::here(), FormTargets::and);
    house.page(request, StatusCode::OK, &page, &targets)
}

async fn end(
    house: &House,
    directory: &Directory,
    session: Session,
    (app, target): (Option<&App>, Option<String>),
) -> Result<HttpResponse, PageError> {
    let next = match Farewell::of(house, directory, &session).await? {
        Some(farewell) => farewell.page(house, app, target),
        None => target.unwrap_or_else(|| links::SIGNED_OUT.to_owned()),
    };
    sign_out::end(house, session, &next).await
}
