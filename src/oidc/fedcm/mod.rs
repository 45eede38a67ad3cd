//! FedCM: browsers offer the accounts of this place by themselves, in a dialog of their own on the app's page. What an
//! app gets is an authorization code, by the same decision and bound to the same things as through the redirect.
//!
//! | file | what it knows |
//! |---|---|
//! | `published` | what browsers read of us and of apps |
//! | `accounts` | who is signed in in this browser; which app never enters into it |
//! | `asked` | what a browser asks for an app, once it is proven that it does, and for which |
//! | `assertion` | the answer to the app: a code, a question in a window, or a no |
//! | `disconnect` | an app parts from a person |
//! | `window` | windows that the browser opened: to sign in, to be asked |
//! | `status` | the browser hears of each login and sign-out (Login Status API) |

mod accounts;
mod asked;
mod assertion;
mod disconnect;
mod published;
mod status;
mod window;

use actix_web::web;

pub use status::tell as tell_login_status;
pub(super) use window::{close as close_window, cookie};

use crate::web::links;

/// The routes, for a configuration that turns them on.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::WEB_IDENTITY).get(published::web_identity))
        .service(web::resource(links::FEDCM_CONFIG).get(published::config))
        .service(web::resource(links::FEDCM_CLIENT).get(published::client))
        .service(web::resource(links::FEDCM_ACCOUNTS).get(accounts::get))
        .service(web::resource(links::FEDCM_ASSERTION).post(assertion::post))
        .service(web::resource(links::FEDCM_DISCONNECT).post(disconnect::post))
        .service(web::resource(links::FEDCM_CONTINUE).get(window::go_on))
        .service(web::resource(links::FEDCM_LOGIN).get(window::login))
        .service(web::resource(links::FEDCM_DONE).get(window::done));
}
