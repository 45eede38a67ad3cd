//! What the person sees: the code, the question whose device it is, and what came of it. An address may fill in the
//! code; nothing is ever sent without a press of a button, and no device gets in without a yes to that question.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::decided;
use crate::{
    devices::{Decision, Waiting},
    flow::{DeviceAsk, Request, attempt::Attempt},
    types::{
        App, app::GrantType, claims_request::ClaimsRequest, ids::RandomId, prompt::Prompt, response_mode::ResponseMode,
        urls::AppRedirect, user_code::UserCode,
    },
    web::{
        House,
        attempts::{self, AnyAttempt},
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem},
        headers::FormTargets,
        links,
        pages::{DeviceCode, DeviceConfirm, DeviceOutcome},
        params::Params,
        see_other,
    },
};

/// The form of the code is nobody's: there is no session and no attempt yet that it could be bound to.
const NOBODY: &[u8] = b"";

/// Where somebody is sent whose code stands for no device.
const WRONG: &str = "/device?answer=wrong";

/// `GET /device`.
pub async fn code(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let named = params.get("user_code").ok().flatten().and_then(|code| code.parse::<UserCode>().ok());
    let page = DeviceCode {
        code: named.map(|code| code.to_string()),
        wrong: params.get("answer") == Ok(Some("wrong")),
        form_token: csrf::token_for(&house, Purpose::Code, NOBODY),
    };
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}

/// `POST /device`: the code is typed. A code that was tried too often is as good as wrong.
pub async fn typed(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let params = form.verified(&house, Purpose::Code, NOBODY)?;
    let code = params.get("user_code").ok().flatten().and_then(|code| code.parse::<UserCode>().ok());
    let Some(code) = code.filter(|code| house.limits.tries_code(code).is_ok()) else { return Ok(see_other(WRONG)) };
    let Some(waiting) = house.devices.find(&code).await? else { return Ok(see_other(WRONG)) };
    let directory = house.directory();
    let app = directory.apps.get(&waiting.app).filter(|app| app.may_use(GrantType::DeviceCode));
    let Some(app) = app else { return Ok(see_other(WRONG)) };
    let id = RandomId::generate(house.sealer.random());
    let attempt = Attempt::open(id, asked(&house, app, code, waiting)?, house.clock.now());
    attempts::go_on(&house, &request, &AnyAttempt::Open(attempt), &links::device_confirm(id))
}

/// `GET /device/confirm`: whose device is it?
pub async fn question(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let (attempt, ask) = find(&house, &request, params.get("attempt").ok().flatten())?;
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
    let page = DeviceConfirm {
        app_name: &app.name,
        app_host: attempt.request().redirect.display_host(),
        code: ask.code.to_string(),
        attempt: attempt.id().to_string(),
        form_token: csrf::token_for(&house, Purpose::Device, attempt.id().as_bytes()),
    };
    Ok(house.page(&request, StatusCode::OK, &page, &directory.form_targets_to(&attempt.request().redirect)))
}

/// `POST /device/confirm`: the answer.
pub async fn answered(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    let (mut attempt, ask) = find(&house, &request, form.unverified("attempt"))?;
    let params = form.verified(&house, Purpose::Device, attempt.id().as_bytes())?;
    match params.get("answer").map_err(|_| Problem::BadRequest)? {
        Some("yes") => {
            attempt.request_mut().device = Some(DeviceAsk { confirmed: true, ..ask });
            attempts::go_on(&house, &request, &attempt, &links::go_on(attempt.id()))
        }
        Some("no") => {
            let mut response = decided(&house, &ask, Decision::Declined).await?;
            response.add_cookie(&attempts::forget(&house, attempt.id())).map_err(PageError::internal)?;
            Ok(response)
        }
        _ => Err(Problem::BadRequest.into()),
    }
}

/// `GET /device/connected`.
pub async fn connected(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    outcome(&house, &request, DeviceOutcome::Connected)
}

/// `GET /device/declined`.
pub async fn declined(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    outcome(&house, &request, DeviceOutcome::Declined)
}

/// `GET /device/expired`.
pub async fn expired(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    outcome(&house, &request, DeviceOutcome::Expired)
}

fn outcome(house: &House, request: &HttpRequest, outcome: DeviceOutcome) -> HttpResponse {
    house.page(request, StatusCode::OK, &outcome, &FormTargets::here())
}

fn find(house: &House, request: &HttpRequest, id: Option<&str>) -> Result<(AnyAttempt, DeviceAsk), PageError> {
    let id: RandomId = id.and_then(|id| id.parse().ok()).ok_or(Problem::BadRequest)?;
    let attempt = attempts::find(house, request, id).ok_or(Problem::AttemptExpired)?;
    let ask = attempt.request().device.clone().ok_or(Problem::BadRequest)?;
    Ok((attempt, ask))
}

/// What the device asks, as an authorization request.
fn asked(house: &House, app: &App, code: UserCode, waiting: Waiting) -> Result<Request, PageError> {
    let Waiting { id, app: name, scope, expires } = waiting;
    Ok(Request {
        app: name,
        redirect: home(house, app).ok_or_else(|| PageError::internal("our own address is no address"))?,
        redirect_named: false,
        response_mode: ResponseMode::default(),
        state: None,
        nonce: None,
        scope,
        prompt: Prompt::default(),
        max_age: None,
        challenge: None,
        provider: None,
        login_hint: None,
        ui_locales: None,
        device: Some(DeviceAsk { code, id, expires, confirmed: false }),
        claims: ClaimsRequest::default(),
        wanted: vec![],
        dpop_key: None,
        pushed: None,
        resources: vec![],
    })
}

/// Whose app it is: its own page, or where it takes people back to in a browser, or here. Nothing is sent there.
fn home(house: &House, app: &App) -> Option<AppRedirect> {
    let page = app.links.home.as_ref().and_then(|page| AppRedirect::parse(page.as_str(), false).ok());
    let page = page.or_else(|| app.redirect_uris.first().cloned());
    page.or_else(|| AppRedirect::parse(&house.issuer.at(links::DEVICE), false).ok())
}
