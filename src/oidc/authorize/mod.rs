//! The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2): a list of checks in order,
//! one rule a file. Before app and redirect URI are proven, nothing can redirect: the two kinds of error are two types.

mod app;
mod echo;
mod max_age;
mod pkce;
mod prompt;
mod redirect;
mod response;
mod scope;
mod unsupported;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    advance,
    respond::{Answer, ReturnTo},
};
use crate::{
    apps::Apps,
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
    Shown(Problem),
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
        Self::Shown(problem)
    }
}

impl From<Repeated> for OAuthError {
    fn from(repeated: Repeated) -> Self {
        Self::new(OAuthCode::InvalidRequest, repeated.to_string())
    }
}

/// `GET /authorize`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let params = parked::params(&house, &request)?;
    let parsed = parse(&params, &house.directory().apps);
    match parsed {
        Ok(parsed) => {
            let id = RandomId::generate(house.sealer.random());
            let attempt = AnyAttempt::Open(Attempt::open(id, parsed, house.clock.now()));
            advance::advance(&house, &request, attempt, None).await
        }
        Err(Error::Shown(problem)) => Err(problem.into()),
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

/// All checks, in order.
fn parse(params: &Params, apps: &Apps) -> Result<Request, Error> {
    let app = app::proven(params, apps)?;
    let redirect = redirect::proven(params, app)?;
    let state = echo::state(params);
    let mode = response::mode(params);
    let to = ReturnTo {
        app: app.id.clone(),
        redirect: redirect.uri.clone(),
        mode: mode.clone().unwrap_or_default(),
        state: state.clone().unwrap_or_default(),
    };
    check(params, app, redirect, state, mode).map_err(|error| Error::Redirected(Box::new(Redirected { to, error })))
}

fn check(
    params: &Params,
    app: &App,
    redirect: redirect::Proven,
    state: Result<Option<AppState>, OAuthError>,
    mode: Result<ResponseMode, OAuthError>,
) -> Result<Request, OAuthError> {
    let state = state?;
    unsupported::refuse(params)?;
    response::is_code(params, app)?;
    Ok(Request {
        app: app.id.clone(),
        redirect: redirect.uri,
        redirect_named: redirect.named,
        response_mode: mode?,
        state,
        scope: scope::with_openid(params)?,
        nonce: echo::nonce(params)?,
        prompt: prompt::parsed(params)?,
        max_age: max_age::parsed(params)?,
        challenge: pkce::challenge(params, app)?,
        provider: echo::provider(params)?,
        login_hint: echo::hint(params, "login_hint")?,
        ui_locales: echo::hint(params, "ui_locales")?,
        device: None,
    })
}
