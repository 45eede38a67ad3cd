//! The pages of an example app.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    Profile,
    claims::{Row, rows},
    login::SignedIn,
};

#[derive(Template)]
#[template(path = "demo/app_landing.html")]
struct Landing<'a> {
    app: &'a Profile,
    notice: &'a str,
}

#[derive(Template)]
#[template(path = "demo/app_signed_in.html")]
struct Inside<'a> {
    app: &'a Profile,
    who: &'a str,
    alg: &'a str,
    kid: &'a str,
    header: Vec<Row>,
    claims: Vec<Row>,
    user_info: Vec<Row>,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "demo/app_refused.html")]
struct Refused<'a> {
    app: &'a Profile,
    title: &'a str,
    text: &'a str,
    detail: &'a str,
}

/// The way in.
pub(super) fn landing(app: &Profile, issuer: &str, notice: &str) -> HttpResponse {
    html(StatusCode::OK, issuer, &Landing { app, notice })
}

/// What the app was given.
pub(super) fn inside(app: &Profile, issuer: &str, person: &SignedIn) -> HttpResponse {
    let text = |map: &serde_json::Map<_, serde_json::Value>, name: &str| -> String {
        map.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let known = ["name", "email"].map(|claim| text(&person.user_info, claim));
    let who = known.iter().find(|value| !value.is_empty()).map_or("someone", String::as_str);
    let page = Inside {
        app,
        who,
        alg: &text(&person.header, "alg"),
        kid: &text(&person.header, "kid"),
        header: rows(&person.header),
        claims: rows(&person.claims),
        user_info: rows(&person.user_info),
        token: &person.token,
    };
    html(StatusCode::OK, issuer, &page)
}

/// A login that came to nothing.
pub(super) fn refused(app: &Profile, issuer: &str, error: &str, description: &str) -> HttpResponse {
    let (title, text) = match error {
        "access_denied" => {
            ("You did not sign in", "You said no, and that is fine: this app was told nothing about you.")
        }
        "login_required" | "interaction_required" | "consent_required" => {
            ("The broker needs to ask you something", "Signing in silently was not possible.")
        }
        "temporarily_unavailable" | "server_error" => {
            ("The broker cannot help right now", "This is most likely over in a minute.")
        }
        _ => ("That did not work", "The sign-in ended before it was complete."),
    };
    let detail: String = format!("{error} {description}").trim().chars().take(300).collect();
    html(StatusCode::FORBIDDEN, issuer, &Refused { app, title, text, detail: &detail })
}

/// Nothing but its own stylesheet is loaded, and forms go to the app and from there to the broker at most.
fn html(status: StatusCode, issuer: &str, page: &impl Template) -> HttpResponse {
    let Ok(body) = page.render() else { return HttpResponse::InternalServerError().finish() };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {issuer}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Security-Policy", policy))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(body)
}
