//! Towards the house: the OpenID Provider that apps see.

mod advance;
mod authenticate;
mod authorize;
mod callback;
mod consent;
mod cors;
mod device;
mod discovery;
mod dpop;
pub mod fedcm;
mod front_channel;
mod homecoming;
mod introspect;
mod jwks;
mod jwt;
mod learn;
mod logout;
mod par;
mod parameter;
mod poll;
mod register;
mod respond;
mod revoke;
mod seen;
mod session_state;
mod ssf;
mod token;
mod userinfo;

use actix_web::{Resource, dev::HttpServiceFactory, middleware::from_fn, web};

pub use discovery::Document;

use crate::web::{links, trace};

/// What is published for everyone and answered from memory.
pub fn published(cfg: &mut web::ServiceConfig) {
    cfg.service(trace::quiet(links::DISCOVERY).get(discovery::get).head(discovery::get).route(cors::published()))
        .service(trace::quiet(links::METADATA).get(discovery::get).head(discovery::get).route(cors::published()))
        .service(trace::quiet(links::JWKS).get(jwks::get).head(jwks::get).route(cors::published()));
}

/// The other routes of this room. A path is compared with one route after the other: what apps ask for with each of
/// their own requests comes first, and patterns, which take several times as long, come last.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(across_origins(web::resource(links::USERINFO).get(userinfo::get).post(userinfo::post)))
        .service(across_origins(web::resource(links::TOKEN).post(token::post)))
        .service(web::resource(links::INTROSPECT).post(introspect::post))
        .service(web::resource(links::AUTHORIZE).get(authorize::get).post(authorize::post))
        .service(web::resource(links::CONTINUE).get(advance::go_on))
        .service(web::resource(links::CONSENT).get(consent::get).post(consent::post))
        .service(web::resource(links::PAR).post(par::post))
        .service(across_origins(web::resource(links::REVOKE).post(revoke::post)))
        .service(across_origins(web::resource(links::DEVICE_AUTHORIZATION).post(device::begin)))
        .configure(device::routes)
        .service(web::resource(links::SESSION_CHECK).get(session_state::check))
        .service(
            web::resource(links::RESOURCE).get(userinfo::metadata).head(userinfo::metadata).route(cors::published()),
        )
        .service(web::resource(links::SSF).get(ssf::get).head(ssf::get).route(cors::published()))
        .service(web::resource(links::POLL).post(poll::post))
        .service(web::resource(links::LOGOUT).get(logout::get).post(logout::post))
        .service(web::resource(links::LOGOUT_ANSWER).post(logout::answer))
        .service(web::resource(links::SIGNED_OUT).get(logout::done))
        .configure(register::routes)
        .service(web::resource("/callback/{provider}").get(callback::get).post(callback::post));
}

/// What apps that run in a browser may ask for from a page of theirs.
fn across_origins(resource: Resource) -> impl HttpServiceFactory + 'static {
    resource.route(cors::preflight()).wrap(from_fn(cors::allow))
}
