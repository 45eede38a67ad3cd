//! Apple: the answer is posted by the browser, `user` comes the first time only, booleans may be strings, the client
//! secret is an ES256 JWT, and there is no UserInfo. Apple itself takes no loopback redirect URI; a simulator must.

use actix_web::{HttpRequest, HttpResponse, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Broken,
    ask::{Asked, Grant},
    authorize,
    codes::{self, BadCode},
    desk::Desk,
    dialect::{Dialect, Pairs, Stop, Wrong},
    id_token,
    params::Params,
    people::{self, Person},
    token::{document, json},
};

/// The developer team that the client belongs to.
pub(super) const TEAM_ID: &str = "SIMTEAM001";
/// The name of the client's key.
pub(super) const KEY_ID: &str = "SIMKEY0001";
/// The audience of a client secret, which stays Apple's own also when the simulator is somewhere else.
const AUDIENCE: &str = "https://appleid.apple.com";
/// The longest that a client secret may live, in seconds: six months.
const LONGEST: u64 = 15_777_000;

pub(crate) struct Apple;

impl Dialect for Apple {
    fn name(&self) -> &'static str {
        "Apple"
    }

    fn accent(&self) -> &'static str {
        "#1d1d1f"
    }

    fn people(&self) -> Vec<Person> {
        let subject = |number: u8| format!("000792.0123456789abcdef0123456789abcde{number}.0638");
        vec![
            people::ada().subject(&subject(1)).email("ada@icloud.example", true).with("email_verified", true),
            people::grace()
                .subject(&subject(2))
                .email("x7k2p9q4@privaterelay.appleid.com", true)
                .with("email_verified", "true")
                .with("is_private_email", "true")
                .note("hides her address (string booleans)"),
            people::alan()
                .subject(&subject(3))
                .email("alan@example.org", false)
                .with("email_verified", "false")
                .note("address not verified (the text \"false\")"),
            people::fatima().subject(&subject(4)).email("fatima@example.net", true).with("email_verified", "true"),
            people::maximiliana().subject(&subject(5)).email("max@example.net", true).with("email_verified", true),
        ]
    }

    fn routes(&self, routes: &mut web::ServiceConfig) {
        routes
            .route("/.well-known/openid-configuration", web::get().to(discovery))
            .route("/auth/authorize", web::get().to(authorize))
            .route("/auth/token", web::post().to(exchange))
            .route("/auth/keys", web::get().to(keys))
            .route("/auth/revoke", web::post().to(revoke));
    }

    fn unknown_client(&self) -> Stop {
        Stop::new(400, "invalid_client. Invalid client.")
    }

    fn redirect_mismatch(&self) -> Stop {
        Stop::new(400, "invalid_request. Invalid web redirect url.")
    }

    fn check(&self, asked: &Asked) -> Result<(), Wrong> {
        if !matches!(asked.response_type.as_str(), "code" | "code id_token") {
            return Err(Wrong::Page(Stop::new(400, "unsupported_response_type. Unsupported response type.")));
        }
        if !asked.scopes.is_empty() && asked.response_mode.as_deref() != Some("form_post") {
            let text = "invalid_request. response_mode must be form_post when name or email scope is requested.";
            return Err(Wrong::Page(Stop::new(400, text)));
        }
        match asked.scopes.iter().find(|scope| !matches!(scope.as_str(), "name" | "email" | "openid")) {
            Some(_) => Err(Wrong::Page(Stop::new(400, "invalid_scope. Invalid scope."))),
            None => Ok(()),
        }
    }

    fn granted(&self, desk: &Desk, grant: &Grant, code: String) -> Result<Pairs, Broken> {
        let person = desk.person(grant.person).ok_or(Broken::Key)?;
        let mut pairs = vec![];
        if grant.asked.response_type == "code id_token" {
            pairs.push(("id_token", identify(desk, grant, ("c_hash", &code))?));
        }
        if grant.first && !grant.asked.scopes.is_empty() {
            pairs.push(("user", user(grant, person)));
        }
        pairs.push(("code", code));
        Ok(pairs)
    }

    fn denied(&self, _desk: &Desk) -> Pairs {
        vec![("error", "user_cancelled_authorize".to_owned())]
    }
}

/// `user`: a JSON text that the browser carries, once.
fn user(grant: &Grant, person: &Person) -> String {
    let mut user = json!({});
    if grant.has_scope("name") {
        user = json!({ "name": { "firstName": person.given_name, "lastName": person.family_name } });
    }
    if let (true, Some(members)) = (grant.has_scope("email"), user.as_object_mut()) {
        members.insert("email".to_owned(), json!(person.email));
    }
    user.to_string()
}

async fn discovery(desk: web::Data<Desk>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", desk.base);
    document(&json!({
        "issuer": desk.base,
        "authorization_endpoint": at("/auth/authorize"),
        "token_endpoint": at("/auth/token"),
        "revocation_endpoint": at("/auth/revoke"),
        "jwks_uri": at("/auth/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "name"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "iat", "is_private_email", "iss", "nonce", "nonce_supported",
            "real_user_status", "sub", "transfer_sub",
        ],
    }))
}

async fn keys(desk: web::Data<Desk>) -> Result<HttpResponse, Broken> {
    Ok(document(&desk.key.jwks(None)?))
}

async fn authorize(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Broken> {
    authorize::begin(&desk, &request, "")
}

async fn exchange(desk: web::Data<Desk>, body: web::Bytes) -> Result<HttpResponse, Broken> {
    let form = Params::parse_bytes(&body);
    if !is_the_client(&desk, &form) {
        return Ok(json(400, &json!({ "error": "invalid_client" })));
    }
    if form.get("grant_type") != Some("authorization_code") {
        return Ok(json(400, &json!({ "error": "unsupported_grant_type" })));
    }
    let grant = match codes::redeem(&desk, &form.text("code"), &form.text("redirect_uri"), form.get("code_verifier")) {
        Ok(grant) => grant,
        Err(bad) => return Ok(refuse(bad)),
    };
    if let Some(trouble) = desk.faults(&grant).trouble().await {
        return Ok(trouble);
    }
    let access_token = desk.issue_token("a", grant.clone());
    let refresh_token = desk.issue_token("r", grant.clone());
    Ok(json(
        200,
        &json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": refresh_token,
            "id_token": identify(&desk, &grant, ("at_hash", &access_token))?,
        }),
    ))
}

fn refuse(bad: BadCode) -> HttpResponse {
    let text = match bad {
        BadCode::Used => "The code has already been used.",
        BadCode::Redirect => "The redirect_uri does not match the previously provided redirect_uri.",
        BadCode::Verifier => {
            "The code_verifier does not match the code_challenge supplied in the authorization request."
        }
        BadCode::Unknown | BadCode::Expired => "The code has expired or has been revoked.",
    };
    json(400, &json!({ "error": "invalid_grant", "error_description": text }))
}

fn identify(desk: &Desk, grant: &Grant, hash: (&str, &str)) -> Result<String, Broken> {
    let person = desk.person(grant.person).ok_or(Broken::Key)?;
    let mut claims = id_token::base(desk, grant, &desk.base, person);
    claims.insert(hash.0.to_owned(), json!(id_token::half_hash(hash.1)));
    claims.insert("auth_time".to_owned(), json!(grant.at.as_secs()));
    claims.insert("nonce_supported".to_owned(), json!("true"));
    if grant.has_scope("email") {
        claims.insert("email".to_owned(), json!(person.email));
        claims.extend(person.extra.clone());
    }
    id_token::seal(desk, grant, claims)
}

/// What a client secret says (Apple, "Creating a client secret").
#[derive(Deserialize)]
struct ClientSecret {
    iat: u64,
    exp: u64,
}

/// Whether the client secret is a JWT of the client's own key, for us, and not too old.
fn is_the_client(desk: &Desk, form: &Params) -> bool {
    let secret = form.text("client_secret");
    let key = desk.client_key.as_ref().and_then(|jwk| DecodingKey::from_jwk(jwk).ok());
    let (Some(key), Some(_)) = (key, form.get("client_id").filter(|id| *id == desk.client.id)) else { return false };
    let named = jsonwebtoken::decode_header(&secret).ok().and_then(|header| header.kid);
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[AUDIENCE, &desk.base]);
    rules.set_issuer(&[TEAM_ID]);
    rules.sub = Some(desk.client.id.clone());
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // The clock is a parameter here: its own check would read the machine's.
    rules.validate_exp = false;
    let now = desk.now();
    named.as_deref() == Some(KEY_ID)
        && jsonwebtoken::decode::<ClientSecret>(&secret, &key, &rules).is_ok_and(|token| {
            let claims = token.claims;
            claims.exp > now && claims.iat <= now.saturating_add(60) && claims.exp.saturating_sub(claims.iat) <= LONGEST
        })
}

/// Answers 200 also for tokens that it never gave. The person counts as new afterwards.
async fn revoke(desk: web::Data<Desk>, body: web::Bytes) -> HttpResponse {
    let form = Params::parse_bytes(&body);
    if !is_the_client(&desk, &form) {
        return json(400, &json!({ "error": "invalid_client" }));
    }
    let token = form.text("token");
    if let Some(grant) = desk.grant_of(&token) {
        desk.give_back(&token, grant.person);
    }
    json(200, &Value::Null)
}
