//! Choosing a provider. The choice goes into the attempt, and back to the dispatcher.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use crate::{
    flow::next::choices,
    types::{ProviderId, ids::RandomId},
    web::{
        Directory, House,
        attempts::{self, AnyVisit, Kept},
        cookies,
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem},
        links, locale_of,
        pages::{ChooseProvider, Destination, ProviderChoice},
        params::Params,
    },
};

/// The routes of this room.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::LOGIN).get(choose))
        .service(web::resource(format!("{}/{{provider}}", links::LOGIN)).post(chosen));
}

/// `GET /login`: the choice, for an attempt of this browser.
async fn choose(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let id = params.get("attempt").ok().flatten();
    let Some(id) = id else { return Err(Problem::BadRequest.into()) };
    let attempt = match find(&house, &request, id)? {
        Kept::App(attempt) => attempt,
        Kept::Visit(visit) => return Ok(choose_for_visit(&house, &request, &visit)),
    };
    house.meet(&request, attempt.request().app.as_str()).await?;
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
    let host = attempt.request().shown_host();
    let page = ChooseProvider {
        to: Destination::App { name: &app.name, host: &host },
        attempt: attempt.id().to_string(),
        form_token: csrf::token_for(&house, Purpose::Login, attempt.id().as_bytes()),
        choices: offered(&house, &request, (&directory, &choices(app, &directory.provider_ids))),
        notice: None,
    };
    let targets = directory.form_targets_to(&attempt.request().redirect);
    let locale = locale_of(&request, attempt.request().ui_locales.as_deref());
    Ok(house.page_in(&request, locale, StatusCode::OK, &page, &targets))
}

/// The same for somebody who is here for their own page: every way is open.
fn choose_for_visit(house: &House, request: &HttpRequest, visit: &AnyVisit) -> HttpResponse {
    let directory = house.directory();
    let all: Vec<&ProviderId> = directory.provider_ids.iter().collect();
    let page = ChooseProvider {
        to: Destination::Account,
        attempt: visit.id().to_string(),
        form_token: csrf::token_for(house, Purpose::Login, visit.id().as_bytes()),
        choices: offered(house, request, (&directory, &all)),
        notice: None,
    };
    house.page(request, StatusCode::OK, &page, &directory.form_targets_through())
}

/// The providers that are allowed; the page has them in order.
fn offered<'a>(
    house: &House,
    request: &HttpRequest,
    (directory, allowed): (&'a Directory, &[&ProviderId]),
) -> Vec<ProviderChoice<'a>> {
    let last = house.cookies.get(request, cookies::LAST);
    let now = house.clock.now();
    directory
        .providers
        .iter()
        .map(|provider| provider.about())
        .filter(|about| allowed.contains(&&about.id))
        .map(|about| ProviderChoice {
            id: about.id.as_str(),
            name: &about.name,
            brand: about.brand,
            last_used: last.as_deref() == Some(about.id.as_str()),
            unavailable: directory.weather.is_away(&about.id, now),
        })
        .collect()
}

/// `POST /login/{provider}`: the choice is made.
async fn chosen(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let provider: ProviderId = path.parse().map_err(|_| Problem::NotFound)?;
    let mut kept = find(&house, &request, form.unverified("attempt").unwrap_or_default())?;
    form.verified(&house, Purpose::Login, kept.id().as_bytes())?;
    if let Kept::App(attempt) = &kept {
        house.meet(&request, attempt.request().app.as_str()).await?;
    }
    let directory = house.directory();
    let is_known = directory.provider(&provider).is_some();
    match &mut kept {
        Kept::App(attempt) => {
            let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
            if !is_known || !app.allows(&provider) {
                return Err(Problem::NotFound.into());
            }
            // Whoever chooses now means another login than the one that they came back with.
            *attempt = attempt.clone().reopen();
            attempt.request_mut().provider = Some(provider);
            attempts::go_on(&house, &request, &*attempt, &links::go_on(attempt.id()))
        }
        Kept::Visit(visit) => {
            if !is_known {
                return Err(Problem::NotFound.into());
            }
            visit.visit_mut().provider = Some(provider);
            attempts::go_on(&house, &request, &*visit, &links::visit(visit.id()))
        }
    }
}

fn find(house: &House, request: &HttpRequest, id: &str) -> Result<Kept, PageError> {
    let id: RandomId = id.parse().map_err(|_| Problem::BadRequest)?;
    attempts::find_any(house, request, id).ok_or_else(|| Problem::AttemptExpired.into())
}
