//! The pages of a simulator: pick a person, be posted back, see an error.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use url::Url;

use super::{
    Broken,
    ask::Asked,
    desk::Desk,
    dialect::{Pairs, Stop},
    fault::Fault,
    people::Person,
};

/// The stylesheet that simulators and example apps share.
pub(crate) const STYLE: &str = include_str!("../../../templates/demo/demo.css");

#[derive(Template)]
#[template(path = "demo/choose.html")]
struct Choose<'a> {
    provider: &'a str,
    accent: &'a str,
    client: &'a str,
    scopes: String,
    request: &'a str,
    people: Vec<&'a Person>,
    faults: &'a [Fault],
}

#[derive(Template)]
#[template(path = "demo/form_post.html")]
struct FormPost<'a> {
    provider: &'a str,
    accent: &'a str,
    action: &'a str,
    pairs: &'a Pairs,
}

#[derive(Template)]
#[template(path = "demo/stop.html")]
struct Stopped<'a> {
    provider: &'a str,
    accent: &'a str,
    text: &'a str,
}

/// Asks who it is.
pub(crate) fn choose(desk: &Desk, asked: Asked) -> Result<HttpResponse, Broken> {
    let people = desk.people.iter().filter(|person| desk.dialect.admits(person, &asked)).collect();
    let scopes = asked.scopes.join(", ");
    let request = desk.unguessable();
    desk.memory(|memory| memory.pending.put(request.clone(), asked));
    let page = Choose {
        provider: desk.dialect.name(),
        accent: desk.dialect.accent(),
        client: &desk.client.id,
        scopes,
        request: &request,
        people,
        faults: Fault::ALL,
    };
    Ok(html(StatusCode::OK, page.render()?))
}

/// Posts the answer from the browser (OAuth 2.0 Form Post Response Mode, section 2): by script, or by a button.
pub(crate) fn form_post(desk: &Desk, to: &Url, pairs: &Pairs) -> Result<HttpResponse, Broken> {
    let page = FormPost { provider: desk.dialect.name(), accent: desk.dialect.accent(), action: to.as_str(), pairs };
    Ok(html(StatusCode::OK, page.render()?))
}

/// Says why it does not go on.
pub(crate) fn stop(desk: &Desk, stop: &Stop) -> Result<HttpResponse, Broken> {
    let page = Stopped { provider: desk.dialect.name(), accent: desk.dialect.accent(), text: &stop.text };
    let status = StatusCode::from_u16(stop.status).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(html(status, page.render()?))
}

/// `GET /`: what this is.
pub(crate) async fn about(desk: web::Data<Desk>) -> Result<HttpResponse, Broken> {
    let text = "This is a simulator for trying things out. Nobody real signs in here. Start from an app.";
    stop(&desk, &Stop::new(200, text))
}

/// The stylesheet.
pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

fn html(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Frame-Options", "DENY"))
        .body(body)
}
