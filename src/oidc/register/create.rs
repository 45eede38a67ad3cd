//! `POST /register` (RFC 7591, section 3.1).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{addresses, answer::answer, bearer, is_one_of, object, own_name, refused, registry, sector};
use crate::{
    config::{understood, wants_secret},
    registry::Registered,
    types::{AppId, Random, Secret32, SecretText, bytes, ids::RandomId},
    web::{House, api::ApiError},
};

/// How long somebody waits where too many apps are registered: until the operator takes some away.
const FULL: u64 = 3600;

pub(super) async fn create(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let registry = registry(&house)?;
    let allowed = bearer(&request).is_some_and(|token| is_one_of(&token, &house.registration.initial_access_tokens));
    if !allowed {
        return Err(refused(&house, &request));
    }
    let said = object(&request, body)?;
    addresses(&house.egress, &said)?;
    let said = understood(said);
    let sector = sector::proven(&house.egress, &said).await?;
    let random = house.sealer.random();
    let secret = wants_secret(&said).then(|| fresh("vst_a_", random));
    let token = fresh("vst_g_", random);
    let registered = Registered {
        id: id(random)?,
        metadata: serde_json::Value::Object(said).to_string(),
        secret: secret.as_ref().map(hash),
        token: hash(&token),
        sector,
        since: house.clock.now(),
    };
    let app = registered.app()?;
    own_name(&house, &app)?;
    if !registry.add(&registered).await? {
        return Err(ApiError::busy(FULL));
    }
    tracing::info!(app = %registered.id, "an app registered itself");
    Ok(answer(&house, StatusCode::CREATED, (&registered, &app), &token, secret.as_ref()))
}

/// A name that no app of the configuration has: nobody writes 128 random bits there.
fn id(random: &dyn Random) -> Result<AppId, ApiError> {
    format!("vst-{}", RandomId::generate(random)).parse().map_err(|error| ApiError::internal(&error))
}

/// 256 bits, with a prefix by which secret scanners know it.
pub(super) fn fresh(prefix: &str, random: &dyn Random) -> SecretText {
    SecretText::new(format!("{prefix}{}", bytes::to_base64url(Secret32::generate(random).expose())))
}

pub(super) fn hash(secret: &SecretText) -> [u8; 32] {
    bytes::sha256(secret.expose().as_bytes())
}
