//! A person comes back from a provider on their own behalf: to see their page, to add a way to sign in, or to delete
//! everything, which happens right here, while the provider's token is at hand.

use actix_web::{HttpRequest, HttpResponse};

use super::callback::{begin_session, is_answer, shut_out, signed_in, spend};
use crate::{
    accounts::{Asked, Deleted},
    flow::{
        attempt::{Attempt, Away},
        visit::{Bound, Errand, Leg, Proof, Visit},
    },
    partition::{Farewell, Origin, Presence, Standing, StatusCode, Withdrawn},
    session::Session,
    types::{Claim, Claims, ProviderId, ids::IdentityId},
    upstream::{Callback, Held, Identity, Parting, Provider},
    web::{
        House,
        attempts::{self, AnyVisit},
        cookies, departure,
        errors::{PageError, Problem, WayOn},
        links, see_other,
    },
};

/// So much of a name is shown, in characters.
const MAX_NAME: usize = 100;

type Arriving = Attempt<Away<Held>, Visit>;

/// Acts on a provider's answer.
///
/// # Errors
/// A page for the person.
pub(super) async fn arrive(
    house: &House,
    request: &HttpRequest,
    provider: &ProviderId,
    attempt: Arriving,
    callback: &Callback,
) -> Result<HttpResponse, PageError> {
    is_answer(house, provider, &attempt.stage, callback)?;
    let directory = house.directory();
    let upstream = directory.provider(provider).ok_or(Problem::VisitOver)?;
    let held = &attempt.stage.held;
    let finished = match &attempt.request.errand {
        Errand::Delete { .. } => upstream.finish_for_parting(held, callback).await,
        Errand::See | Errand::Another | Errand::Link { .. } => {
            upstream.finish(held, callback).await.map(|identity| (identity, None))
        }
    };
    let (identity, parting) = finished.map_err(|error| {
        departure::problem(house, upstream.about(), &error)
            .with_way_on(WayOn::TryAgain { href: links::visit(attempt.id) })
            .with_way_on(WayOn::Account)
    })?;
    spend(house, provider, attempt.id, held).await?;
    let upstream = upstream.as_ref();
    match (attempt.request.errand.clone(), attempt.request.leg) {
        (Errand::See | Errand::Another, _) => see(house, request, upstream, &attempt, identity).await,
        (Errand::Link { to, .. }, Leg::Prove) => prove(house, request, upstream, attempt, (identity, to)).await,
        (Errand::Link { to, .. }, Leg::Add) => add(house, request, attempt, (identity, to)).await,
        (Errand::Delete { of }, _) => delete(house, request, upstream, &attempt, (identity, parting, of)).await,
    }
}

async fn see(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    attempt: &Arriving,
    identity: Identity,
) -> Result<HttpResponse, PageError> {
    let begun = begin_session(house, request, upstream, (&attempt.stage.held, identity)).await?;
    let mut response = see_other(links::visited(attempt.request.in_window));
    let forgotten = [attempts::forget(house, attempt.id)];
    cookies::put(&mut response, forgotten.into_iter().chain(signed_in(house, &begun).await?))?;
    Ok(response)
}

/// It is still the same person: the visit goes on with a login that is young enough.
async fn prove(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    attempt: Arriving,
    (identity, to): (Identity, Bound),
) -> Result<HttpResponse, PageError> {
    present(house, request, to).await?;
    same(house, upstream, pseudonym(house, &identity), to).await?;
    let begun = begin_session(house, request, upstream, (&attempt.stage.held, identity)).await?;
    let visit = AnyVisit::Open(attempt.known());
    let mut response = attempts::go_on(house, request, &visit, &links::visit(visit.id()))?;
    cookies::put(&mut response, signed_in(house, &begun).await?)?;
    Ok(response)
}

/// Somebody was proven who may be added; the person is asked before.
async fn add(
    house: &House,
    request: &HttpRequest,
    attempt: Arriving,
    (identity, to): (Identity, Bound),
) -> Result<HttpResponse, PageError> {
    present(house, request, to).await?;
    house.directory().weather.back(&identity.provider);
    let proof = Proof {
        provider: identity.provider.clone(),
        identity: pseudonym(house, &identity),
        called: called(&identity.claims),
    };
    let visit = AnyVisit::Proven(attempt.proven(proof));
    attempts::go_on(house, request, &visit, &links::link(visit.id()))
}

/// The person confirmed before they left, and has shown again who they are.
async fn delete(
    house: &House,
    request: &HttpRequest,
    upstream: &dyn Provider,
    attempt: &Arriving,
    (identity, parting, of): (Identity, Option<Parting>, Bound),
) -> Result<HttpResponse, PageError> {
    let session = present(house, request, of).await?;
    let who = same(house, upstream, pseudonym(house, &identity), of).await?;
    let farewell =
        Farewell { provider: upstream.about().id.clone(), withdrawn: withdraw(house, upstream, parting).await };
    let code = StatusCode::generate(house.sealer.random());
    let asked = Asked { origin: Origin::Person, farewell: Some(farewell) };
    if house.accounts.delete(&who, asked, &code).await? == Deleted::Gone {
        return Err(Problem::VisitOver.into());
    }
    house.witness.deleted(&session);
    let mut response = see_other(&links::status(code.expose()));
    let gone = [attempts::forget(house, attempt.id), house.cookies.clear(cookies::LAST)];
    cookies::put(&mut response, gone.into_iter().chain(house.cookies.signed_out()))?;
    Ok(response)
}

/// Withdraws at the provider what the person allowed us there. Tried once: whether it works or not, everything here goes,
/// and the status page says which it was.
async fn withdraw(house: &House, upstream: &dyn Provider, parting: Option<Parting>) -> Withdrawn {
    let Some(parting) = parting else { return Withdrawn::NoWay };
    let revoked = upstream.revoke(parting).await;
    house.witness.parted(&upstream.about().id, revoked.as_ref().err());
    if revoked.is_ok() { Withdrawn::Done } else { Withdrawn::Failed }
}

/// The session in which the errand began, if it is still the one of this browser.
async fn present(house: &House, request: &HttpRequest, bound: Bound) -> Result<Session, PageError> {
    let session = house.session(request).await?;
    let is_it = |session: &Session| session.id == bound.session && session.who.account == bound.account;
    session.filter(is_it).ok_or_else(|| PageError::from(Problem::VisitOver).with_way_on(WayOn::Account))
}

/// The account that an identity opens, if it is the one that the errand is for.
async fn same(
    house: &House,
    upstream: &dyn Provider,
    identity: IdentityId,
    bound: Bound,
) -> Result<Presence, PageError> {
    match house.accounts.resolve(identity).await? {
        Standing::Here(who) if who.account == bound.account => Ok(*who),
        Standing::Here(_) | Standing::Nobody { .. } => {
            let provider = upstream.about().name.clone();
            Err(PageError::from(Problem::SomebodyElse { provider }).with_way_on(WayOn::Account))
        }
        Standing::Blocked | Standing::Locked => Err(shut_out(house, upstream)),
    }
}

fn pseudonym(house: &House, identity: &Identity) -> IdentityId {
    house.pseudonyms.identity(&identity.namespace, identity.subject.expose())
}

/// By what a person recognises an account of theirs.
fn called(claims: &Claims) -> Option<String> {
    let text = |claim| claims.get(claim).and_then(serde_json::Value::as_str);
    let name = text(Claim::Email).or_else(|| text(Claim::PreferredUsername)).or_else(|| text(Claim::Name))?;
    Some(name.chars().take(MAX_NAME).collect())
}
