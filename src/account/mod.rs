//! The privacy page, and what a person does there. Every act goes through the session's own account, so that no name in
//! an address lets anybody act on somebody else's.
//!
//! | file | what it does |
//! |---|---|
//! | `page` | all of it on one page, and the apps for which it has no room |
//! | `acting` | who is there, and whose form counts |
//! | `apps`, `change` | the apps that know the person; choosing, pausing, disconnecting |
//! | `browsers` | where the person is signed in; signing out |
//! | `ways`, `link` | how the person may sign in; removing one, adding one |
//! | `visit` | to a provider and back, on the person's own behalf |
//! | `delete`, `status` | deleting everything; how far that is |
//! | `history`, `preview` | what happened; what an app would get |
//! | `note` | how an act came out, said on the page after it |
//! | `export` | everything, to take with them |

mod acting;
mod apps;
mod browsers;
mod change;
mod delete;
pub mod export;
mod history;
mod link;
mod names;
mod note;
mod page;
mod preview;
mod status;
mod visit;
mod ways;

use actix_web::web;

use crate::web::links;

/// The routes of this room.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::ACCOUNT).get(page::get))
        .service(web::resource(links::ACCOUNT_APPS).get(page::more_apps))
        .service(web::resource("/account/apps/{app}").post(change::choose))
        .service(web::resource("/account/apps/{app}/pause").post(change::pause))
        .service(web::resource("/account/apps/{app}/resume").post(change::resume))
        .service(web::resource("/account/apps/{app}/disconnect").post(change::disconnect))
        .service(web::resource("/account/sessions/end-others").post(browsers::end_others))
        .service(web::resource("/account/sessions/end-all").post(browsers::end_all))
        .service(web::resource("/account/sessions/{id}/end").post(browsers::end))
        .service(web::resource("/account/ways/{identity}/unlink").post(ways::unlink))
        .service(web::resource(links::HISTORY).get(history::get))
        .service(web::resource(links::PREVIEW).get(preview::get))
        .service(web::resource(links::EXPORT).get(export::get))
        .service(web::resource(links::EXPORT_SCHEMA).get(export::schema))
        .service(web::resource(links::VISIT).get(visit::go_on))
        .service(web::resource(links::LINK).get(link::question).post(link::answer))
        .service(web::resource(format!("{}/{{provider}}", links::LINK)).post(link::start))
        .service(web::resource(links::DELETE).get(delete::question).post(delete::answer))
        .service(web::resource(format!("{}/{{code}}", links::STATUS)).get(status::get));
}
