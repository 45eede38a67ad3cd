//! Facebook's Graph API, as far as a login needs it.

use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::{ask::Grant, desk::Desk, fault::Fault, params, params::Params, people::Person, token::json};
use crate::types::bytes;

/// How long a user's token is good for: 60 days, in seconds.
pub(super) const TOKEN_LIFETIME: u64 = 60 * 86_400;

/// An error of the Graph API, always with status 400.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct GraphError {
    message: String,
    kind: &'static str,
    code: u32,
    /// 0 is left out.
    subcode: u32,
}

impl ResponseError for GraphError {
    fn error_response(&self) -> HttpResponse {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": "ASimulatedTrace0000000",
        });
        if let (true, Some(members)) = (self.subcode > 0, error.as_object_mut()) {
            members.insert("error_subcode".to_owned(), json!(self.subcode));
        }
        json(400, &json!({ "error": error }))
    }
}

/// An error about tokens, codes and apps.
pub(super) fn error(message: impl Into<String>, code: u32, subcode: u32) -> GraphError {
    GraphError { message: message.into(), kind: "OAuthException", code, subcode }
}

/// An error about a call.
fn call_error(message: &str) -> GraphError {
    GraphError { message: message.to_owned(), kind: "GraphMethodException", code: 100, subcode: 0 }
}

/// The grant of the request's token, whose proof must fit: this app has "require app secret" switched on.
fn authorized(desk: &Desk, request: &HttpRequest, params: &Params) -> Result<Grant, GraphError> {
    let token = params.get("access_token").or_else(|| params::bearer(request));
    let Some(token) = token else {
        return Err(error("An active access token must be used to query information about the current user.", 2500, 0));
    };
    let Some(grant) = desk.grant_of(token) else {
        return Err(error("Invalid OAuth access token - Cannot parse access token", 190, 0));
    };
    let Some(proof) = params.get("appsecret_proof") else {
        return Err(call_error("API calls from the server require an appsecret_proof argument"));
    };
    if !bytes::constant_time_eq(proof.as_bytes(), proof_of(&desk.client.secret, token).as_bytes()) {
        return Err(call_error("Invalid appsecret_proof provided in the API argument"));
    }
    Ok(grant)
}

/// `appsecret_proof`: lower-case hex of HMAC-SHA-256 over the token, keyed with the app's secret.
fn proof_of(secret: &str, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    bytes::to_hex(hmac::sign(&key, token.as_bytes()).as_ref())
}

/// `GET /me`: nothing but `id` and `name` unless `fields` says so.
pub(super) async fn me(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, GraphError> {
    let params = Params::parse(request.query_string());
    let grant = authorized(&desk, &request, &params)?;
    let Some(person) = desk.person(grant.person) else { return Err(error("Unsupported get request.", 100, 33)) };
    let foreign = desk.faults(&grant).has(Fault::WrongUserinfoSubject);
    let mut answer = Map::new();
    for field in params.get("fields").unwrap_or("id,name").split(',').chain(["id"]) {
        let name = field.split(['.', '{']).next().unwrap_or_default();
        match value(name, &grant, person) {
            Some(Value::Null) => {}
            Some(_) if name == "id" && foreign => drop(answer.insert("id".to_owned(), json!("1"))),
            Some(value) => drop(answer.insert(name.to_owned(), value)),
            None => {
                return Err(error(format!("(#100) Tried accessing nonexisting field ({name})"), 100, 0));
            }
        }
    }
    Ok(json(200, &Value::Object(answer)))
}

/// A field; null where this person has none, `None` where nobody does.
fn value(name: &str, grant: &Grant, person: &Person) -> Option<Value> {
    Some(match name {
        "id" => json!(person.subject),
        "name" => json!(person.name),
        "first_name" => json!(person.given_name),
        "last_name" => json!(person.family_name),
        "email" if grant.has_scope("email") => json!(person.email),
        "email" => Value::Null,
        "picture" => json!({ "data": {
            "url": "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=simulated&ext=0&hash=simulated",
            "width": 256, "height": 256, "is_silhouette": true,
        } }),
        _ => return None,
    })
}

/// `GET /debug_token`: which app a token was issued for. The asker is an app: `access_token={id}|{secret}`.
pub(super) async fn debug_token(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, GraphError> {
    let params = Params::parse(request.query_string());
    let asker = params.text("access_token");
    let (id, secret) = asker.split_once('|').unwrap_or_default();
    if !desk.client.is(id, secret) {
        return Err(error("Invalid OAuth access token signature.", 190, 0));
    }
    let Some(token) = params.get("input_token") else {
        return Err(error("(#100) The parameter input_token is required", 100, 0));
    };
    let Some((grant, person)) = desk.grant_of(token).and_then(|grant| desk.person(grant.person).map(|p| (grant, p)))
    else {
        let dead = json!({ "code": 190, "message": "Invalid OAuth access token." });
        return Ok(json(200, &json!({ "data": { "error": dead, "is_valid": false, "scopes": [] } })));
    };
    let foreign = desk.faults(&grant).has(Fault::ForeignApp);
    let issued = grant.at.as_secs();
    let expires = issued.saturating_add(TOKEN_LIFETIME);
    Ok(json(
        200,
        &json!({ "data": {
        "app_id": if foreign { "999999999999999" } else { &desk.client.id },
        "type": "USER",
        "application": if foreign { "Another app" } else { "Simulated app" },
        "data_access_expires_at": issued.saturating_add(90 * 86_400),
        "expires_at": expires,
        "is_valid": desk.now() < expires,
        "issued_at": issued,
        "scopes": scopes(&grant),
        "user_id": person.subject,
    } }),
    ))
}

fn scopes(grant: &Grant) -> Vec<&str> {
    let email = grant.has_scope("email").then_some("email");
    email.into_iter().chain(["public_profile"]).collect()
}

/// `GET /me/permissions`: what was granted and what declined.
pub(super) async fn permissions(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, GraphError> {
    let grant = authorized(&desk, &request, &Params::parse(request.query_string()))?;
    let mut data = vec![json!({ "permission": "public_profile", "status": "granted" })];
    if grant.asked.has_scope("email") {
        let status = if grant.has_scope("email") { "granted" } else { "declined" };
        data.push(json!({ "permission": "email", "status": status }));
    }
    Ok(json(200, &json!({ "data": data })))
}

/// `DELETE /{user-id}/permissions`: the person no longer has this app.
pub(super) async fn uninstall(
    desk: web::Data<Desk>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, GraphError> {
    let params = Params::of(&request, &body);
    let grant = authorized(&desk, &request, &params)?;
    let whose = request.match_info().query("user");
    if whose != "me" && desk.person(grant.person).is_none_or(|person| person.subject != whose) {
        return Err(error("(#100) Unsupported delete request.", 100, 33));
    }
    let token = params.get("access_token").or_else(|| params::bearer(&request)).unwrap_or_default();
    desk.give_back(token, grant.person);
    Ok(json(200, &json!({ "success": true })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_has_its_known_value() {
        assert_eq!(
            proof_of("app-secret-0123", "EAAB-token-xyz"),
            "0a4d1b3ff5092228ac608b8312732058ea71b8b19702ca84ff01d104461db2c4"
        );
    }
}
