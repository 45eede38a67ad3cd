//! Errors that programs read: JSON as RFC 6749, section 5.2, never kept, never more than the standard's words.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;

use super::headers;
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
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl ApiError {
    /// 400 with a code of the standard.
    pub fn bad_request(code: OAuthCode, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: OAuthError::new(code, description),
            challenge: None,
            retry_after: None,
        }
    }

    /// 400 `invalid_grant`, with a reason that is ours.
    pub fn invalid_grant(reason: impl fmt::Display) -> Self {
        let error = OAuthError::new(OAuthCode::InvalidGrant, reason.to_string());
        Self { status: StatusCode::BAD_REQUEST, error, challenge: None, retry_after: None }
    }

    /// 401 `invalid_client` (RFC 6749, section 5.2).
    pub fn invalid_client() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: OAuthError::new(OAuthCode::InvalidClient, "client authentication failed"),
            challenge: Some(r#"Basic realm="vestibule", charset="UTF-8""#),
            retry_after: None,
        }
    }

    /// 429: too many wrong tries.
    pub fn too_many(seconds: u64) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: OAuthError::new(OAuthCode::InvalidClient, "too many failed attempts; try again later"),
            challenge: None,
            retry_after: Some(seconds),
        }
    }

    /// 429: too many requests, none of them wrong.
    pub fn busy(seconds: u64) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: OAuthError::new(OAuthCode::TemporarilyUnavailable, "too many requests; try again later"),
            challenge: None,
            retry_after: Some(seconds),
        }
    }

    /// 413: more than any honest request has.
    pub fn too_large() -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error: OAuthError::new(OAuthCode::InvalidRequest, "the body is too large"),
            challenge: None,
            retry_after: None,
        }
    }

    /// 503: something that we need is away, for a while.
    pub fn unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            error: OAuthError::new(OAuthCode::TemporarilyUnavailable, "try again in a few seconds"),
            challenge: None,
            retry_after: Some(5),
        }
    }

    /// 500: our own fault; the log says what.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "an endpoint failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error: OAuthError::new(OAuthCode::ServerError, "an internal error"),
            challenge: None,
            retry_after: None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
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
        response.json(Body { error: self.error.code.as_str(), error_description: &self.error.description() })
    }
}
