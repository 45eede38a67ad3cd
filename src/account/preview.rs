//! What an app would get, before anybody uses it: the answer of the one place that decides it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{acting, names};
use crate::{
    flow::{Agreement, claims},
    session::Session,
    types::App,
    web::{
        Directory, House,
        errors::{PageError, Problem},
        headers::FormTargets,
        pages::{ClaimRow, Preview},
        params::Params,
    },
};

/// `GET /account/preview?app=…`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else { return Ok(acting::sign_in_first()) };
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let asked = params.get("app").map_err(|_| Problem::BadRequest)?.ok_or(Problem::NotFound)?;
    house.meet_named(&request, asked).await?;
    let directory = house.directory();
    let app = directory.apps.find(asked).ok_or(Problem::NotFound)?;
    let agreed = house.consents.find(&session.who, &app.id).await?;
    let page = page((&house, &directory), app, &session, agreed.agreement.as_ref());
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}

fn page<'a>(
    (house, directory): (&House, &'a Directory),
    app: &'a App,
    session: &'a Session,
    agreement: Option<&Agreement>,
) -> Preview<'a> {
    let source = names::provider(directory, session.provider.as_str());
    let preview = claims::preview(app, agreement, &session.known);
    let rows = |on: bool| {
        let chosen = preview.iter().filter(move |claim| claim.on == on);
        chosen.filter_map(|claim| ClaimRow::of(claim.claim, app, &session.known, source, on)).collect()
    };
    Preview {
        app_name: &app.name,
        app_logo: house.logos.address(app),
        policy: app.links.policy.as_ref().map(url::Url::as_str),
        terms: app.links.terms.as_ref().map(url::Url::as_str),
        connected: agreement.is_some(),
        paused: agreement.is_some_and(|agreement| agreement.paused),
        gets: rows(true),
        may: rows(false),
        never: claims::undeclared(app, &session.known),
    }
}
