//! Choosing a provider. The choice goes into the attempt, and back to the dispatcher.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use crate::{
    flow::next::choices,
    types::{App, ProviderId, Timestamp, ids::RandomId},
    web::{
        Directory, House,
        attempts::{self, AnyAttempt},
        cookies,
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem},
        links, locale_of,
        pages::{ChooseProvider, ProviderChoice},
        params::Params,
        see_other,
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
    let attempt = find(&house, &request, id)?;
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
    let last = house.cookies.get(&request, cookies::LAST);
    let page = ChooseProvider {
        app_name: &app.name,
        app_host: &attempt.request().redirect.display_host(),
        attempt: attempt.id().to_string(),
        form_token: csrf::token_for(&house, Purpose::Login, attempt.id().as_bytes()),
        choices: offered(&directory, app, last.as_deref(), house.clock.now()),
        notice: None,
    };
    let targets = directory.form_targets_to(&attempt.request().redirect);
    let locale = locale_of(&request, attempt.request().ui_locales.as_deref());
    Ok(house.page_in(&request, locale, StatusCode::OK, &page, &targets))
}

/// The providers that the app allows; the page has them in order.
fn offered<'a>(directory: &'a Directory, app: &App, last: Option<&str>, now: Timestamp) -> Vec<ProviderChoice<'a>> {
    let allowed = choices(app, &directory.provider_ids);
    directory
        .providers
        .iter()
        .map(|provider| provider.about())
        .filter(|about| allowed.contains(&&about.id))
        .map(|about| ProviderChoice {
            id: about.id.as_str(),
            name: &about.name,
            brand: about.brand,
            last_used: last == Some(about.id.as_str()),
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
    let mut attempt = find(&house, &request, form.unverified("attempt").unwrap_or_default())?;
    form.verified(&house, Purpose::Login, attempt.id().as_bytes())?;
    let directory = house.directory();
    let app = directory.apps.get(&attempt.request().app).ok_or(Problem::UnknownApp)?;
    if directory.provider(&provider).is_none() || !app.allows(&provider) {
        return Err(Problem::NotFound.into());
    }
    // Whoever chooses now means another login than the one that they came back with.
    attempt = attempt.reopen();
    attempt.request_mut().provider = Some(provider);
    let mut response = see_other(&links::go_on(attempt.id()));
    for cookie in attempts::keep(&house, &request, &attempt).map_err(|_| Problem::BadRequest)? {
        response.add_cookie(&cookie).map_err(PageError::internal)?;
    }
    Ok(response)
}

fn find(house: &House, request: &HttpRequest, id: &str) -> Result<AnyAttempt, PageError> {
    let id: RandomId = id.parse().map_err(|_| Problem::BadRequest)?;
    attempts::find(house, request, id).ok_or_else(|| Problem::AttemptExpired.into())
}
