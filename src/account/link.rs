//! Adding a way to sign in: never because two addresses are the same, only because somebody who is signed in here signed
//! in there, too, in the same browser a moment later, and says yes to it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    note,
    visit::{begin, bound, find, over},
};
use crate::{
    accounts::Linked,
    flow::{
        attempt::Attempt,
        visit::{Errand, Proof, Visit},
    },
    partition::HeadIdentity,
    session::Session,
    types::ProviderId,
    web::{
        House,
        attempts::{self, AnyVisit},
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem, WayOn},
        headers::FormTargets,
        links,
        pages::{LinkQuestion, Said},
        params::Params,
        see_other,
    },
};

/// What a proof that was used is remembered as.
const PROOF: &str = "link proof";

type Proven = Attempt<Proof, Visit>;

/// `POST /account/link/{provider}`: off to the provider that is to be added.
pub(super) async fn start(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let add: ProviderId = path.parse().map_err(|_| Problem::NotFound)?;
    let session = house.session(&request).await?.ok_or_else(over)?;
    form.verified(&house, Purpose::Link, session.id.as_bytes())?;
    house.directory().provider(&add).ok_or(Problem::NotFound)?;
    begin(&house, &request, Some(&session), Visit::new(Errand::Link { to: bound(&session), add })).await
}

/// `GET /account/link`: the question, once the provider has vouched.
pub(super) async fn question(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let (session, proven) = proven(&house, &request, params.get("attempt").ok().flatten()).await?;
    let directory = house.directory();
    let provider = directory.provider(&proven.stage.provider).ok_or_else(over)?;
    let page = LinkQuestion {
        provider: &provider.about().name,
        called: proven.stage.called.as_deref(),
        attempt: proven.id.to_string(),
        form_token: csrf::token_for(&house, Purpose::Link, &bound_to(&session, &proven)),
    };
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}

/// `POST /account/link`: the answer.
pub(super) async fn answer(
    house: web::Data<House>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let (session, proven) = proven(&house, &request, form.unverified("attempt")).await?;
    let params = form.verified(&house, Purpose::Link, &bound_to(&session, &proven))?;
    let mut response = match params.get("answer").map_err(|_| Problem::BadRequest)? {
        Some("yes") => {
            let said = add(&house, &session, &proven).await?;
            note::go_back(&house, &session, said, proven.stage.provider.as_str())?
        }
        Some("no") => see_other(links::ACCOUNT),
        _ => return Err(Problem::BadRequest.into()),
    };
    response.add_cookie(&attempts::forget(&house, proven.id)).map_err(PageError::internal)?;
    Ok(response)
}

async fn add(house: &House, session: &Session, proven: &Proven) -> Result<Said, PageError> {
    let Proof { provider, identity, .. } = &proven.stage;
    if !house.spent.spend(PROOF, &[proven.id.as_bytes(), identity.as_bytes()], house.lifetimes.attempt).await? {
        return Err(PageError::from(Problem::AlreadyDone).with_way_on(WayOn::Account));
    }
    let directory = house.directory();
    let name = directory.provider(provider).map(|known| known.about().name.clone()).ok_or_else(over)?;
    let added = HeadIdentity { provider: provider.clone(), identity: *identity };
    let problem = match house.accounts.link(&session.who, added).await? {
        Linked::Done => {
            house.witness.linked(session, provider);
            return Ok(Said::Linked);
        }
        Linked::AlreadyHere => return Ok(Said::LinkedBefore),
        Linked::Elsewhere => Problem::LinkedElsewhere { provider: name },
        Linked::TooMany => Problem::TooManyWays,
        Linked::Changed => Problem::VisitOver,
    };
    Err(PageError::from(problem).with_way_on(WayOn::Account))
}

/// Who is signed in, and whom a provider vouched for in the same session of the same browser.
async fn proven(house: &House, request: &HttpRequest, id: Option<&str>) -> Result<(Session, Proven), PageError> {
    let AnyVisit::Proven(proven) = find(house, request, id)? else { return Err(over()) };
    let session = house.session(request).await?.ok_or_else(over)?;
    match &proven.request.errand {
        Errand::Link { to, add } if *to == bound(&session) && *add == proven.stage.provider => Ok((session, proven)),
        _ => Err(over()),
    }
}

/// What the form is bound to: the visit, the session, and whoever was proven.
fn bound_to(session: &Session, proven: &Proven) -> Vec<u8> {
    let parts: [&[u8]; 3] = [proven.id.as_bytes(), session.id.as_bytes(), proven.stage.identity.as_bytes()];
    parts.concat()
}
