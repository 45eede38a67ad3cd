//! Deleting everything begins here: the person reads what it means and confirms it; the login that follows shows that
//! it is them, and its return (`oidc/homecoming.rs`) does it.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::visit::{begin, bound, over};
use crate::{
    flow::{Visit, visit::Errand},
    session::Session,
    types::{AppId, ProviderId},
    web::{
        Directory, House,
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem},
        links,
        pages::{DeleteQuestion, DeleteWay},
        see_other,
    },
};

/// `GET /account/delete`: what it means.
pub(super) async fn question(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else { return Ok(see_other(links::ACCOUNT)) };
    let apps = concerned(&house, &session).await?;
    let directory = house.directory();
    let name = |id: &AppId| directory.apps.get(id).map_or_else(|| id.to_string(), |app| app.name.clone());
    let page = DeleteQuestion {
        apps: apps.iter().map(name).collect(),
        ways: ways(&directory, &session),
        form_token: csrf::token_for(&house, Purpose::Delete, session.id.as_bytes()),
    };
    let targets = directory.form_targets_through();
    Ok(house.page(&request, StatusCode::OK, &page, &targets))
}

/// `POST /account/delete`: the answer.
pub(super) async fn answer(
    house: web::Data<House>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let session = house.session(&request).await?.ok_or_else(over)?;
    let params = form.verified(&house, Purpose::Delete, session.id.as_bytes())?;
    match params.get("answer").map_err(|_| Problem::BadRequest)? {
        Some("yes") => {}
        Some("no") => return Ok(see_other(links::ACCOUNT)),
        _ => return Err(Problem::BadRequest.into()),
    }
    let mut visit = Visit::new(Errand::Delete { of: bound(&session) });
    visit.provider = match params.get("provider").map_err(|_| Problem::BadRequest)? {
        None => None,
        Some(picked) => {
            let picked: ProviderId = picked.parse().map_err(|_| Problem::BadRequest)?;
            let is_way = session.who.living.identities.iter().any(|way| way.provider == picked);
            Some(is_way.then_some(picked).ok_or(Problem::BadRequest)?)
        }
    };
    begin(&house, &request, Some(&session), visit).await
}

/// The apps that have, or had, anything to do with the account.
async fn concerned(house: &House, session: &Session) -> Result<BTreeSet<AppId>, PageError> {
    let agreed = house.consents.list(&session.who).await?.into_iter().map(|(app, _)| app);
    let served = house.accounts.served(&session.who).await?.into_iter().map(|(app, _)| app);
    Ok(agreed.chain(served).collect())
}

/// The providers by which the person can show that it is them; the one of this session first.
fn ways<'a>(directory: &'a Directory, session: &Session) -> Vec<DeleteWay<'a>> {
    let own: BTreeSet<&ProviderId> = session.who.living.identities.iter().map(|way| &way.provider).collect();
    let here = |about: &crate::upstream::About| about.id == session.provider;
    let mut ways: Vec<_> =
        directory.providers.iter().map(|provider| provider.about()).filter(|about| own.contains(&about.id)).collect();
    ways.sort_by_key(|about| !here(about));
    ways.into_iter().map(|about| DeleteWay { id: about.id.as_str(), name: &about.name }).collect()
}
