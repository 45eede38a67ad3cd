//! Microsoft: a tenant in every path, an issuer template in the discovery of `common` and `organizations`, no
//! `email_verified`, and `xms_edov` in the types that were seen in the wild.

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
    id_token, page, params,
    params::Params,
    people::{self, Person},
    token::{credentials, document, json},
};
use crate::types::Timestamp;

/// The tenant of personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const CONTOSO: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const FABRIKAM: &str = "bbbbcccc-1111-dddd-2222-eeee3333ffff";

pub(crate) struct Microsoft;

impl Dialect for Microsoft {
    fn name(&self) -> &'static str {
        "Microsoft"
    }

    fn accent(&self) -> &'static str {
        "#0067b8"
    }

    fn people(&self) -> Vec<Person> {
        let at = |person: Person, tenant: &str, number: u8| {
            let oid = format!("00000000-0000-0000-66f3-3332eca7ea8{number}");
            person
                .subject(&format!("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbta{number}"))
                .with("tid", tenant)
                .with("oid", oid)
        };
        vec![
            at(people::ada(), CONTOSO, 1).email("ada@contoso.example", true).with("xms_edov", true).note("Contoso"),
            at(people::grace(), CONTOSO, 2)
                .email("grace@contoso.example", true)
                .with("xms_edov", "1")
                .note("Contoso; xms_edov is the text \"1\""),
            at(people::alan(), FABRIKAM, 3)
                .email("ada@contoso.example", false)
                .note("Fabrikam; its admin typed in Ada's address, no xms_edov"),
            at(people::fatima(), CONSUMERS, 4).email("fatima@outlook.example", true),
            at(people::maximiliana(), FABRIKAM, 5).email("maximiliana@fabrikam.example", true).with("xms_edov", 1),
        ]
    }

    fn routes(&self, routes: &mut web::ServiceConfig) {
        routes
            .route("/oidc/userinfo", web::get().to(userinfo))
            .route("/oidc/userinfo", web::post().to(userinfo))
            .route("/{tenant}/v2.0/.well-known/openid-configuration", web::get().to(discovery))
            .route("/{tenant}/oauth2/v2.0/authorize", web::get().to(authorize))
            .route("/{tenant}/oauth2/v2.0/token", web::post().to(exchange))
            .route("/{tenant}/oauth2/v2.0/logout", web::get().to(logout))
            .route("/{tenant}/discovery/v2.0/keys", web::get().to(keys));
    }

    fn unknown_client(&self) -> Stop {
        Stop::new(400, "AADSTS700016: Application with this identifier was not found in the directory.")
    }

    fn redirect_mismatch(&self) -> Stop {
        let text = "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured \
                    for the application.";
        Stop::new(400, text)
    }

    fn check(&self, asked: &Asked) -> Result<(), Wrong> {
        if tenant_id(&asked.tenant).is_none() {
            return Err(Wrong::Page(Stop::new(400, not_found(&asked.tenant))));
        }
        if asked.response_type != "code" {
            let text = "AADSTS900144: The request must contain the parameter 'response_type', and it must be code.";
            return Err(Wrong::Page(Stop::new(400, text)));
        }
        Ok(())
    }

    fn admits(&self, person: &Person, asked: &Asked) -> bool {
        match tenant_id(&asked.tenant) {
            Some("common") => true,
            Some("organizations") => person.text("tid") != CONSUMERS,
            Some(tenant) => person.text("tid") == tenant,
            None => false,
        }
    }

    fn granted(&self, _desk: &Desk, _grant: &Grant, code: String) -> Result<Pairs, Broken> {
        let session = "5b3a7f2e-0000-4000-8000-simulated000".to_owned();
        Ok(vec![("code", format!("1.A{code}")), ("session_state", session)])
    }

    fn denied(&self, _desk: &Desk) -> Pairs {
        vec![
            ("error", "access_denied".to_owned()),
            ("error_subcode", "cancel".to_owned()),
            ("error_description", "AADSTS65004: User declined to consent to access the app.".to_owned()),
        ]
    }

    fn nobody(&self) -> Option<Pairs> {
        let text = "AADSTS50058: A silent sign-in request was sent but no user is signed in.";
        Some(vec![("error", "login_required".to_owned()), ("error_description", text.to_owned())])
    }
}

/// The tenant that a path means: `common`, `organizations` or an id.
fn tenant_id(tenant: &str) -> Option<&'static str> {
    match tenant {
        "common" => Some("common"),
        "organizations" => Some("organizations"),
        "consumers" | CONSUMERS => Some(CONSUMERS),
        "contoso.example" | CONTOSO => Some(CONTOSO),
        "fabrikam.example" | FABRIKAM => Some(FABRIKAM),
        _ => None,
    }
}

/// The issuer of a tenant; for `common` and `organizations` with the literal placeholder.
fn issuer(desk: &Desk, tenant: &str) -> String {
    let tenant = if matches!(tenant, "common" | "organizations") { "{tenantid}" } else { tenant };
    format!("{}/{tenant}/v2.0", desk.base)
}

async fn discovery(desk: web::Data<Desk>, tenant: web::Path<String>) -> HttpResponse {
    let Some(id) = tenant_id(&tenant) else { return error(&desk, 400, "invalid_tenant", 90002, &not_found(&tenant)) };
    let at = |path: &str| format!("{}/{tenant}/{path}", desk.base);
    document(&json!({
        "token_endpoint": at("oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer(&desk, id),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", desk.base),
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": at("oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver",
            "at_hash", "c_hash", "email",
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
    }))
}

async fn keys(desk: web::Data<Desk>, tenant: web::Path<String>) -> Result<HttpResponse, Broken> {
    let issuer = issuer(&desk, tenant_id(&tenant).unwrap_or("common"));
    Ok(document(&desk.key.jwks(Some(("issuer", &issuer)))?))
}

async fn authorize(
    desk: web::Data<Desk>,
    request: HttpRequest,
    tenant: web::Path<String>,
) -> Result<HttpResponse, Broken> {
    authorize::begin(&desk, &request, &tenant)
}

async fn exchange(
    desk: web::Data<Desk>,
    request: HttpRequest,
    tenant: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Broken> {
    let form = Params::parse_bytes(&body);
    let (id, secret) = credentials(&request, &form);
    if !desk.client.is(&id, &secret) {
        let text = "AADSTS7000215: Invalid client secret provided.";
        return Ok(error(&desk, 401, "invalid_client", 7_000_215, text));
    }
    if form.get("grant_type") != Some("authorization_code") {
        let text = "AADSTS70003: The app requested an unsupported grant type.";
        return Ok(error(&desk, 400, "unsupported_grant_type", 70003, text));
    }
    let code = form.text("code");
    let code = code.strip_prefix("1.A").unwrap_or_default();
    let grant = match codes::redeem(&desk, code, &form.text("redirect_uri"), form.get("code_verifier")) {
        Ok(grant) if grant.asked.tenant == *tenant => grant,
        Ok(_) => return Ok(refuse(&desk, BadCode::Unknown)),
        Err(bad) => return Ok(refuse(&desk, bad)),
    };
    if let Some(trouble) = desk.faults(&grant).trouble().await {
        return Ok(trouble);
    }
    let id_token = identify(&desk, &grant)?;
    let scope = grant.scopes.join(" ");
    let access_token = desk.issue_token("EwB", grant);
    Ok(json(
        200,
        &json!({
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": 3599,
            "ext_expires_in": 3599,
            "access_token": access_token,
            "id_token": id_token,
        }),
    ))
}

fn identify(desk: &Desk, grant: &Grant) -> Result<String, Broken> {
    let person = desk.person(grant.person).ok_or(Broken::Key)?;
    let mut claims = id_token::base(desk, grant, &issuer(desk, person.text("tid")), person);
    claims.insert("nbf".to_owned(), json!(desk.now()));
    claims.insert("tid".to_owned(), json!(person.text("tid")));
    claims.insert("ver".to_owned(), json!("2.0"));
    claims.insert("uti".to_owned(), json!("simulated0000000000000"));
    if grant.has_scope("profile") {
        claims.insert("name".to_owned(), json!(person.name));
        claims.insert("oid".to_owned(), json!(person.text("oid")));
        claims.insert("preferred_username".to_owned(), json!(person.email));
    }
    if grant.has_scope("email") {
        claims.insert("email".to_owned(), json!(person.email));
        let verified = person.extra.get("xms_edov").map(|value| ("xms_edov".to_owned(), value.clone()));
        claims.extend(verified);
    }
    id_token::seal(desk, grant, claims)
}

async fn userinfo(desk: web::Data<Desk>, request: HttpRequest) -> HttpResponse {
    let grant = params::bearer(&request).and_then(|token| desk.grant_of(token));
    let Some((grant, person)) = grant.and_then(|grant| desk.person(grant.person).map(|person| (grant, person))) else {
        let text = json!({ "code": "InvalidAuthenticationToken", "message": "Access token is empty or not valid." });
        return json(401, &json!({ "error": text }));
    };
    let foreign = desk.faults(&grant).has(Fault::WrongUserinfoSubject);
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(if foreign { "someone-else" } else { &person.subject }));
    if grant.has_scope("profile") {
        claims.insert("name".to_owned(), json!(person.name));
        claims.insert("given_name".to_owned(), json!(person.given_name));
        claims.insert("family_name".to_owned(), json!(person.family_name));
        claims.insert("picture".to_owned(), json!("https://graph.microsoft.com/v1.0/me/photo/$value"));
    }
    if grant.has_scope("email") {
        claims.insert("email".to_owned(), json!(person.email));
    }
    json(200, &Value::Object(claims))
}

/// Goes to `post_logout_redirect_uri` when it is on a registered redirect URI, as Microsoft does; else a page.
async fn logout(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    let to = Params::parse(request.query_string()).text("post_logout_redirect_uri");
    if desk.client.registered(&to, false) {
        return Ok(HttpResponse::Found().insert_header((header::LOCATION, to)).finish());
    }
    page::stop(&desk, &Stop::new(200, "You signed out of your account. It's a good idea to close all browser windows."))
}

fn not_found(tenant: &str) -> String {
    let shown: String = tenant.chars().take(100).collect();
    format!("AADSTS90002: Tenant '{shown}' not found. Check to make sure you have the correct tenant ID.")
}

fn refuse(desk: &Desk, bad: BadCode) -> HttpResponse {
    let (number, text) = match bad {
        BadCode::Used => (54005, "AADSTS54005: OAuth2 Authorization code was already redeemed."),
        BadCode::Expired => (70008, "AADSTS70008: The provided authorization code has expired."),
        BadCode::Unknown => (9_002_313, "AADSTS9002313: Invalid request. Request is malformed or invalid."),
        BadCode::Redirect => (500_112, "AADSTS500112: The reply address does not match the one used to get the code."),
        BadCode::Verifier => {
            (501_481, "AADSTS501481: The Code_Verifier does not match the code_challenge of the authorization request.")
        }
    };
    error(desk, 400, "invalid_grant", number, text)
}

fn error(desk: &Desk, status: u16, error: &str, number: u32, text: &str) -> HttpResponse {
    json(
        status,
        &json!({
            "error": error,
            "error_description": format!("{text} Trace ID: 00000000-0000-0000-0000-000000000000"),
            "error_codes": [number],
            "timestamp": Timestamp::from_secs(desk.now()).rfc3339(),
            "trace_id": "00000000-0000-0000-0000-000000000000",
            "correlation_id": "00000000-0000-0000-0000-000000000000",
            "error_uri": format!("{}/error?code={number}", desk.base),
        }),
    )
}
