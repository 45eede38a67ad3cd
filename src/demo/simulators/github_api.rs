//! GitHub's REST API, as far as a login needs it. A request without `User-Agent` is turned away, as there.

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ask::Grant, desk::Desk, fault::Fault, params, people::Person, token::json};

/// How a call is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// Without `User-Agent`.
    #[error("Request forbidden by administrative rules. Please make sure your request has a User-Agent header.")]
    Anonymous,
    /// With a token or secret that is not good.
    #[error("Bad credentials")]
    Credentials,
    /// Nothing there, or nothing that this token may see.
    #[error("Not Found")]
    NotFound,
}

impl ResponseError for Refused {
    fn error_response(&self) -> HttpResponse {
        let status = match self {
            Self::Anonymous => return HttpResponse::Forbidden().content_type("text/html").body(self.to_string()),
            Self::Credentials => 401,
            Self::NotFound => 404,
        };
        let docs = "https://docs.github.com/rest";
        json(status, &json!({ "message": self.to_string(), "documentation_url": docs, "status": status.to_string() }))
    }
}

/// The body of calls about a token.
#[derive(Deserialize)]
pub(super) struct About {
    access_token: String,
}

/// `GET /user`: the e-mail address is the public one, so often null.
pub(super) async fn user(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Refused> {
    let (grant, person) = authorized(&desk, &request)?;
    let foreign = desk.faults(&grant).has(Fault::WrongUserinfoSubject);
    let id = if foreign { 1 } else { number(person) };
    Ok(with_scopes(json(200, &profile(person, id)), &grant))
}

fn profile(person: &Person, id: u64) -> Value {
    let public = person.extra.contains_key("public");
    let login = person.text("login");
    json!({
        "login": login,
        "id": id,
        "node_id": "MDQ6VXNlcjE=",
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "site_admin": false,
        "name": person.name,
        "company": null,
        "blog": "",
        "email": if public { json!(person.email) } else { Value::Null },
        "created_at": "2015-12-10T00:00:00Z",
        "updated_at": "2025-12-10T00:00:00Z",
    })
}

/// `GET /user/emails`: for tokens with `user:email`; all of them, with what is verified.
pub(super) async fn emails(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Refused> {
    let (grant, person) = authorized(&desk, &request)?;
    if !grant.has_scope("user:email") && !grant.has_scope("user") {
        return Err(Refused::NotFound);
    }
    let public = person.extra.contains_key("public");
    let noreply = format!("{}+{}@users.noreply.github.com", person.subject, person.text("login"));
    let list = json!([
        { "email": noreply, "primary": false, "verified": true, "visibility": null },
        {
            "email": person.email,
            "primary": true,
            "verified": person.email_verified,
            "visibility": if public { "public" } else { "private" },
        },
    ]);
    Ok(with_scopes(json(200, &list), &grant))
}

/// `POST /applications/{client_id}/token`: whether a token was issued for this app.
pub(super) async fn check_token(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: web::Json<About>,
) -> Result<HttpResponse, Refused> {
    if !is_the_app(&desk, &request) {
        return Err(Refused::Credentials);
    }
    let grant = desk.grant_of(&body.access_token).filter(|grant| !desk.faults(grant).has(Fault::ForeignApp));
    let grant = grant.ok_or(Refused::NotFound)?;
    let person = desk.person(grant.person).ok_or(Refused::NotFound)?;
    Ok(json(
        200,
        &json!({
            "token": body.access_token,
            "scopes": grant.scopes,
            "app": { "client_id": desk.client.id, "name": "Simulated app" },
            "user": { "id": number(person), "login": person.text("login") },
        }),
    ))
}

/// `DELETE /applications/{client_id}/grant` (and `…/token`): the person no longer has this app.
pub(super) async fn delete_grant(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: web::Json<About>,
) -> Result<HttpResponse, Refused> {
    if !is_the_app(&desk, &request) {
        return Err(Refused::Credentials);
    }
    let grant = desk.grant_of(&body.access_token).ok_or(Refused::NotFound)?;
    desk.give_back(&body.access_token, grant.person);
    Ok(HttpResponse::NoContent().finish())
}

fn is_the_app(desk: &Desk, request: &HttpRequest) -> bool {
    let named = request.match_info().query("client_id");
    params::basic(request).is_some_and(|(id, secret)| id == named && desk.client.is(&id, &secret))
}

fn authorized<'d>(desk: &'d Desk, request: &HttpRequest) -> Result<(Grant, &'d Person), Refused> {
    if !request.headers().contains_key(header::USER_AGENT) {
        return Err(Refused::Anonymous);
    }
    let token = params::bearer(request).or_else(|| params::authorization(request, "token")).unwrap_or_default();
    let grant = desk.grant_of(token).ok_or(Refused::Credentials)?;
    let person = desk.person(grant.person).ok_or(Refused::Credentials)?;
    Ok((grant, person))
}

fn number(person: &Person) -> u64 {
    person.subject.parse().unwrap_or_default()
}

fn with_scopes(mut response: HttpResponse, grant: &Grant) -> HttpResponse {
    if let Ok(scopes) = header::HeaderValue::from_str(&grant.scopes.join(", ")) {
        response.headers_mut().insert(header::HeaderName::from_static("x-oauth-scopes"), scopes);
    }
    response
}
