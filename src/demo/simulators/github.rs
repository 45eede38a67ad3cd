//! GitHub: plain OAuth 2.0. The token endpoint answers in form encoding unless asked for JSON, and its errors come
//! with status 200. The REST API is [`super::github_api`].

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::{
    Broken,
    ask::{Asked, Grant},
    authorize,
    codes::{self, BadCode},
    desk::Desk,
    dialect::{Dialect, Pairs, Stop, Wrong},
    github_api as api,
    params::Params,
    people::{self, Person},
};

pub(crate) struct Github;

impl Dialect for Github {
    fn name(&self) -> &'static str {
        "GitHub"
    }

    fn accent(&self) -> &'static str {
        "#1f883d"
    }

    fn people(&self) -> Vec<Person> {
        vec![
            people::ada().subject("1815121").email("ada@example.com", true).with("login", "ada").with("public", true),
            people::grace()
                .subject("1906120")
                .email("grace@example.org", true)
                .with("login", "amazing-grace")
                .note("address kept private"),
            people::alan()
                .subject("1912062")
                .email("alan@example.org", false)
                .with("login", "turing")
                .note("primary address not verified"),
            people::fatima()
                .subject("800859001")
                .email("fatima@example.net", true)
                .with("login", "alfihri")
                .with("public", true),
            people::maximiliana().subject("99").email("maximiliana@example.net", true).with("login", "maximiliana"),
        ]
    }

    fn routes(&self, routes: &mut web::ServiceConfig) {
        routes
            .route("/login/oauth/authorize", web::get().to(login))
            .route("/login/oauth/access_token", web::post().to(access_token))
            .route("/user", web::get().to(api::user))
            .route("/user/emails", web::get().to(api::emails))
            .route("/applications/{client_id}/token", web::post().to(api::check_token))
            .route("/applications/{client_id}/token", web::delete().to(api::delete_grant))
            .route("/applications/{client_id}/grant", web::delete().to(api::delete_grant));
    }

    fn unknown_client(&self) -> Stop {
        Stop::new(404, "404: This is not the web page you are looking for.")
    }

    fn redirect_mismatch(&self) -> Stop {
        Stop::new(
            400,
            "Be careful! The redirect_uri is not associated with this application. The application might be \
             misconfigured or could be trying to redirect you to a website you weren't expecting.",
        )
    }

    fn check(&self, asked: &Asked) -> Result<(), Wrong> {
        match &asked.challenge {
            Some(challenge) if !challenge.s256 => Err(Wrong::Back(vec![
                ("error", "invalid_request".to_owned()),
                ("error_description", "The code_challenge_method must be S256.".to_owned()),
            ])),
            _ => Ok(()),
        }
    }

    fn sub_paths(&self) -> bool {
        true
    }

    fn granted(&self, _desk: &Desk, _grant: &Grant, code: String) -> Result<Pairs, Broken> {
        Ok(vec![("code", code)])
    }

    fn denied(&self, _desk: &Desk) -> Pairs {
        vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "The user has denied your application access.".to_owned()),
            ("error_uri", format!("{DOCS}#access-denied")),
        ]
    }
}

const DOCS: &str = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/";

async fn login(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    authorize::begin(&desk, &request, "")
}

async fn access_token(desk: web::Data<Desk>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let params = Params::of(&request, &body);
    if !desk.client.is(&params.text("client_id"), &params.text("client_secret")) {
        let text = "The client_id and/or client_secret passed are incorrect.";
        return error(&request, "incorrect_client_credentials", text);
    }
    let redirect_uri = params.text("redirect_uri");
    match codes::redeem(&desk, &params.text("code"), &redirect_uri, params.get("code_verifier")) {
        Ok(grant) => match desk.faults(&grant).trouble().await {
            Some(trouble) => trouble,
            None => issue(&desk, &request, grant),
        },
        Err(BadCode::Redirect) => {
            let text = "The redirect_uri MUST match the registered callback URL for this application.";
            error(&request, "redirect_uri_mismatch", text)
        }
        Err(BadCode::Unknown | BadCode::Used | BadCode::Expired | BadCode::Verifier) => {
            error(&request, "bad_verification_code", "The code passed is incorrect or expired.")
        }
    }
}

fn issue(desk: &Desk, request: &HttpRequest, grant: Grant) -> HttpResponse {
    let scope = grant.scopes.join(",");
    let token = desk.issue_token("gho_", grant);
    answer(request, &json!({ "access_token": token, "scope": scope, "token_type": "bearer" }))
}

/// An error, with status 200.
fn error(request: &HttpRequest, error: &str, description: &str) -> HttpResponse {
    let more = format!("{DOCS}#{}", error.replace('_', "-"));
    answer(request, &json!({ "error": error, "error_description": description, "error_uri": more }))
}

/// In JSON where `Accept` names it, form-encoded otherwise.
fn answer(request: &HttpRequest, body: &Value) -> HttpResponse {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if accept.contains("application/json") {
        return response.json(body);
    }
    let members = body.as_object().into_iter().flatten();
    let pairs = members.filter_map(|(name, value)| value.as_str().map(|value| (name, value)));
    let text = Serializer::new(String::new()).extend_pairs(pairs).finish();
    response.content_type("application/x-www-form-urlencoded; charset=utf-8").body(text)
}
