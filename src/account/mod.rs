//! The privacy page, and what a person does there.

pub mod export;

use actix_web::web;

use crate::web::links;

/// The routes of this room.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::EXPORT).get(export::get))
        .service(web::resource(links::EXPORT_SCHEMA).get(export::schema));
}
