//! Windows that the browser opens beside its dialog: to sign in, and to be asked what an app may see. They are pages like
//! any other, and close at the end.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie, http::header, web};

use super::status;
use crate::{
    flow::{
        Visit,
        attempt::{Attempt, Open},
    },
    oidc::advance,
    seal::token,
    session::Session,
    store::StoreError,
    types::ids::RandomId,
    web::{
        House, assets,
        attempts::{self, AnyAttempt, AnyVisit},
        cookies,
        errors::{PageError, Problem},
        headers, links,
        params::Params,
    },
};

/// Where a window goes on with an attempt. It travels sealed: an answer to a request of another site keeps no cookie.
pub(super) fn continue_on(house: &House, attempt: &Attempt<Open>) -> String {
    format!("{}?ask={}", links::FEDCM_CONTINUE, house.sealer.hand_out(token::FEDCM_ASK, attempt))
}

/// `GET /fedcm/continue`: the attempt goes on as any other does.
pub async fn go_on(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let ask = params.get("ask").ok().flatten().ok_or(Problem::BadRequest)?;
    let attempt: Attempt<Open> = house.sealer.take_back(token::FEDCM_ASK, ask).map_err(|_| Problem::AttemptExpired)?;
    if house.clock.now() > attempt.begun.plus(house.lifetimes.attempt) {
        return Err(Problem::AttemptExpired.into());
    }
    advance::advance(&house, &request, AnyAttempt::Open(attempt), None).await
}

/// `GET /fedcm/login`: to sign in. Whom the browser offers already is there to sign in as somebody else; whoever is signed
/// in without that is offered from now on.
pub async fn login(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let session = house.session(&request).await?;
    let as_another = match &session {
        Some(session) => is_offered(&house, &request, session).await?,
        None => false,
    };
    if session.is_some() && !as_another {
        return done(house, request).await;
    }
    let id = RandomId::generate(house.sealer.random());
    let visit = AnyVisit::Open(Attempt::open(id, Visit::in_window(as_another), house.clock.now()));
    attempts::go_on(&house, &request, &visit, &links::visit(id))
}

/// `GET /fedcm/done`: the window closes, and the browser offers whoever is signed in.
pub async fn done(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let mut response = close(&house, None);
    let Some(session) = house.session(&request).await? else { return Ok(response) };
    let said = header::HeaderValue::from_static(status::LOGGED_IN);
    response.headers_mut().insert(header::HeaderName::from_static(status::HEADER), said);
    if !is_offered(&house, &request, &session).await?
        && let Some(own) = house.cookies.get(&request, cookies::SESSION)
        && let Some(cookie) = cookie(&house, &own).await?
    {
        response.add_cookie(&cookie).map_err(PageError::internal)?;
    }
    Ok(response)
}

/// Whether the browser can offer this session by itself.
async fn is_offered(house: &House, request: &HttpRequest, session: &Session) -> Result<bool, StoreError> {
    Ok(super::asked::session(house, request).await?.is_some_and(|offered| offered.id == session.id))
}

/// What lets the browser itself offer the account of a session, by the session's own cookie; none where it may not.
///
/// # Errors
/// The store's.
pub(in crate::oidc) async fn cookie(house: &House, session: &str) -> Result<Option<Cookie<'static>>, StoreError> {
    if !house.fedcm {
        return Ok(None);
    }
    let secret = house.sessions.offer_accounts(session).await?;
    let lives = house.lifetimes.session;
    Ok(secret.map(|secret| house.cookies.set_for_browser(cookies::FEDCM, secret.expose().to_owned(), lives)))
}

/// The window closes, with what the app gets, if it gets anything.
pub(in crate::oidc) fn close(house: &House, token: Option<&str>) -> HttpResponse {
    let script = house.pages.assets().url(assets::FEDCM_SCRIPT);
    let token = token.map(|token| format!(" data-token=\"{token}\"")).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(format!(
            "<!doctype html><meta charset=\"utf-8\"><title>Vestibule</title><script src=\"{script}\"{token}></script>\
             <noscript><meta http-equiv=\"refresh\" content=\"0; url=/\"></noscript>"
        ))
}
