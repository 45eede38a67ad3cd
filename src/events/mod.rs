//! What providers tell us of people who signed in through them. Each message is verified behind
//! [`crate::upstream::Provider::hear`], acted on, written down, and only then answered; one that comes again changes
//! nothing more.
//!
//! | route | who tells | what is answered |
//! |---|---|---|
//! | `POST /events/{provider}/deletion`, `…/deauthorize` | Facebook | 200; for a deletion where its state can be seen |
//! | `POST /events/{provider}/risc` | Google | 202 (RFC 8935) |
//! | `POST /events/{provider}/apple` | Apple | 200 |
//! | `POST /events/{provider}/logout` | any OpenID Provider | 200 (Back-Channel Logout 1.0) |
//!
//! A provider that does not speak so has no such route: 404. What is wrong is 400, with nothing changed; what cannot be
//! verified or written now is 503, and comes again.

mod act;
mod answer;
mod apple;
mod facebook;
mod logout;
mod receive;
mod risc;

use actix_web::web;

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/events/{provider}/deletion").get(facebook::explain_deletion).post(facebook::deletion))
        .service(web::resource("/events/{provider}/deauthorize").post(facebook::deauthorize))
        .service(web::resource("/events/{provider}/risc").post(risc::post))
        .service(web::resource("/events/{provider}/apple").post(apple::post))
        .service(web::resource("/events/{provider}/logout").post(logout::post));
}
