//! A person on their own behalf goes to a provider and comes back: where they go next is decided by
//! [`crate::flow::Visit::next`], and acted on here.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::{
    flow::{
        attempt::Attempt,
        next::Departure,
        visit::{Bound, Errand, Guest, Leg, Visit, VisitStep},
    },
    session::Session,
    types::ids::RandomId,
    web::{
        House,
        attempts::{self, AnyVisit},
        departure::{self, Hints},
        errors::{PageError, Problem, WayOn},
        links,
        params::Params,
        see_other,
    },
};

/// Begins a visit of whoever is signed in, or of nobody yet: the first step of it.
///
/// # Errors
/// A page for the person.
pub(super) async fn begin(
    house: &House,
    request: &HttpRequest,
    session: Option<&Session>,
    visit: Visit,
) -> Result<HttpResponse, PageError> {
    house.check_address(request)?;
    let id = RandomId::generate(house.sealer.random());
    let visit = AnyVisit::Open(Attempt::open(id, visit, house.clock.now()));
    step(house, request, session, visit).await
}

/// `GET /account/continue`: a visit of this browser goes on.
pub(super) async fn go_on(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let visit = find(&house, &request, params.get("attempt").ok().flatten())?;
    let session = house.session(&request).await?;
    step(&house, &request, session.as_ref(), visit).await
}

/// The visit of that name, if this browser has it.
///
/// # Errors
/// [`Problem::VisitOver`].
pub(super) fn find(house: &House, request: &HttpRequest, id: Option<&str>) -> Result<AnyVisit, PageError> {
    let id: RandomId = id.and_then(|id| id.parse().ok()).ok_or(Problem::BadRequest)?;
    attempts::find_visit(house, request, id).ok_or_else(over)
}

/// Nothing of it counts any more.
pub(super) fn over() -> PageError {
    PageError::from(Problem::VisitOver).with_way_on(WayOn::Account)
}

/// Whom an errand that begins in this session is for.
pub(super) const fn bound(session: &Session) -> Bound {
    Bound { account: session.who.account, session: session.id }
}

async fn step(
    house: &House,
    request: &HttpRequest,
    session: Option<&Session>,
    visit: AnyVisit,
) -> Result<HttpResponse, PageError> {
    let guest = session.map(|session| Guest {
        bound: bound(session),
        provider: &session.provider,
        auth_time: session.auth_time,
    });
    let directory = house.directory();
    match visit.visit().next(guest, &directory.provider_ids, house.clock.now()) {
        VisitStep::Choose => attempts::go_on(house, request, &visit, &links::login(visit.id())),
        VisitStep::GoUpstream(to, leg) => go_upstream(house, request, visit, (to, leg)).await,
        VisitStep::There => {
            let mut response = see_other(links::visited(visit.visit().in_window));
            response.add_cookie(&attempts::forget(house, visit.id())).map_err(PageError::internal)?;
            Ok(response)
        }
        VisitStep::Over => Err(over()),
    }
}

async fn go_upstream(
    house: &House,
    request: &HttpRequest,
    mut visit: AnyVisit,
    (to, leg): (Departure, Leg),
) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let provider = directory.provider(&to.provider).ok_or(Problem::NotFound)?;
    visit.visit_mut().leg = leg;
    match departure::begin(house, provider.as_ref(), visit.id(), to.ask, Hints::default()).await {
        Ok(started) => {
            let visit = visit.depart(started.held);
            attempts::go_on(house, request, &visit, started.url.as_str())
        }
        Err(error) => {
            let href = match visit.visit().errand {
                // Another way in may do.
                Errand::See | Errand::Another => links::login(visit.id()),
                Errand::Link { .. } | Errand::Delete { .. } => links::visit(visit.id()),
            };
            let cookies = attempts::keep(house, request, &visit).unwrap_or_default();
            let problem = departure::problem(house, provider.about(), &error);
            Err(problem.with_way_on(WayOn::TryAgain { href }).with_way_on(WayOn::Account).with_cookies(cookies))
        }
    }
}
