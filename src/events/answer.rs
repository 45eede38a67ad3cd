//! How a provider is told that nothing comes of its message.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde_json::{Value, json};

use crate::{
    limits::RetryAfter,
    store::StoreError,
    upstream::{Unheard, notice::Fault},
    web::{headers, witness},
};

/// For how long a provider should wait before it tries again, in seconds.
const PAUSE: u64 = 5;

/// Why a message is not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such provider, or it tells nothing in this way.
    Nowhere,
    /// It is wrong.
    Wrong(Fault, &'static str),
    /// Too much that was wrong came from there.
    TooMany(RetryAfter),
    /// Keys or store are away.
    Away,
    /// Our own fault; the log says what.
    Internal,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        witness::store_failed(&error);
        match error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(error = %cause, "the store is not available");
                Self::Away
            }
            StoreError::Corrupt(_) => {
                tracing::error!(%error, "a provider's message could not be acted on");
                Self::Internal
            }
        }
    }
}

impl From<Unheard> for Refusal {
    fn from(unheard: Unheard) -> Self {
        match unheard {
            Unheard::NotSpoken => Self::Nowhere,
            Unheard::Unavailable(_) => Self::Away,
            Unheard::Wrong { fault, why } => Self::Wrong(fault, why),
        }
    }
}

impl Refusal {
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Nowhere => (StatusCode::NOT_FOUND, "invalid_request", "nothing is told here"),
            Self::Wrong(fault, why) => (StatusCode::BAD_REQUEST, fault.as_str(), why),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "access_denied", "too many wrong messages"),
            Self::Away => (StatusCode::SERVICE_UNAVAILABLE, "invalid_request", "try again in a few seconds"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "invalid_request", "an internal error"),
        }
    }

    fn response(&self, body: &Value) -> HttpResponse {
        let mut response = HttpResponse::build(self.parts().0);
        headers::no_store(&mut response);
        let wait = match self {
            Self::TooMany(wait) => Some(wait.as_secs()),
            Self::Away => Some(PAUSE),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.json(body)
    }
}

/// A refusal in the words of RFC 8935, section 2.3.
#[derive(Debug)]
pub(super) struct OfEvent(pub Refusal);

/// A refusal in the words of OAuth, which Back-Channel Logout 1.0 (section 2.8) borrows; those without a standard of
/// their own get the same.
#[derive(Debug)]
pub(super) struct OfRequest(pub Refusal);

impl<E: Into<Refusal>> From<E> for OfEvent {
    fn from(why: E) -> Self {
        Self(why.into())
    }
}

impl<E: Into<Refusal>> From<E> for OfRequest {
    fn from(why: E) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for OfEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.parts().2)
    }
}

impl fmt::Display for OfRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.parts().2)
    }
}

impl ResponseError for OfEvent {
    fn status_code(&self) -> StatusCode {
        self.0.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let (_, err, description) = self.0.parts();
        self.0.response(&json!({ "err": err, "description": description }))
    }
}

impl ResponseError for OfRequest {
    fn status_code(&self) -> StatusCode {
        self.0.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, _, description) = self.0.parts();
        let error = if status.is_server_error() { "temporarily_unavailable" } else { "invalid_request" };
        self.0.response(&json!({ "error": error, "error_description": description }))
    }
}

/// Taken.
pub(super) fn done(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    headers::no_store(&mut response);
    response.finish()
}
