//! The privacy page, and what a person does there.

mod delete;
pub mod export;
mod link;
mod status;
mod visit;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::{
    flow::visit::{Errand, Visit},
    web::{House, errors::PageError, links, see_other},
};

/// The routes of this room.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::ACCOUNT).get(get))
        .service(web::resource(links::EXPORT).get(export::get))
        .service(web::resource(links::EXPORT_SCHEMA).get(export::schema))
        .service(web::resource(links::VISIT).get(visit::go_on))
        .service(web::resource(links::LINK).get(link::question).post(link::answer))
        .service(web::resource(format!("{}/{{provider}}", links::LINK)).post(link::start))
        .service(web::resource(links::DELETE).get(delete::question).post(delete::answer))
        .service(web::resource(format!("{}/{{code}}", links::STATUS)).get(status::get));
}

/// `GET /account`: whoever is not signed in does so first.
async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    match house.session(&request).await? {
        None => visit::begin(&house, &request, Visit::new(Errand::See)).await,
        Some(_) => Ok(see_other(links::HOME)),
    }
}
