//! What a proxy is told. Nothing of it may be kept, and only a yes carries an identity.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde_json::json;

use super::{
    asked::{Asked, Refused},
    identity::Identity,
    target::Target,
    warm::Entry,
};
use crate::{
    types::gate::{LOGOUT, START},
    web::{
        House,
        errors::{Problem, WayOn},
        headers::{self, FormTargets},
        page_abroad, pages,
    },
};

/// How a kind of proxy wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It passes on whatever it is told: a redirect, a page, JSON.
    Redirect,
    /// It understands 401 with `Location`, and 403, and nothing else (nginx).
    Unauthorized,
}

/// What was decided.
pub enum Verdict {
    /// Somebody who signed in may.
    User(Arc<Entry>),
    /// A program may, or anyone.
    Pass(Identity),
    /// Not before signing in.
    SignIn,
    /// Not with this token (RFC 6750, section 3.1).
    BadToken,
    /// No.
    Denied,
    /// Nobody can say: the store or the keys are away.
    Away,
}

/// Tells that nothing was asked that could be answered.
pub fn refuse(refused: Refused, manner: Manner) -> HttpResponse {
    tracing::debug!(reason = refused.reason(), "a check was refused");
    let status = match (refused, manner) {
        (Refused::Unreadable(_), Manner::Redirect) => StatusCode::BAD_REQUEST,
        _ => StatusCode::FORBIDDEN,
    };
    // Why, only the log says: whoever asks may be anyone.
    let error = if status == StatusCode::BAD_REQUEST { "invalid_request" } else { "forbidden" };
    begin(status).json(json!({ "error": error }))
}

/// Tells what was decided.
pub fn give(
    house: &House,
    request: &HttpRequest,
    asked: &Asked<'_>,
    verdict: &Verdict,
    manner: Manner,
) -> HttpResponse {
    match verdict {
        Verdict::User(entry) => pass(&entry.identity),
        Verdict::Pass(identity) => pass(identity),
        Verdict::SignIn => sign_in(house, asked, manner),
        Verdict::BadToken => begin(StatusCode::UNAUTHORIZED)
            .insert_header((header::WWW_AUTHENTICATE, r#"Bearer realm="vestibule", error="invalid_token""#))
            .json(json!({ "error": "invalid_token" })),
        Verdict::Denied if asked.navigation => denied_page(house, request, asked),
        Verdict::Denied => begin(StatusCode::FORBIDDEN).json(json!({ "error": "access_denied" })),
        Verdict::Away => begin(StatusCode::SERVICE_UNAVAILABLE)
            .insert_header((header::RETRY_AFTER, "5"))
            .json(json!({ "error": "temporarily_unavailable" })),
    }
}

fn begin(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    headers::no_store(&mut response);
    response
}

fn pass(identity: &Identity) -> HttpResponse {
    let mut response = begin(StatusCode::OK);
    identity.send(&mut response);
    response.finish()
}

/// A person is sent to sign in and comes back to where they wanted to go; a program is told where a person could.
fn sign_in(house: &House, asked: &Asked<'_>, manner: Manner) -> HttpResponse {
    let status = match (asked.navigation, manner) {
        (true, Manner::Redirect) => StatusCode::FOUND,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut response = begin(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, r#"Bearer realm="vestibule""#));
    }
    if asked.navigation {
        let target = Target::of(&asked.app.id, asked.target).seal(house);
        let location = format!("{}?to={target}", asked.origin.at(START));
        return response.insert_header((header::LOCATION, location)).finish();
    }
    response.json(json!({ "error": "login_required", "login_url": asked.origin.at(START) }))
}

/// Leads to no sign-in, which would lead back here: who wants to be somebody else signs out first.
fn denied_page(house: &House, request: &HttpRequest, asked: &Asked<'_>) -> HttpResponse {
    let page = pages::Problem {
        kind: Problem::NoAccess { app: asked.app.name.clone() },
        reference: None,
        ways_on: vec![WayOn::SignOut { href: asked.origin.at(LOGOUT) }],
    };
    page_abroad(house, request, StatusCode::FORBIDDEN, &page, &FormTargets::here())
}
