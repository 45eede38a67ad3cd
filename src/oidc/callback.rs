//! A person comes back from a provider. The attempt is found by the browser's own cookie, the provider's answer is
//! verified, the attempt is spent, and the person is signed in; then the dispatcher goes on.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie, web};

use super::{advance::upstream_problem, fedcm, homecoming, learn, session_state};
use crate::{
    flow::attempt::{Attempt, Away, Back},
    session::{Arrival, BeginError, Begun},
    types::{ProviderId, SecretText, bytes, ids::RandomId},
    upstream::{Callback, Held, Identity, Provider},
    web::{
        House,
        attempts::{self, AnyAttempt, AnyVisit, Kept},
        cookies, device,
        errors::{PageError, Problem, WayOn},
        links,
        params::Params,
        parked,
    },
};

/// What a finished attempt is remembered as.
const ATTEMPT: &str = "attempt";

/// `POST /callback/{provider}`: a provider's `form_post` answer comes cross-site, without our cookies.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageError> {
    let provider: ProviderId = path.parse().map_err(|_| Problem::NotFound)?;
    let directory = house.directory();
    let known = directory.provider(&provider).ok_or(Problem::NotFound)?;
    if !known.about().form_post {
        return Err(Problem::BadRequest.into());
    }
    parked::ask_again(&house, &request, &links::callback(&provider), &body)
}

/// `GET /callback/{provider}`.
pub async fn get(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let provider: ProviderId = path.parse().map_err(|_| Problem::NotFound)?;
    let callback = read(&parked::params(&house, &request)?)?;
    let id = callback.state.split('.').next().and_then(|id| id.parse::<RandomId>().ok()).ok_or(Problem::BadRequest)?;
    match attempts::find_any(&house, &request, id) {
        None | Some(Kept::App(AnyAttempt::Open(_)) | Kept::Visit(AnyVisit::Open(_) | AnyVisit::Proven(_))) => {
            Err(stray(&house, &provider, id, &callback.state).await?.into())
        }
        // A reload of this address: what it was for has happened.
        Some(Kept::App(attempt @ AnyAttempt::Back(_))) => {
            Err(PageError::from(Problem::AlreadyDone).with_way_on(WayOn::TryAgain { href: links::go_on(attempt.id()) }))
        }
        Some(Kept::App(AnyAttempt::Away(attempt))) => arrive(&house, &request, &provider, attempt, &callback).await,
        Some(Kept::Visit(AnyVisit::Away(attempt))) => {
            homecoming::arrive(&house, &request, &provider, attempt, &callback).await
        }
    }
}

/// An answer that this browser has no attempt for: it was completed before, or began somewhere else.
async fn stray(house: &House, provider: &ProviderId, id: RandomId, state: &str) -> Result<Problem, PageError> {
    if house.spent.is_spent(ATTEMPT, &[id.as_bytes(), state.as_bytes()]).await? {
        return Ok(Problem::AlreadyDone);
    }
    house.witness.stray_answer(provider, "no_attempt");
    Ok(Problem::AttemptForeign)
}

/// The parameters of an authorization response; one that comes twice ends it (RFC 9207, section 2.4).
fn read(params: &Params) -> Result<Callback, PageError> {
    let get = |name| params.owned(name).map_err(|_| PageError::from(Problem::BadRequest));
    Ok(Callback {
        state: get("state")?.ok_or(Problem::BadRequest)?,
        code: get("code")?.map(SecretText::new),
        iss: get("iss")?,
        error: get("error")?,
        error_reason: get("error_reason")?.or(get("error_subcode")?),
        user: get("user")?,
    })
}

async fn arrive(
    house: &House,
    request: &HttpRequest,
    provider: &ProviderId,
    attempt: Attempt<Away<Held>>,
    callback: &Callback,
) -> Result<HttpResponse, PageError> {
    is_answer(house, provider, &attempt.stage, callback)?;
    let held = &attempt.stage.held;
    house.meet(request, attempt.request.app.as_str()).await?;
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request.app).ok_or(Problem::UnknownApp)?;
    let upstream = directory.provider(provider).filter(|_| app.allows(provider)).ok_or(Problem::AttemptExpired)?;
    let identity = match upstream.finish(held, callback).await {
        Ok(identity) => identity,
        Err(error) => return Err(upstream_problem(house, upstream.about(), &error, app, &AnyAttempt::Away(attempt))),
    };
    spend(house, provider, attempt.id, held).await?;
    sign_in(house, request, upstream.as_ref(), attempt, identity).await
}

async fn sign_in(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    attempt: Attempt<Away<Held>>,
    identity: Identity,
) -> Result<HttpResponse, PageError> {
    let begun = begin_session(house, request, upstream, (&attempt.stage.held, identity)).await?;
    let login = RandomId::generate(house.sealer.random());
    let back = Back { login, session: begun.session.id, auth_time: begun.session.auth_time };
    let attempt = AnyAttempt::Back(attempt.arrive(back));
    let mut response = attempts::go_on(house, request, &attempt, &links::go_on(attempt.id()))?;
    cookies::put(&mut response, signed_in(house, &begun).await?)?;
    Ok(response)
}

/// Whether a provider's answer is to what this browser asked it.
///
/// # Errors
/// [`Problem::AttemptForeign`].
pub(super) fn is_answer(
    house: &House,
    provider: &ProviderId,
    away: &Away<Held>,
    callback: &Callback,
) -> Result<(), PageError> {
    let is_answer = away.provider == *provider
        && away.held.provider == *provider
        && bytes::constant_time_eq(away.held.state.as_bytes(), callback.state.as_bytes());
    if !is_answer {
        house.witness.stray_answer(provider, "state");
        return Err(Problem::AttemptForeign.into());
    }
    Ok(())
}

/// An answer counts once: spent before anything comes of it, and only after it has been verified.
///
/// # Errors
/// [`Problem::AlreadyDone`].
pub(super) async fn spend(house: &House, provider: &ProviderId, id: RandomId, held: &Held) -> Result<(), PageError> {
    let spent = [id.as_bytes().as_slice(), held.state.as_bytes()];
    if !house.spent.spend(ATTEMPT, &spent, house.lifetimes.attempt).await? {
        house.witness.stray_answer(provider, "replayed");
        return Err(Problem::AlreadyDone.into());
    }
    Ok(())
}

/// Signs the person in, in place of whoever was signed in in this browser.
///
/// # Errors
/// [`Problem::NotAllowed`] for whoever is shut out.
pub(super) async fn begin_session(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    (held, identity): (&Held, Identity),
) -> Result<Begun, PageError> {
    let about = upstream.about();
    let (known, learned) = learn::from(house, held, &identity);
    house.directory().weather.back(&about.id);
    let arrival = Arrival {
        provider: identity.provider.clone(),
        identity: house.pseudonyms.identity(&identity.namespace, identity.subject.expose()),
        known,
        learned,
        auth_time: identity.auth_time,
        device: device::of(request),
    };
    let before = house.cookies.get(request, cookies::SESSION);
    match house.sessions.begin(&arrival, before.as_deref()).await {
        Ok(begun) => {
            house.witness.login(&begun.session, begun.first);
            Ok(begun)
        }
        Err(BeginError::Blocked | BeginError::Locked) => Err(shut_out(house, upstream)),
        Err(BeginError::Store(error)) => Err(error.into()),
    }
}

/// What somebody reads whom the operator blocked, or whose provider warned of them.
pub(super) fn shut_out(house: &House, upstream: &dyn Provider) -> PageError {
    let about = upstream.about();
    house.witness.blocked(&about.id);
    Problem::NotAllowed { provider: about.name.clone() }.into()
}

/// The cookies of whoever has just signed in.
///
/// # Errors
/// The store's, where the browser is to offer the account by itself.
pub(super) async fn signed_in(house: &House, begun: &Begun) -> Result<Vec<Cookie<'static>>, PageError> {
    let cookie = begun.cookie.expose().to_owned();
    let mut cookies = vec![
        house.cookies.set(cookies::SESSION, cookie, house.lifetimes.session),
        session_state::cookie(house, begun.session.id),
        house.cookies.set(cookies::LAST, begun.session.provider.to_string(), cookies::REMEMBERED),
    ];
    cookies.extend(fedcm::cookie(house, begun.cookie.expose()).await?);
    Ok(cookies)
}
