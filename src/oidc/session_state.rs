//! Session Management 1.0: an app can ask, by a frame of ours, whether the session that it knows is still the one of this
//! browser. What it is given is salted, its own, and says nothing of who.

use actix_web::{HttpResponse, cookie::Cookie, http::header, web};

use crate::{
    types::{AppId, bytes, ids::RandomId, urls::AppRedirect},
    web::{House, Pages, assets, cookies, headers},
};

/// `session_state` of an authorization response (section 3); none for an app without a web origin.
pub(super) fn of(house: &House, app: &AppId, redirect: &AppRedirect, session: RandomId) -> Option<String> {
    let origin = redirect.origin();
    let salt = RandomId::generate(house.sealer.random()).to_string();
    let state = house.pseudonyms.browser_state(session);
    let said = [app.as_str(), &origin, &state, &salt].join(" ");
    let hash = bytes::to_base64url(&bytes::sha256(said.as_bytes()));
    origin.contains("://").then(|| format!("{hash}.{salt}"))
}

/// What the frame reads: changes with the session, and opens nothing.
pub(super) fn cookie(house: &House, session: RandomId) -> Cookie<'static> {
    house.cookies.set_for_frames(cookies::STATE, house.pseudonyms.browser_state(session), house.lifetimes.session)
}

/// `GET /session/check`: `check_session_iframe`. Whoever frames it learns no more than an app was told.
pub async fn check(house: web::Data<House>, pages: web::Data<Pages>) -> HttpResponse {
    let (script, cookie) = (pages.assets().url(assets::SESSION_SCRIPT), house.cookies.name(cookies::STATE));
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; script-src 'self'; base-uri 'none'"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(format!(
            "<!doctype html><meta charset=\"utf-8\"><title>Session</title><script src=\"{script}\" \
             data-cookie=\"{cookie}\"></script>"
        ))
}
