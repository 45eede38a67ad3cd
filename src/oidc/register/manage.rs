//! `GET`, `PUT`, `DELETE /register/{client_id}` (RFC 7592): by the token of that very registration. Of an app that is not
//! there, and of one that is somebody else's, the same is said.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde_json::{Map, Value};

use super::{
    addresses,
    answer::answer,
    bearer,
    create::{fresh, hash},
    is_one_of, metadata, no_content, object, own_name, refused, registry, sector,
};
use crate::{
    config::{understood, wants_secret},
    registry::Registered,
    types::{AppId, SecretText, bytes},
    web::{House, api::ApiError},
};

/// Members that a replacement may not have (section 2.2).
const OURS: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

pub(super) async fn read(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (registered, token) = own(&house, &request, &path).await?;
    let app = registered.app()?;
    Ok(answer(&house, StatusCode::OK, (&registered, &app), &token, None))
}

pub(super) async fn replace(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let (before, token) = own(&house, &request, &path).await?;
    let said = object(&request, body)?;
    check(&said, &before)?;
    addresses(&house.egress, &said)?;
    let said = understood(said);
    let sector = sector::proven(&house.egress, &said).await?;
    let new = (wants_secret(&said) && before.secret.is_none()).then(|| fresh("vst_a_", house.sealer.random()));
    let secret = if wants_secret(&said) { new.as_ref().map(hash).or(before.secret) } else { None };
    let after = Registered { metadata: Value::Object(said).to_string(), secret, sector, ..before };
    let app = after.app()?;
    own_name(&house, &app)?;
    if !registry(&house)?.replace(&after).await? {
        return Err(ApiError::invalid_token());
    }
    Ok(answer(&house, StatusCode::OK, (&after, &app), &token, new.as_ref()))
}

pub(super) async fn remove(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (registered, _) = own(&house, &request, &path).await?;
    registry(&house)?.remove(&registered.id).await?;
    tracing::info!(app = %registered.id, "an app took its registration back");
    Ok(no_content())
}

/// The registration that the token of the request is for.
async fn own(house: &House, request: &HttpRequest, id: &str) -> Result<(Registered, SecretText), ApiError> {
    let registry = registry(house)?;
    let (Some(token), Ok(id)) = (bearer(request), id.parse::<AppId>()) else { return Err(refused(house, request)) };
    let registered = registry.find(&id).await?.filter(|registered| is_one_of(&token, &[registered.token]));
    registered.map(|registered| (registered, token)).ok_or_else(|| refused(house, request))
}

fn check(said: &Map<String, Value>, before: &Registered) -> Result<(), ApiError> {
    if said.get("client_id").and_then(Value::as_str) != Some(before.id.as_str()) {
        return Err(metadata("client_id must be that of the registration"));
    }
    if let Some(name) = OURS.iter().find(|name| said.contains_key(**name)) {
        return Err(metadata(format!("{name} is not for the client to say")));
    }
    match said.get("client_secret").map(|secret| secret.as_str().map(|secret| bytes::sha256(secret.as_bytes()))) {
        None => Ok(()),
        Some(given) if given.is_some() && given == before.secret => Ok(()),
        Some(_) => Err(metadata("client_secret is not the present one")),
    }
}
