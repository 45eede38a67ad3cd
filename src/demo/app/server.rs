//! The routes of an example app.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::header, web};
use serde::Deserialize;
use tokio::task::JoinHandle;
use url::Url;

use super::{
    ExampleApp, Profile,
    login::{LoginError, RelyingParty},
    pages, post_logout_redirect_uri, redirect_uri,
    sessions::Sessions,
};
use crate::types::{Random, bytes::constant_time_eq};

/// Why an example app did not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Its listener does not listen.
    #[error("an example app cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// Its own address is none.
    #[error("an example app has no address: {0}")]
    Address(#[from] url::ParseError),
}

/// An example app that runs until it is stopped.
pub struct RunningApp {
    /// Its origin.
    pub base: Url,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl RunningApp {
    /// Stops it; requests in flight get a second to finish.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        // The task ends with the server; that it was cancelled is no news.
        let _ = self.task.await;
    }
}

struct Example {
    profile: Profile,
    party: RelyingParty,
    sessions: Sessions,
    random: Arc<dyn Random>,
}

/// The authorization response (RFC 6749, section 4.1.2; RFC 9207, section 2).
#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

pub(super) fn start(app: ExampleApp) -> Result<RunningApp, AppError> {
    let base = Url::parse(&format!("http://{}/", app.listener.local_addr()?))?;
    let example = web::Data::new(Example {
        profile: app.profile,
        party: RelyingParty {
            client_id: app.profile.id.to_owned(),
            client_secret: app.client_secret,
            issuer: app.issuer,
            redirect_uri: redirect_uri(&base),
            post_logout_redirect_uri: post_logout_redirect_uri(&base),
            http: app.http,
        },
        sessions: Sessions::new(app.profile.id),
        random: app.random,
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(example.clone())
            .route("/", web::get().to(home))
            .route("/login", web::get().to(login))
            .route("/callback", web::get().to(callback))
            .route("/logout", web::post().to(logout))
            .route("/signed-out", web::get().to(signed_out))
            .route("/style.css", web::get().to(crate::demo::simulators::style))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(app.listener)?
    .run();
    Ok(RunningApp { base, handle: server.handle(), task: tokio::spawn(server) })
}

async fn home(example: web::Data<Example>, request: HttpRequest) -> HttpResponse {
    match example.sessions.who(&request) {
        Some(person) => pages::inside(&example.profile, &example.party.issuer, &person),
        None => pages::landing(&example.profile, &example.party.issuer, ""),
    }
}

async fn login(example: web::Data<Example>) -> HttpResponse {
    match example.party.begin(&example.random).await {
        Ok((url, flow)) => {
            let cookie = example.sessions.hold(&example.random, flow);
            HttpResponse::SeeOther().cookie(cookie).insert_header((header::LOCATION, url.as_str())).finish()
        }
        Err(error) => failed(&example, &error),
    }
}

async fn callback(example: web::Data<Example>, request: HttpRequest, answer: web::Query<Answer>) -> HttpResponse {
    let answer = answer.into_inner();
    let Some(flow) = example.sessions.take(&request) else {
        return failed(&example, &LoginError::new("the callback", "this browser has no sign-in on its way here"));
    };
    let state = answer.state.unwrap_or_default();
    if !constant_time_eq(state.as_bytes(), flow.state.as_bytes()) {
        return failed(&example, &LoginError::new("the callback", "the state is not the one that was sent"));
    }
    if answer.iss.is_some_and(|iss| iss != example.party.issuer) {
        return failed(&example, &LoginError::new("the callback", "another issuer answered"));
    }
    if let Some(error) = answer.error {
        let description = answer.error_description.unwrap_or_default();
        return pages::refused(&example.profile, &example.party.issuer, &error, &description);
    }
    match example.party.finish(flow, answer.code.unwrap_or_default()).await {
        Ok(person) => {
            let cookie = example.sessions.open(&example.random, person);
            HttpResponse::SeeOther().cookie(cookie).insert_header((header::LOCATION, "/")).finish()
        }
        Err(error) => failed(&example, &error),
    }
}

/// Signs out here, then at the broker (RP-Initiated Logout, section 2). The cookie is `SameSite=Lax`, so no other
/// site can post this.
async fn logout(example: web::Data<Example>, request: HttpRequest) -> HttpResponse {
    let to = example.sessions.close(&request).and_then(|person| person.sign_out);
    let to = to.map_or_else(|| "/signed-out".to_owned(), String::from);
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

async fn signed_out(example: web::Data<Example>) -> HttpResponse {
    pages::landing(&example.profile, &example.party.issuer, "You are signed out, here and at the broker.")
}

fn failed(example: &Example, error: &LoginError) -> HttpResponse {
    pages::refused(&example.profile, &example.party.issuer, "", &error.to_string())
}
