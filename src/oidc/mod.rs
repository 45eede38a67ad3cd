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

use actix_web::{http::Method, middleware::from_fn, web};

pub use discovery::Document;

use crate::web::{links, trace};

/// What is published for everyone and answered from memory.
pub fn published(cfg: &mut web::ServiceConfig) {
    let asked_first = || web::method(Method::OPTIONS).to(cors::published);
    cfg.service(trace::quiet(links::DISCOVERY).get(discovery::get).route(asked_first()))
        .service(trace::quiet(links::METADATA).get(discovery::get).route(asked_first()))
        .service(trace::quiet(links::JWKS).get(jwks::get).route(asked_first()));
}

/// The other routes of this room. A pattern comes last: a path is compared with those before it, letter by letter,
/// which takes a fraction of the time.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let asked_first = || web::method(Method::OPTIONS).to(cors::published);
    cfg.service(web::resource(links::AUTHORIZE).get(authorize::get).post(authorize::post))
        .service(web::resource(links::CONTINUE).get(advance::go_on))
        .service(web::resource(links::CONSENT).get(consent::get).post(consent::post))
        .service(
            web::resource(links::TOKEN)
                .wrap(from_fn(cors::allow))
                .post(token::post)
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        )
        .service(
            web::resource(links::REVOKE)
                .wrap(from_fn(cors::allow))
                .post(revoke::post)
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        )
        .service(
            web::resource(links::DEVICE_AUTHORIZATION)
                .wrap(from_fn(cors::allow))
                .post(device::begin)
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        )
        .configure(device::routes)
        .configure(register::routes)
        .service(web::resource(links::PAR).post(par::post))
        .service(web::resource(links::INTROSPECT).post(introspect::post))
        .service(
            web::resource(links::USERINFO)
                .wrap(from_fn(cors::allow))
                .get(userinfo::get)
                .post(userinfo::post)
                .route(web::method(Method::OPTIONS).to(cors::preflight)),
        )
        .service(web::resource(links::SESSION_CHECK).get(session_state::check))
        .service(web::resource(links::RESOURCE).get(userinfo::metadata).route(asked_first()))
        .service(web::resource(links::SSF).get(ssf::get).route(asked_first()))
        .service(web::resource(links::POLL).post(poll::post))
        .service(web::resource(links::LOGOUT).get(logout::get).post(logout::post))
        .service(web::resource(links::LOGOUT_ANSWER).post(logout::answer))
        .service(web::resource(links::SIGNED_OUT).get(logout::done))
        .service(web::resource("/callback/{provider}").get(callback::get).post(callback::post));
}
