//! Revocation (RFC 7009): an app gives back what it needs no longer. A refresh token ends everything on its grant, an
//! access token ends alone.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{
    authenticate::Caller,
    parameter::{self, repeated, required},
};
use crate::{
    grant::Revoked,
    keyring::VerifyError,
    types::AppId,
    web::{House, access_token::AccessToken, api::ApiError, headers},
};

/// `POST /revoke`. 200 also for what was never ours: it is good for nothing, as asked (section 2.2). `token_type_hint`
/// is not needed: our tokens say themselves what they are.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let caller = Caller::meet(&house, &request, &params).await?;
    let app = &caller.prove().await?.app().id;
    let token = required(&params, "token")?;
    params.get("token_type_hint").map_err(repeated)?;
    let revoked = match house.grants.revoke(token, app).await? {
        Some(revoked) => revoked,
        None => access_token(&house, token, app).await?,
    };
    if revoked == Revoked::OtherApp {
        return Err(ApiError::invalid_grant("the token was issued to another client"));
    }
    house.witness.revoked(app);
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    // Nobody has to read it (section 2.2), but some clients take no answer that is not JSON.
    Ok(response.json(json!({})))
}

async fn access_token(house: &House, token: &str, app: &AppId) -> Result<Revoked, ApiError> {
    match AccessToken::verify(house, token, None) {
        Ok(access) if access.client_id != app.as_str() => Ok(Revoked::OtherApp),
        Ok(access) => match access.handle().filter(|_| !access.is_exchanged()) {
            Some(handle) => Ok(house.grants.deny(handle, access.expires(), app).await?),
            None => Ok(access.give_back(house).await.map(|()| Revoked::Done)?),
        },
        // Whether it is ours cannot be told now, and a lie would leave it alive.
        Err(VerifyError::NotReady) => Err(ApiError::unavailable()),
        Err(_) => Ok(Revoked::Done),
    }
}
