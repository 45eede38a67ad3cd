//! The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2): a list of checks in order,
//! one rule a file. Before app and redirect URI are proven, nothing can redirect: the two kinds of error are two types.

mod app;
mod claims;
mod echo;
mod hint;
mod max_age;
mod object;
mod pkce;
mod prompt;
mod pushed;
mod redirect;
mod resource;
mod response;
mod scope;
mod unsupported;

pub(super) use claims::ACR;
pub(super) use pushed::finish as finish_pushed;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    advance,
    respond::{Answer, ReturnTo},
};
use crate::{
    flow::{Request, attempt::Attempt},
    types::{App, OAuthCode, OAuthError, echo::AppState, ids::RandomId, response_mode::ResponseMode},
    web::{
        House,
        attempts::AnyAttempt,
        errors::{PageError, Problem},
        links,
        params::{Params, Repeated},
        parked,
    },
};

/// An error of an authorization request.
#[derive(Debug)]
pub enum Error {
    /// App or redirect URI is not proven: a page, never a redirect (RFC 6749, section 4.1.2.1).
    Shown(PageError),
    /// Both are proven: the app is told.
    Redirected(Box<Redirected>),
}

/// An error for the app.
#[derive(Debug)]
pub struct Redirected {
    /// Where it goes.
    pub to: ReturnTo,
    /// What is wrong.
    pub error: OAuthError,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Shown(problem.into())
    }
}

impl From<Repeated> for OAuthError {
    fn from(repeated: Repeated) -> Self {
        Self::new(OAuthCode::InvalidRequest, repeated.to_string())
    }
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Through the browser, where anyone may have changed it.
    Openly,
    /// From the app itself, beforehand (RFC 9126).
    Pushed,
}

/// `GET /authorize`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let params = parked::params(&house, &request)?;
    match read(&house, &request, &params).await {
        Ok(asked) => {
            let id = RandomId::generate(house.sealer.random());
            let attempt = AnyAttempt::Open(Attempt::open(id, asked, house.clock.now()));
            advance::advance(&house, &request, attempt, None).await
        }
        Err(Error::Shown(error)) => Err(error),
        Err(Error::Redirected(error)) => {
            let Redirected { to, error } = *error;
            Ok(Answer::error(&house, to, &error).send(&house, &request))
        }
    }
}

/// `POST /authorize` (OpenID Connect Core, section 3.1.2.1): any page may send it, like a link.
pub async fn post(house: web::Data<House>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, PageError> {
    parked::ask_again(&house, &request, links::AUTHORIZE, &body)
}

/// What an app asks: pushed before, in a signed object, or in the parameters themselves.
async fn read(house: &House, request: &HttpRequest, params: &Params) -> Result<Request, Error> {
    if let Ok(Some(id)) = params.get("client_id") {
        house.meet(request, id).await.map_err(|error| Error::Shown(error.into()))?;
    }
    let directory = house.directory();
    let app = app::proven(params, &directory.apps)?;
    if let Some(reference) = pushed::reference(params)? {
        return pushed::found(house, app, reference).await;
    }
    parse(house, params, app, Came::Openly).await
}

/// All checks, in order.
pub(super) async fn parse(house: &House, params: &Params, app: &App, came: Came) -> Result<Request, Error> {
    match object::opened(house, params, app).await {
        Ok(None) => parse_plain(house, params, app, came),
        Ok(Some(inside)) => parse_plain(house, &inside, app, came),
        // What the object says of where to go is not proven; what came beside it may be.
        Err(error) => Err(Error::Redirected(Box::new(Redirected { to: return_to(params, app)?, error }))),
    }
}

fn return_to(params: &Params, app: &App) -> Result<ReturnTo, Problem> {
    Ok(ReturnTo {
        app: app.id.clone(),
        redirect: redirect::proven(params, app)?.uri,
        mode: response::mode(params).unwrap_or_default(),
        state: echo::state(params).unwrap_or_default(),
    })
}

fn parse_plain(house: &House, params: &Params, app: &App, came: Came) -> Result<Request, Error> {
    let redirect = redirect::proven(params, app)?;
    let to = return_to(params, app)?;
    let (state, mode) = (echo::state(params), response::mode(params));
    pushed::demanded(app, came, redirect.named)
        .and_then(|()| check(house, params, app, redirect, (state, mode)))
        .map_err(|error| Error::Redirected(Box::new(Redirected { to, error })))
}

/// State and mode, as far as they could be read.
type Echoed = (Result<Option<AppState>, OAuthError>, Result<ResponseMode, OAuthError>);

fn check(
    house: &House,
    params: &Params,
    app: &App,
    redirect: redirect::Proven,
    (state, mode): Echoed,
) -> Result<Request, OAuthError> {
    let state = state?;
    unsupported::refuse(params)?;
    response::is_code(params, app)?;
    let (asked, prompt) = (claims::asked(params, app)?, prompt::parsed(params)?);
    Ok(Request {
        app: app.id.clone(),
        redirect: redirect.uri,
        redirect_named: redirect.named,
        response_mode: mode?,
        state,
        scope: scope::with_openid(params)?,
        nonce: echo::nonce(params)?,
        prompt,
        max_age: max_age::parsed(params)?,
        challenge: pkce::challenge(params, app)?,
        dpop_key: pkce::key(params)?,
        pushed: None,
        provider: echo::provider(params)?,
        login_hint: echo::hint(params, "login_hint")?,
        ui_locales: echo::hint(params, "ui_locales")?,
        device: None,
        claims: asked.claims,
        wanted: hint::wanted(house, params, (app, prompt), asked.subjects)?,
        resources: resource::named(house, params, app)?,
    })
}
