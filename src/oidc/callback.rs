//! A person comes back from a provider. The attempt is found by the browser's own cookie, the provider's answer is
//! verified, the attempt is spent, and the person is signed in; then the dispatcher goes on.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};

use super::advance::upstream_problem;
use crate::{
    flow::{
        Learned,
        attempt::{Attempt, Away, Back},
    },
    session::{Arrival, BeginError},
    types::{Claim, Claims, ProviderId, SecretText, Timestamp, access::Group, bytes, ids::RandomId},
    upstream::{Callback, Held, Identity, Provider},
    web::{
        House,
        attempts::{self, AnyAttempt},
        cookies, device,
        errors::{PageError, Problem, WayOn},
        links,
        params::Params,
        parked, see_other,
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
    match attempts::find(&house, &request, id) {
        None | Some(AnyAttempt::Open(_)) => Err(stray(&house, &provider, id, &callback.state).await?.into()),
        // A reload of this address: what it was for has happened.
        Some(attempt @ AnyAttempt::Back(_)) => {
            Err(PageError::from(Problem::AlreadyDone).with_way_on(WayOn::TryAgain { href: links::go_on(attempt.id()) }))
        }
        Some(AnyAttempt::Away(attempt)) => arrive(&house, &request, &provider, attempt, &callback).await,
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
    let held = &attempt.stage.held;
    let is_answer = attempt.stage.provider == *provider
        && held.provider == *provider
        && bytes::constant_time_eq(held.state.as_bytes(), callback.state.as_bytes());
    if !is_answer {
        house.witness.stray_answer(provider, "state");
        return Err(Problem::AttemptForeign.into());
    }
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request.app).ok_or(Problem::UnknownApp)?;
    let upstream = directory.provider(provider).filter(|_| app.allows(provider)).ok_or(Problem::AttemptExpired)?;
    let identity = match upstream.finish(held, callback).await {
        Ok(identity) => identity,
        Err(error) => return Err(upstream_problem(house, upstream.about(), &error, app, &AnyAttempt::Away(attempt))),
    };
    // Spent before anything comes of it, and only after the answer has been verified.
    let spent = [attempt.id.as_bytes().as_slice(), held.state.as_bytes()];
    if !house.spent.spend(ATTEMPT, &spent, house.lifetimes.attempt).await? {
        house.witness.stray_answer(provider, "replayed");
        return Err(Problem::AlreadyDone.into());
    }
    sign_in(house, request, upstream.as_ref(), attempt, identity).await
}

async fn sign_in(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    attempt: Attempt<Away<Held>>,
    identity: Identity,
) -> Result<HttpResponse, PageError> {
    let about = upstream.about();
    let directory = house.directory();
    directory.weather.back(&about.id);
    let named = directory.named_groups(&about.id).filter(|_| attempt.stage.held.groups);
    let (known, learned) = learn(&identity, named.cloned(), house.clock.now());
    let arrival = Arrival {
        provider: identity.provider.clone(),
        identity: house.pseudonyms.identity(&identity.namespace, identity.subject.expose()),
        known,
        learned,
        auth_time: identity.auth_time,
        device: device::of(request),
    };
    let before = house.cookies.get(request, cookies::SESSION);
    let begun = match house.sessions.begin(&arrival, before.as_deref()).await {
        Ok(begun) => begun,
        Err(BeginError::Blocked | BeginError::Locked) => {
            house.witness.blocked(&about.id);
            return Err(Problem::NotAllowed { provider: about.name.clone() }.into());
        }
        Err(BeginError::Store(error)) => return Err(error.into()),
    };
    house.witness.login(&begun.session, begun.first);
    let login = RandomId::generate(house.sealer.random());
    let back = Back { login, session: begun.session.id, auth_time: begun.session.auth_time };
    let attempt = AnyAttempt::Back(attempt.arrive(back));
    let mut response = see_other(&links::go_on(attempt.id()));
    let kept = attempts::keep(house, request, &attempt).map_err(|_| Problem::BadRequest)?;
    let session = house.cookies.set(cookies::SESSION, begun.cookie.expose().to_owned(), house.lifetimes.session);
    let last = house.cookies.set(cookies::LAST, about.id.to_string(), cookies::REMEMBERED);
    for cookie in kept.iter().chain([&session, &last]) {
        response.add_cookie(cookie).map_err(PageError::internal)?;
    }
    Ok(response)
}

/// What is kept of what a provider said: of groups those that rules name, and that they were asked for. The domain that
/// the provider vouches for counts as one.
fn learn(identity: &Identity, named: impl Iterator<Item = Group>, now: Timestamp) -> (Claims, Learned) {
    let said = identity.claims.get(Claim::Groups).and_then(serde_json::Value::as_array);
    let said = said.into_iter().flatten().filter_map(serde_json::Value::as_str);
    let theirs: BTreeSet<&str> = said.chain(identity.hosted_domain.as_deref()).collect();
    let asked: BTreeSet<Group> = named.collect();
    let groups: BTreeSet<Group> = asked.iter().filter(|group| theirs.contains(group.name.as_str())).cloned().collect();
    let mut known = identity.claims.clone();
    known.remove(Claim::Groups);
    if !asked.is_empty() {
        let names = groups.iter().map(|group| group.name.clone().into()).collect();
        known.insert(Claim::Groups, serde_json::Value::Array(names));
    }
    (known, Learned { asked, groups, at: now })
}
