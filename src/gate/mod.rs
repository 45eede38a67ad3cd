//! Forward-auth: sign-in for apps that cannot speak OpenID Connect. A reverse proxy asks here about each request before
//! it lets it through.
//!
//! | file | what it knows |
//! |---|---|
//! | `forward_auth`, `auth_request`, `ext_authz` | what each kind of proxy tells of a request, a parser each |
//! | `asked` | the request that is asked about, once it is believed and has one reading |
//! | `check` | who asks, and whether they may: one read of the store |
//! | `machine` | programs, with an access token for the app |
//! | `identity`, `assertion` | the headers that tell the app who it is, and the JWT among them |
//! | `warm` | what earlier checks found, so that nothing is opened or signed twice |
//! | `answer` | what the proxy is told |
//! | `target` | where a person goes back to, sealed |
//! | `start`, `callback`, `logout` | the pages on the gated host itself: Vestibule's own code flow, and the way out |

mod answer;
mod asked;
mod assertion;
mod auth_request;
mod callback;
mod check;
mod ext_authz;
mod forward_auth;
mod identity;
mod logout;
mod machine;
mod start;
mod target;
mod warm;

use actix_web::web;

pub use warm::Warm;

use crate::{
    types::gate::{CALLBACK, LOGOUT, START},
    web::trace,
};

/// Where Traefik, Caddy and HAProxy ask.
const FORWARD_AUTH: &str = "/gate/forward-auth";
/// Where nginx asks.
const AUTH_REQUEST: &str = "/gate/auth-request";
/// Where Envoy asks; the path of the request follows.
const EXT_AUTHZ: &str = "/gate/ext-authz";

/// The checks: thousands a second, so that none leaves a line of log by itself.
pub fn checks(cfg: &mut web::ServiceConfig) {
    cfg.service(trace::quiet(FORWARD_AUTH).route(web::to(forward_auth::check)))
        .service(trace::quiet(AUTH_REQUEST).route(web::to(auth_request::check)))
        .service(trace::quiet("/gate/ext-authz/{path:.*}").route(web::to(ext_authz::check)));
}

/// The pages on gated hosts.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(START).get(start::get))
        .service(web::resource(CALLBACK).get(callback::get))
        .service(web::resource(LOGOUT).get(logout::get).post(logout::post));
}
