//! Google: OpenID Connect by the book, with `hd`, full-URL scopes in answers, `iss` in responses (RFC 9207) and no
//! `prompt=login`.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Map, Value, json};

use super::{
    Broken,
    ask::{Asked, Grant},
    authorize,
    codes::{self, BadCode},
    desk::Desk,
    dialect::{Dialect, Pairs, Stop, Wrong},
    fault::Fault,
    google_risc, id_token, params,
    params::Params,
    people::{self, Person},
    token::{credentials, document, json},
};

pub(crate) struct Google;

impl Dialect for Google {
    fn name(&self) -> &'static str {
        "Google"
    }

    fn accent(&self) -> &'static str {
        "#1a73e8"
    }

    fn people(&self) -> Vec<Person> {
        vec![
            people::ada().subject("110248495921238986420").email("ada.lovelace@gmail.com", true),
            people::grace()
                .subject("108204268033311374519")
                .email("grace@example.com", true)
                .with("hd", "example.com")
                .note("a Workspace account (hd: example.com)"),
            people::alan()
                .subject("104567890123456789012")
                .email("alan@example.org", false)
                .note("address not verified"),
            people::fatima().subject("112233445566778899001").email("fatima.alfihri@gmail.com", true),
            people::maximiliana().subject("101010101010101010101").email("maximiliana@example.net", true),
        ]
    }

    fn routes(&self, routes: &mut web::ServiceConfig) {
        routes
            .route("/.well-known/openid-configuration", web::get().to(discovery))
            .route("/o/oauth2/v2/auth", web::get().to(auth))
            .route("/token", web::post().to(exchange))
            .route("/v1/userinfo", web::get().to(userinfo))
            .route("/v1/userinfo", web::post().to(userinfo))
            .route("/oauth2/v3/certs", web::get().to(certs))
            .route("/revoke", web::post().to(revoke))
            .route("/.well-known/risc-configuration", web::get().to(google_risc::configuration))
            .route("/v1beta/stream", web::get().to(google_risc::get))
            .route("/v1beta/stream:update", web::post().to(google_risc::update))
            .route("/v1beta/stream:verify", web::post().to(google_risc::verify));
    }

    fn unknown_client(&self) -> Stop {
        Stop::new(401, "Access blocked: Authorization Error. The OAuth client was not found. Error 401: invalid_client")
    }

    fn redirect_mismatch(&self) -> Stop {
        Stop::new(400, "Access blocked: This app's request is invalid. Error 400: redirect_uri_mismatch")
    }

    fn check(&self, asked: &Asked) -> Result<(), Wrong> {
        let invalid = |what: String| Err(Wrong::Page(Stop::new(400, format!("Error 400: invalid_request. {what}"))));
        if asked.response_type.is_empty() {
            return invalid("Required parameter is missing: response_type".to_owned());
        }
        if asked.response_type != "code" {
            return invalid(format!("Invalid response_type: {}", asked.response_type));
        }
        if asked.scopes.is_empty() {
            return invalid("Missing required parameter: scope".to_owned());
        }
        // Google knows no `login`: a fresh login cannot be asked for this way.
        match asked.prompt.iter().find(|prompt| !matches!(prompt.as_str(), "none" | "consent" | "select_account")) {
            Some(prompt) => invalid(format!("Invalid parameter value for prompt: Invalid prompt: {prompt}")),
            None => Ok(()),
        }
    }

    fn granted(&self, desk: &Desk, grant: &Grant, code: String) -> Result<Pairs, Broken> {
        let mut pairs = vec![
            ("iss", desk.base.clone()),
            ("code", format!("4/0{code}")),
            ("scope", scopes(grant)),
            ("authuser", "0".to_owned()),
            ("prompt", if grant.first { "consent" } else { "none" }.to_owned()),
        ];
        let hosted = desk.person(grant.person).map(|person| person.text("hd")).filter(|hosted| !hosted.is_empty());
        pairs.extend(hosted.map(|hosted| ("hd", hosted.to_owned())));
        Ok(pairs)
    }

    fn denied(&self, desk: &Desk) -> Pairs {
        vec![("iss", desk.base.clone()), ("error", "access_denied".to_owned())]
    }

    fn nobody(&self) -> Option<Pairs> {
        Some(vec![("error", "login_required".to_owned())])
    }
}

/// Google answers with the long names of `email` and `profile`.
fn scopes(grant: &Grant) -> String {
    let long = |scope: &String| match scope.as_str() {
        "email" | "profile" => format!("https://www.googleapis.com/auth/userinfo.{scope}"),
        other => other.to_owned(),
    };
    grant.scopes.iter().map(long).collect::<Vec<_>>().join(" ")
}

async fn discovery(desk: web::Data<Desk>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", desk.base);
    document(&json!({
        "issuer": desk.base,
        "authorization_endpoint": at("/o/oauth2/v2/auth"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/v1/userinfo"),
        "revocation_endpoint": at("/revoke"),
        "jwks_uri": at("/oauth2/v3/certs"),
        "response_types_supported":
            ["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "picture", "sub",
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn auth(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    authorize::begin(&desk, &request, "")
}

async fn certs(desk: web::Data<Desk>) -> Result<HttpResponse, Broken> {
    Ok(document(&desk.key.jwks(None)?))
}

async fn exchange(desk: web::Data<Desk>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, Broken> {
    let form = Params::parse_bytes(&body);
    let (id, secret) = credentials(&request, &form);
    if !desk.client.is(&id, &secret) {
        return Ok(error(401, "invalid_client", "Unauthorized"));
    }
    if form.get("grant_type") != Some("authorization_code") {
        return Ok(error(400, "unsupported_grant_type", "Invalid grant_type"));
    }
    let code = form.text("code");
    let code = code.strip_prefix("4/0").unwrap_or_default();
    let grant = match codes::redeem(&desk, code, &form.text("redirect_uri"), form.get("code_verifier")) {
        Ok(grant) => grant,
        Err(BadCode::Redirect) => return Ok(error(400, "redirect_uri_mismatch", "Bad Request")),
        Err(BadCode::Verifier) if form.get("code_verifier").is_none() => {
            return Ok(error(400, "invalid_grant", "Missing code verifier."));
        }
        Err(BadCode::Verifier) => return Ok(error(400, "invalid_grant", "Invalid code verifier.")),
        Err(BadCode::Unknown | BadCode::Used | BadCode::Expired) => {
            return Ok(error(400, "invalid_grant", "Bad Request"));
        }
    };
    if let Some(trouble) = desk.faults(&grant).trouble().await {
        return Ok(trouble);
    }
    let access_token = desk.issue_token("ya29.a0", grant.clone());
    let mut answer = json!({
        "access_token": access_token,
        "expires_in": 3599,
        "scope": scopes(&grant),
        "token_type": "Bearer",
    });
    if let (true, Some(members)) = (grant.has_scope("openid"), answer.as_object_mut()) {
        members.insert("id_token".to_owned(), json!(identify(&desk, &grant, &access_token)?));
    }
    Ok(json(200, &answer))
}

fn identify(desk: &Desk, grant: &Grant, access_token: &str) -> Result<String, Broken> {
    let person = desk.person(grant.person).ok_or(Broken::Key)?;
    let mut claims = id_token::base(desk, grant, &desk.base, person);
    claims.insert("azp".to_owned(), json!(desk.client.id));
    claims.insert("at_hash".to_owned(), json!(id_token::half_hash(access_token)));
    claims.extend(profile(grant, person));
    id_token::seal(desk, grant, claims)
}

/// The claims that the granted scopes give.
fn profile(grant: &Grant, person: &Person) -> Map<String, Value> {
    let mut claims = Map::new();
    if grant.has_scope("email")
        && let Some(email) = &person.email
    {
        claims.insert("email".to_owned(), json!(email));
        claims.insert("email_verified".to_owned(), json!(person.email_verified));
    }
    if grant.has_scope("profile") {
        claims.insert("name".to_owned(), json!(person.name));
        claims.insert("given_name".to_owned(), json!(person.given_name));
        claims.insert("family_name".to_owned(), json!(person.family_name));
        claims.insert("picture".to_owned(), json!("https://lh3.googleusercontent.com/a/simulated=s96-c"));
    }
    claims.extend(person.extra.clone());
    claims
}

async fn userinfo(desk: web::Data<Desk>, request: HttpRequest) -> HttpResponse {
    let grant = params::bearer(&request).and_then(|token| desk.grant_of(token));
    let Some((grant, person)) = grant.and_then(|grant| desk.person(grant.person).map(|person| (grant, person))) else {
        let mut refused = error(401, "invalid_request", "Invalid Credentials");
        let challenge = header::HeaderValue::from_static("Bearer realm=\"https://accounts.google.com/\"");
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        return refused;
    };
    let faults = desk.faults(&grant);
    let mut claims = profile(&grant, person);
    let foreign = faults.has(Fault::WrongUserinfoSubject);
    claims.insert("sub".to_owned(), json!(if foreign { "100000000000000000000" } else { &person.subject }));
    json(200, &Value::Object(claims))
}

async fn revoke(desk: web::Data<Desk>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let token = Params::of(&request, &body).text("token");
    match desk.grant_of(&token) {
        Some(grant) => {
            desk.give_back(&token, grant.person);
            json(200, &json!({}))
        }
        None => error(400, "invalid_token", "Token expired or revoked"),
    }
}

fn error(status: u16, error: &str, description: &str) -> HttpResponse {
    json(status, &json!({ "error": error, "error_description": description }))
}
