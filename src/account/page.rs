//! `GET /account`: what is known, which apps know the person, and where they are signed in, on one page.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{acting, apps, browsers, history, names, note, visit, ways};
use crate::{
    flow::visit::{Errand, Visit},
    session::Session,
    web::{
        House,
        csrf::{self, Purpose},
        errors::PageError,
        headers::FormTargets,
        pages::{Account, AppsPage},
        params,
    },
};

/// `GET /account`: whoever is not signed in does so first.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else {
        return visit::begin(&house, &request, Visit::new(Errand::See)).await;
    };
    let note = note::find(&house, &request, &session);
    let mut response = show(&house, &request, &session, note.as_ref()).await?;
    if note.is_some() {
        response.add_cookie(&note::done(&house)).map_err(PageError::internal)?;
    }
    Ok(response)
}

async fn show(
    house: &House,
    request: &HttpRequest,
    session: &Session,
    note: Option<&note::Found>,
) -> Result<HttpResponse, PageError> {
    let who = &session.who;
    let known = apps::known_to(house, who).await?;
    house.meet_for_a_page(request, known.keys()).await;
    let directory = house.directory();
    let lines = house.sessions.list(who).await?;
    let (browsers, more_browsers) = browsers::shown(&directory, session, &lines);
    let page = Account {
        form_token: acting::form_token(house, session),
        link_token: csrf::token_for(house, Purpose::Link, session.id.as_bytes()),
        note: note.map(|note| note.note(&directory)),
        known: session.known.iter().collect(),
        source: names::provider(&directory, session.provider.as_str()),
        until: session.ends,
        idle: house.lifetimes.session_idle,
        apps: apps::shelf(house, &directory, who, known, (1, note.and_then(note::Found::app))),
        browsers,
        more_browsers: u64::try_from(more_browsers).unwrap_or(u64::MAX),
        ways: ways::of(&directory, who),
        addable: ways::addable(&directory, who),
        history: history::latest(house, &directory, who).await?,
        history_keeps: house.lifetimes.history,
        registered: directory.apps.iter().map(|app| (app.id.as_str(), app.name.as_str())).collect(),
    };
    Ok(house.page(request, StatusCode::OK, &page, &directory.form_targets_through()))
}

/// `GET /account/apps`: the apps for which that page has no room.
pub async fn more_apps(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else { return Ok(acting::sign_in_first()) };
    let number = params::page(&request)?;
    let known = apps::known_to(&house, &session.who).await?;
    house.meet_for_a_page(&request, known.keys()).await;
    let directory = house.directory();
    let page = AppsPage {
        form_token: acting::form_token(&house, &session),
        apps: apps::shelf(&house, &directory, &session.who, known, (number, None)),
    };
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}
