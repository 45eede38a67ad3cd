//! Facebook: the login dialog and the token endpoint, plain OAuth 2.0. Versioned paths, `#_=_` at the end of the
//! answer, errors in the shape of the Graph API. The Graph API itself is [`super::facebook_graph`].

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::{
    Broken,
    ask::{Asked, Grant},
    authorize,
    codes::{self, BadCode},
    desk::Desk,
    dialect::{Dialect, Pairs, Stop, Wrong},
    facebook_graph::{self as graph, GraphError},
    params::Params,
    people::{self, Person},
    token::json,
};

pub(crate) struct Facebook;

impl Dialect for Facebook {
    fn name(&self) -> &'static str {
        "Facebook"
    }

    fn accent(&self) -> &'static str {
        "#0866ff"
    }

    fn people(&self) -> Vec<Person> {
        vec![
            people::ada().subject("10158423176295311").email("ada@example.com", false),
            people::grace().subject("122097845638512907").note("signed up by phone: no e-mail address"),
            people::fatima().subject("10220871234567890").email("fatima@example.org", false),
            people::maximiliana().subject("4561237890123456").email("maximiliana@example.net", false),
        ]
    }

    fn routes(&self, routes: &mut web::ServiceConfig) {
        let version = "/{version:v[0-9]+\\.[0-9]+}";
        for prefix in ["", version] {
            let at = |path: &str| format!("{prefix}{path}");
            routes
                .route(&at("/dialog/oauth"), web::get().to(dialog))
                .route(&at("/oauth/access_token"), web::get().to(access_token))
                .route(&at("/oauth/access_token"), web::post().to(access_token))
                .route(&at("/debug_token"), web::get().to(graph::debug_token))
                .route(&at("/me"), web::get().to(graph::me))
                .route(&at("/me/permissions"), web::get().to(graph::permissions))
                .route(&at("/{user}/permissions"), web::delete().to(graph::uninstall));
        }
    }

    fn unknown_client(&self) -> Stop {
        Stop::new(400, "Invalid App ID: The provided app ID does not look like a valid app ID.")
    }

    fn redirect_mismatch(&self) -> Stop {
        Stop::new(
            400,
            "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth \
             Settings.",
        )
    }

    fn check(&self, asked: &Asked) -> Result<(), Wrong> {
        let known = ["public_profile", "email", "openid"];
        if !matches!(asked.response_type.as_str(), "" | "code") {
            return Err(Wrong::Page(Stop::new(400, "The parameter response_type must be code.")));
        }
        match asked.scopes.iter().find(|scope| !known.contains(&scope.as_str())) {
            Some(scope) => Err(Wrong::Page(Stop::new(400, format!("Invalid Scopes: {scope}.")))),
            None => Ok(()),
        }
    }

    fn granted(&self, _desk: &Desk, _grant: &Grant, code: String) -> Result<Pairs, Broken> {
        Ok(vec![("code", format!("AQ{code}"))])
    }

    fn denied(&self, _desk: &Desk) -> Pairs {
        vec![
            ("error", "access_denied".to_owned()),
            ("error_code", "200".to_owned()),
            ("error_description", "Permissions error".to_owned()),
            ("error_reason", "user_denied".to_owned()),
        ]
    }

    fn fragment(&self) -> Option<&'static str> {
        Some("_=_")
    }
}

async fn dialog(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    authorize::begin(&desk, &request, "")
}

/// The token endpoint: parameters in the query or the body, by GET or POST.
async fn access_token(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, GraphError> {
    let params = Params::of(&request, &body);
    if params.get("client_id") != Some(&desk.client.id) {
        return Err(graph::error(
            "Error validating application. Cannot get application info due to a system error.",
            101,
            0,
        ));
    }
    if !desk.client.is(&desk.client.id, &params.text("client_secret")) {
        return Err(graph::error("Error validating client secret.", 1, 0));
    }
    if params.get("grant_type") == Some("client_credentials") {
        let token = format!("{}|{}", desk.client.id, desk.client.secret);
        return Ok(json(200, &json!({ "access_token": token, "token_type": "bearer" })));
    }
    let code = params.text("code");
    let code = code.strip_prefix("AQ").unwrap_or_default();
    let grant =
        codes::redeem(&desk, code, &params.text("redirect_uri"), params.get("code_verifier")).map_err(refuse)?;
    Ok(match desk.faults(&grant).trouble().await {
        Some(trouble) => trouble,
        None => json(200, &issue(&desk, grant)),
    })
}

fn issue(desk: &Desk, grant: Grant) -> Value {
    let token = desk.issue_token("EAAB", grant);
    json!({ "access_token": token, "token_type": "bearer", "expires_in": graph::TOKEN_LIFETIME })
}

fn refuse(bad: BadCode) -> GraphError {
    match bad {
        BadCode::Used => graph::error("This authorization code has been used.", 100, 36009),
        BadCode::Expired => graph::error("This authorization code has expired.", 100, 36007),
        BadCode::Redirect => graph::error(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used \
             in the OAuth dialog request",
            100,
            36008,
        ),
        BadCode::Verifier => graph::error("Invalid code_verifier parameter.", 100, 0),
        BadCode::Unknown => graph::error("Invalid verification code format.", 100, 0),
    }
}
