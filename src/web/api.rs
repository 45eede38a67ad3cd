//! Errors that programs read: JSON as RFC 6749, section 5.2, never kept, never more than the standard's words.

use std::{borrow::Cow, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header, web};
use serde::Serialize;

use super::{headers, params::MAX_BYTES, witness};
use crate::{
    store::StoreError,
    types::{OAuthCode, OAuthError},
};

/// How an endpoint for programs says no.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    error: OAuthError,
    challenge: Option<&'static str>,
    retry_after: Option<u64>,
    dpop_nonce: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl ApiError {
    fn new(status: StatusCode, code: OAuthCode, description: impl Into<Cow<'static, str>>) -> Self {
        let error = OAuthError::new(code, description);
        Self { status, error, challenge: None, retry_after: None, dpop_nonce: None }
    }

    /// 400 with a code of the standard.
    pub fn bad_request(code: OAuthCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, description)
    }

    /// 400 `invalid_target`, of services that the grant does not have.
    pub fn invalid_target() -> Self {
        Self::bad_request(OAuthCode::InvalidTarget, "resource goes beyond what was granted")
    }

    /// 400 `invalid_grant`, with a reason that is ours.
    pub fn invalid_grant(reason: impl fmt::Display) -> Self {
        Self::bad_request(OAuthCode::InvalidGrant, reason.to_string())
    }

    /// 400 `use_dpop_nonce`, with the nonce to use (RFC 9449, section 8).
    pub fn use_dpop_nonce(nonce: String) -> Self {
        let error = Self::bad_request(OAuthCode::UseDpopNonce, "a nonce of this server is needed");
        Self { dpop_nonce: Some(nonce), ..error }
    }

    /// 401 `invalid_client` (RFC 6749, section 5.2).
    pub fn invalid_client() -> Self {
        Self::bad_client("client authentication failed")
    }

    /// 401 `invalid_client`, of an app whose document says something wrong: what, anyone may read there.
    pub fn bad_client(description: impl Into<Cow<'static, str>>) -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, OAuthCode::InvalidClient, description);
        Self { challenge: Some(r#"Basic realm="vestibule", charset="UTF-8""#), ..error }
    }

    /// 429: too many wrong tries.
    pub fn too_many(seconds: u64) -> Self {
        let description = "too many failed attempts; try again later";
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, OAuthCode::InvalidClient, description)
        }
    }

    /// 429: more than is kept waiting (RFC 9126, section 2.3).
    pub fn busy(seconds: u64) -> Self {
        let (status, code) = (StatusCode::TOO_MANY_REQUESTS, OAuthCode::TemporarilyUnavailable);
        Self { retry_after: Some(seconds), ..Self::new(status, code, "too many requests; try again later") }
    }

    /// 401 `invalid_token` (RFC 6750, section 3.1).
    pub fn invalid_token() -> Self {
        let error =
            Self::new(StatusCode::UNAUTHORIZED, OAuthCode::InvalidToken, "the token is missing or not good here");
        Self { challenge: Some(r#"Bearer realm="vestibule", error="invalid_token""#), ..error }
    }

    /// 403 `access_denied`: whoever asks may not.
    pub fn forbidden(description: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, OAuthCode::AccessDenied, description)
    }

    /// 404: nothing is here, as far as anybody is told.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, OAuthCode::NotFound, "there is nothing here")
    }

    /// 413: more than any honest request has.
    fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, OAuthCode::InvalidRequest, "the body is too large")
    }

    /// What a program sent, if all of it could be read: at most [`MAX_BYTES`].
    ///
    /// # Errors
    /// 413 for more; 400 for what ends, or goes on, otherwise than it said.
    pub fn body(sent: Result<web::Bytes, actix_web::Error>) -> Result<web::Bytes, Self> {
        match sent {
            Ok(body) if body.len() <= MAX_BYTES => Ok(body),
            Err(error) if error.as_response_error().status_code() != StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Self::bad_request(OAuthCode::InvalidRequest, "the body cannot be read"))
            }
            Ok(_) | Err(_) => Err(Self::too_large()),
        }
    }

    /// 503: something that we need is away, for a while.
    pub fn unavailable() -> Self {
        let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, OAuthCode::TemporarilyUnavailable);
        Self { retry_after: Some(5), ..Self::new(status, code, "try again in a few seconds") }
    }

    /// 500: our own fault; the log says what.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "an endpoint failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, OAuthCode::ServerError, "an internal error")
    }
}

impl From<OAuthError> for ApiError {
    fn from(error: OAuthError) -> Self {
        Self { error, ..Self::bad_request(OAuthCode::InvalidRequest, "") }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        witness::store_failed(&error);
        match error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(error = %cause, "the store is not available");
                Self::unavailable()
            }
            StoreError::Corrupt(_) => Self::internal(&error),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        headers::no_store(&mut response);
        if let Some(challenge) = self.challenge {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(nonce) = &self.dpop_nonce {
            response.insert_header(("DPoP-Nonce", nonce.as_str()));
        }
        response.json(Body { error: self.error.code.as_str(), error_description: &self.error.description() })
    }
}
