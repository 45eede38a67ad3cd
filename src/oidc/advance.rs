//! The dispatcher: gathers the facts, asks [`flow::next`], and acts on the answer. The only code that does. Steps return
//! here and never call each other.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{authorize, device, respond::Answer, seen::Seen};
use crate::{
    devices::Decision,
    flow::{self, Request, Step, claims, next::Departure},
    grant::{NewGrant, Opened},
    partition::Agreed,
    session::Session,
    store::StoreError,
    types::{App, OAuthCode, OAuthError, SecretText, app::GrantType, ids::RandomId, urls::AppRedirect},
    upstream::{About, UpstreamError},
    web::{
        Directory, House,
        attempts::{self, AnyAttempt},
        departure::{self, Hints},
        errors::{PageError, Problem, WayOn},
        links,
        params::Params,
        see_other,
        witness::Consented,
    },
};

/// How often the facts are gathered anew when they changed under our hands.
pub(super) const TRIES: usize = 16;

/// `GET /authorize/continue`: an attempt goes on, or is told no by the person.
pub async fn go_on(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let id: Option<RandomId> = params.get("attempt").ok().flatten().and_then(|id| id.parse().ok());
    let attempt = id.and_then(|id| attempts::find(&house, &request, id)).ok_or(Problem::AttemptExpired)?;
    if params.get("answer").ok().flatten() == Some("no") {
        return decline(&house, &request, &attempt, "the person did not sign in").await;
    }
    advance(&house, &request, attempt, None).await
}

/// Tells the app no, for the person.
///
/// # Errors
/// A page for the person, if the app is no longer there to be told.
pub(super) async fn decline(
    house: &House,
    request: &HttpRequest,
    attempt: &AnyAttempt,
    why: &'static str,
) -> Result<HttpResponse, PageError> {
    house.meet(request, attempt.request().app.as_str()).await?;
    proven(&house.directory(), attempt)?;
    let error = OAuthError::new(OAuthCode::AccessDenied, why);
    refuse(house, request, attempt, &error).await
}

/// Tells whoever waits for the answer no: the app, or a device of its.
async fn refuse(
    house: &House,
    request: &HttpRequest,
    attempt: &AnyAttempt,
    error: &OAuthError,
) -> Result<HttpResponse, PageError> {
    Ok(match &attempt.request().device {
        Some(ask) => over(house, attempt, device::decided(house, ask, Decision::Declined).await?),
        None => answer(house, request, attempt, Answer::refusal(house, attempt.request(), error)),
    })
}

/// Takes an attempt one step further; `agreed` is what the person says to the question at this moment.
///
/// # Errors
/// A page for the person.
pub(super) async fn advance(
    house: &House,
    request: &HttpRequest,
    mut attempt: AnyAttempt,
    agreed: Option<&flow::Answer>,
) -> Result<HttpResponse, PageError> {
    if attempt.request().device.as_ref().is_some_and(|ask| !ask.confirmed) {
        return Ok(redirect(house, request, &attempt, &links::device_confirm(attempt.id())));
    }
    house.meet(request, attempt.request().app.as_str()).await?;
    let (mut is_spent, mut is_finished) = (false, false);
    for _ in 0..TRIES {
        let directory = house.directory();
        let app = proven(&directory, &attempt)?;
        let seen = Seen::by(house, request, app).await?;
        let acted = match flow::next(&seen.facts(house, (&directory, app), &attempt, agreed)) {
            Step::Choose => Some(redirect(house, request, &attempt, &links::login(attempt.id()))),
            Step::GoUpstream(departure) => Some(go_upstream(house, request, attempt.clone(), departure).await?),
            Step::AskConsent(question) => {
                // The person has seen this very question, and the answer is none to it.
                if agreed.is_some_and(|answer| answer.shown == question.shown) {
                    return Err(Problem::BadRequest.into());
                }
                Some(redirect(house, request, &attempt, &links::consent(attempt.id())))
            }
            Step::Refuse(error) => Some(refuse(house, request, &attempt, &error).await?),
            Step::Deny => return Err(not_for_you(house, request, app, &attempt)),
            Step::Issue(approved) => {
                is_spent = is_spent || once(house, app, &attempt).await?;
                if is_spent {
                    if !is_finished {
                        authorize::finish_pushed(house, attempt.request()).await?;
                        is_finished = true;
                    }
                    let who = seen.who().ok_or_else(|| PageError::internal("approved without a session"))?;
                    issue(house, request, &attempt, approved, who, app).await?
                } else {
                    attempt = attempt.reopen();
                    None
                }
            }
        };
        if let Some(response) = acted {
            return Ok(response);
        }
    }
    Err(Problem::StoreAway.into())
}

/// A login that an app wanted fresh answers one request: whoever kept the cookie of a finished attempt has an attempt
/// that nobody has signed in for. Where nothing was demanded, the session alone decides, and nothing is written.
async fn once(house: &House, app: &App, attempt: &AnyAttempt) -> Result<bool, PageError> {
    let demanded = flow::next::ask(app, attempt.request()) != flow::next::Ask::default();
    let Some(back) = attempt.back().filter(|_| demanded) else { return Ok(true) };
    Ok(house.spent.spend("fresh login", &[back.login.as_bytes()], house.lifetimes.attempt).await?)
}

/// App and redirect URI were proven when the attempt began. What a reload of the configuration took away since, nothing
/// is sent to any more.
pub(super) fn proven<'a>(directory: &'a Directory, attempt: &AnyAttempt) -> Result<&'a App, Problem> {
    let asked = attempt.request();
    let app = directory.apps.get(&asked.app).ok_or(Problem::UnknownApp)?;
    if asked.device.is_some() {
        return app.may_use(GrantType::DeviceCode).then_some(app).ok_or(Problem::UnknownApp);
    }
    let registered = AppRedirect::select(&app.redirect_uris, asked.redirect.as_str(), app.free_port());
    registered.map(|_| app).ok_or(Problem::BadRedirect)
}

/// A question is a page of its own, so that "back" leads to it.
fn redirect(house: &House, request: &HttpRequest, attempt: &AnyAttempt, page: &str) -> HttpResponse {
    with_attempt(house, request, attempt, see_other(page))
}

async fn go_upstream(
    house: &House,
    request: &HttpRequest,
    attempt: AnyAttempt,
    to: Departure,
) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let provider = directory.provider(&to.provider).ok_or(Problem::AttemptExpired)?;
    let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
    let asked = attempt.request();
    let hints = Hints { login_hint: asked.login_hint.clone(), ui_locales: asked.ui_locales.clone() };
    match departure::begin(house, &**provider, attempt.id(), to.ask, hints).await {
        Ok(started) => {
            let attempt = attempt.depart(started.held);
            Ok(with_attempt(house, request, &attempt, see_other(started.url.as_str())))
        }
        Err(error) => {
            // Kept, so that the page's way on leads back to the choice.
            let cookies = attempts::keep(house, request, &attempt).unwrap_or_default();
            Err(upstream_problem(house, provider.about(), &error, app, &attempt).with_cookies(cookies))
        }
    }
}

/// What a person is told whom the app's rules do not let in: that, and how to come in as somebody else.
fn not_for_you(house: &House, request: &HttpRequest, app: &App, attempt: &AnyAttempt) -> PageError {
    let cookies = attempts::keep(house, request, attempt).unwrap_or_default();
    PageError::from(Problem::NoAccess { app: app.name.clone() })
        .with_way_on(WayOn::ChooseAgain { href: links::login(attempt.id()) })
        .with_way_on(WayOn::BackToApp { href: links::decline(attempt.id()), name: app.name.clone() })
        .with_cookies(cookies)
}

/// What a person is told when a provider lets us down, and where they go from there.
pub(super) fn upstream_problem(
    house: &House,
    about: &About,
    error: &UpstreamError,
    app: &App,
    attempt: &AnyAttempt,
) -> PageError {
    departure::problem(house, about, error)
        .with_way_on(WayOn::ChooseAgain { href: links::login(attempt.id()) })
        .with_way_on(WayOn::BackToApp { href: links::decline(attempt.id()), name: app.name.clone() })
}

/// Mints a code and answers with it. `None`: the account changed in between, look again.
async fn issue(
    house: &House,
    request: &HttpRequest,
    attempt: &AnyAttempt,
    approved: flow::Approved,
    who: &(Session, Agreed),
    app: &App,
) -> Result<Option<HttpResponse>, PageError> {
    let Some(code) = mint(house, attempt.request(), approved, who, app).await? else { return Ok(None) };
    if let Some(ask) = &attempt.request().device {
        return Ok(Some(over(house, attempt, device::decided(house, ask, Decision::Approved(&code)).await?)));
    }
    let (session, _) = who;
    Ok(Some(answer(house, request, attempt, Answer::code(house, attempt.request(), &code, session.id))))
}

/// Mints a code. `None`: the account changed in between, look again.
///
/// # Errors
/// The store's; then no code is out.
pub(super) async fn mint(
    house: &House,
    asked: &Request,
    approved: flow::Approved,
    (session, agreed): &(Session, Agreed),
    app: &App,
) -> Result<Option<SecretText>, StoreError> {
    let new = NewGrant {
        who: &session.who,
        app,
        session: session.id,
        provider: &session.provider,
        auth_time: session.auth_time,
        request: asked,
        agreed,
        kept: claims::kept(app, &session.known),
        learned: session.learned.for_app(app),
    };
    let decided = approved.decided();
    let Opened::Code(code) = house.grants.open(approved, new).await? else { return Ok(None) };
    if decided {
        house.witness.consent(app, session, Consented::Agreed);
    }
    house.witness.code(&app.id);
    Ok(Some(code))
}

/// Sends an answer to the app; the attempt is over.
fn answer(house: &House, request: &HttpRequest, attempt: &AnyAttempt, answer: Answer) -> HttpResponse {
    over(house, attempt, answer.send(house, request))
}

/// The attempt is over.
fn over(house: &House, attempt: &AnyAttempt, mut response: HttpResponse) -> HttpResponse {
    add_cookie(&mut response, &attempts::forget(house, attempt.id()));
    response
}

/// Keeps the attempt in the browser; an attempt that does not fit is an error for the app.
fn with_attempt(
    house: &House,
    request: &HttpRequest,
    attempt: &AnyAttempt,
    mut response: HttpResponse,
) -> HttpResponse {
    match attempts::keep(house, request, attempt) {
        Ok(cookies) => {
            for cookie in &cookies {
                add_cookie(&mut response, cookie);
            }
            response
        }
        Err(_) if attempt.request().device.is_some() => see_other(links::DEVICE_EXPIRED),
        Err(too_large) => {
            let error = OAuthError::new(OAuthCode::InvalidRequest, too_large.to_string());
            Answer::refusal(house, attempt.request(), &error).send(house, request)
        }
    }
}

fn add_cookie(response: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) {
    if response.add_cookie(cookie).is_err() {
        tracing::error!("a cookie of ours is no header value");
    }
}
