//! Pushed authorization requests (RFC 9126): an app says on its back channel what it will ask, and sends people with a
//! reference. Everything is checked here as it would be at the authorization endpoint.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::{
    authenticate::Caller,
    authorize::{self, Came, Error},
    dpop,
    parameter::{self, repeated},
};
use crate::{
    flow::Request,
    proof::Possession,
    pushed::{self, Kept},
    types::OAuthCode,
    web::{House, api::ApiError, headers},
};

#[derive(Serialize)]
struct Reference {
    request_uri: String,
    expires_in: u64,
}

/// `POST /par`.
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let params = parameter::form(&request, body)?;
    let caller = Caller::meet(&house, &request, &params).await?;
    let app = caller.prove().await?.app();
    if app.is_public() {
        // Whoever proves nothing leaves nothing in the store.
        let why = "pushed requests are for clients that prove who they are";
        return Err(ApiError::bad_request(OAuthCode::UnauthorizedClient, why));
    }
    if params.get("request_uri").map_err(repeated)?.is_some() {
        return Err(ApiError::bad_request(OAuthCode::InvalidRequest, "request_uri has no place here"));
    }
    let proof = dpop::shown_by(&house, &request, app)?;
    let asked = authorize::parse(&house, &params, app, Came::Pushed).await.map_err(told)?;
    let asked = bound(asked, proof.as_ref())?;
    if !dpop::spend(&house, proof.as_ref()).await? {
        return Err(dpop::invalid(dpop::REPLAYED));
    }
    match house.pushed.keep(&asked).await? {
        Kept::As(request_uri) => {
            let mut response = HttpResponse::Created();
            headers::no_store(&mut response);
            dpop::next_nonce(&house, proof.as_ref(), &mut response);
            Ok(response.json(Reference { request_uri, expires_in: pushed::LIVES.as_secs() }))
        }
        Kept::TooMany => Err(ApiError::busy(pushed::LIVES.as_secs())),
    }
}

/// Here the app hears everything itself (section 2.3).
fn told(error: Error) -> ApiError {
    match error {
        Error::Shown(_) => ApiError::bad_request(OAuthCode::InvalidRequest, "client_id or redirect_uri is wrong"),
        Error::Redirected(error) => ApiError::bad_request(error.error.code, error.error.description().into_owned()),
    }
}

/// A proof here says for which key the code is, as `dpop_jkt` would (RFC 9449, section 10.1).
fn bound(asked: Request, proof: Option<&Possession>) -> Result<Request, ApiError> {
    match (&asked.dpop_key, proof) {
        (Some(named), Some(proof)) if *named != proof.key => Err(dpop::invalid("dpop_jkt names another key")),
        (None, Some(proof)) => Ok(Request { dpop_key: Some(proof.key.clone()), ..asked }),
        (_, _) => Ok(asked),
    }
}
