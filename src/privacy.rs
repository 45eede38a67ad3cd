//! `GET /privacy`: what is kept and why, for anyone, without signing in. The facts are those that `vestibule report`
//! is made of: what is written down about every kind of record, and the configuration.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use crate::{
    types::{App, app::ConsentMode},
    web::{
        House,
        headers::FormTargets,
        links,
        pages::{Privacy, PrivacyApp, PrivacyClaim},
    },
};

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::PRIVACY).get(page));
}

async fn page(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    let directory = house.directory();
    let page = Privacy {
        today: house.clock.now(),
        lifetimes: &house.lifetimes,
        cookies: house.cookies,
        providers: directory.providers.iter().map(|provider| provider.about().name.as_str()).collect(),
        apps: directory.apps.iter().map(about).collect(),
    };
    house.page(&request, StatusCode::OK, &page, &FormTargets::here())
}

fn about(app: &App) -> PrivacyApp<'_> {
    let claims = app.claims.iter().map(|(claim, purpose)| PrivacyClaim {
        claim: *claim,
        need: purpose.need,
        why: &purpose.why,
        keep: purpose.keep.as_deref(),
    });
    PrivacyApp {
        name: &app.name,
        policy: app.links.policy.as_ref().map(url::Url::as_str),
        own: app.consent == ConsentMode::Implicit,
        claims: claims.collect(),
    }
}
