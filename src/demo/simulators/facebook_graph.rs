//! Facebook's Graph API, as far as a login needs it.

use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::{ask::Grant, desk::Desk, fault::Fault, params, params::Params, people::Person, token::json};
use crate::types::bytes;

/// How long a user's token is good for: 60 days, in seconds.
pub(super) const TOKEN_LIFETIME: u64 = 60 * 86_400;

/// An error of the Graph API; a subcode of 0 is left out.
pub(super) fn error(message: &str, code: u32, subcode: u32) -> HttpResponse {
    graph_error(message, "OAuthException", code, subcode)
}

fn graph_error(message: &str, kind: &str, code: u32, subcode: u32) -> HttpResponse {
    let mut error = json!({ "message": message, "type": kind, "code": code, "fbtrace_id": "ASimulatedTrace0000000" });
    if let (true, Some(members)) = (subcode > 0, error.as_object_mut()) {
        members.insert("error_subcode".to_owned(), json!(subcode));
    }
    json(400, &json!({ "error": error }))
}

/// The grant of the request's token, whose proof must fit: this app has "require app secret" switched on.
fn authorized(desk: &Desk, request: &HttpRequest, params: &Params) -> Result<Grant, HttpResponse> {
    let token = params.get("access_token").or_else(|| params::bearer(request));
    let Some(token) = token else {
        return Err(error("An active access token must be used to query information about the current user.", 2500, 0));
    };
    let Some(grant) = desk.grant_of(token) else {
        return Err(error("Invalid OAuth access token - Cannot parse access token", 190, 0));
    };
    let Some(proof) = params.get("appsecret_proof") else {
        let message = "API calls from the server require an appsecret_proof argument";
        return Err(graph_error(message, "GraphMethodException", 100, 0));
    };
    if !bytes::constant_time_eq(proof.as_bytes(), proof_of(&desk.client.secret, token).as_bytes()) {
        let message = "Invalid appsecret_proof provided in the API argument";
        return Err(graph_error(message, "GraphMethodException", 100, 0));
    }
    Ok(grant)
}

/// `appsecret_proof`: lower-case hex of HMAC-SHA-256 over the token, keyed with the app's secret.
fn proof_of(secret: &str, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    bytes::to_hex(hmac::sign(&key, token.as_bytes()).as_ref())
}

/// `GET /me`: nothing but `id` and `name` unless `fields` says so.
pub(super) async fn me(desk: web::Data<Desk>, request: HttpRequest) -> HttpResponse {
    let params = Params::parse(request.query_string());
    let grant = match authorized(&desk, &request, &params) {
        Ok(grant) => grant,
        Err(refused) => return refused,
    };
    let Some(person) = desk.person(grant.person) else { return error("Unsupported get request.", 100, 33) };
    let foreign = desk.faults(&grant).has(Fault::WrongUserinfoSubject);
    let mut answer = Map::new();
    for field in params.get("fields").unwrap_or("id,name").split(',').chain(["id"]) {
        let name = field.split(['.', '{']).next().unwrap_or_default();
        match value(name, &grant, person) {
            Some(Value::Null) => {}
            Some(_) if name == "id" && foreign => drop(answer.insert("id".to_owned(), json!("1"))),
            Some(value) => drop(answer.insert(name.to_owned(), value)),
            None => {
                return error(&format!("(#100) Tried accessing nonexisting field ({name})"), 100, 0);
            }
        }
    }
    json(200, &Value::Object(answer))
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
pub(super) async fn debug_token(desk: web::Data<Desk>, request: HttpRequest) -> HttpResponse {
    let params = Params::parse(request.query_string());
    let asker = params.text("access_token");
    let (id, secret) = asker.split_once('|').unwrap_or_default();
    if !desk.client.is(id, secret) {
        return error("Invalid OAuth access token signature.", 190, 0);
    }
    let Some(token) = params.get("input_token") else {
        return error("(#100) The parameter input_token is required", 100, 0);
    };
    let Some((grant, person)) = desk.grant_of(token).and_then(|grant| desk.person(grant.person).map(|p| (grant, p)))
    else {
        let dead = json!({ "code": 190, "message": "Invalid OAuth access token." });
        return json(200, &json!({ "data": { "error": dead, "is_valid": false, "scopes": [] } }));
    };
    let foreign = desk.faults(&grant).has(Fault::ForeignApp);
    let issued = grant.at.as_secs();
    let expires = issued.saturating_add(TOKEN_LIFETIME);
    json(
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
    )
}

fn scopes(grant: &Grant) -> Vec<&str> {
    let email = grant.has_scope("email").then_some("email");
    email.into_iter().chain(["public_profile"]).collect()
}

/// `GET /me/permissions`: what was granted and what declined.
pub(super) async fn permissions(desk: web::Data<Desk>, request: HttpRequest) -> HttpResponse {
    let grant = match authorized(&desk, &request, &Params::parse(request.query_string())) {
        Ok(grant) => grant,
        Err(refused) => return refused,
    };
    let mut data = vec![json!({ "permission": "public_profile", "status": "granted" })];
    if grant.asked.has_scope("email") {
        let status = if grant.has_scope("email") { "granted" } else { "declined" };
        data.push(json!({ "permission": "email", "status": status }));
    }
    json(200, &json!({ "data": data }))
}

/// `DELETE /{user-id}/permissions`: the person no longer has this app.
pub(super) async fn uninstall(desk: web::Data<Desk>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let grant = match authorized(&desk, &request, &Params::of(&request, &body)) {
        Ok(grant) => grant,
        Err(refused) => return refused,
    };
    let whose = request.match_info().query("user");
    if whose != "me" && desk.person(grant.person).is_none_or(|person| person.subject != whose) {
        return error("(#100) Unsupported delete request.", 100, 33);
    }
    desk.forget(grant.person);
    json(200, &json!({ "success": true }))
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
