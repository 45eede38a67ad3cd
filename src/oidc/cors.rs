//! CORS for scripts of registered apps (Fetch, section 3.2): where tokens and device codes are given out, given back and
//! used, never the authorization endpoint (RFC 9700, section 2.6), and never with credentials. Registration is open to any.
//!
//! A preflight names no app. Where an app may be named after a document, it may be one that nobody here has met yet: then
//! every origin may ask, which tells it nothing and lets it do no more than any program can. Whether a script may read
//! the answer is decided when the request itself has said for which app it is.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Route,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web,
};

use crate::web::House;

/// Middleware: lets scripts from an app's own origins read the answer.
///
/// # Errors
/// Passes on what is not ours.
pub async fn allow<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    // The request has been answered: whichever app it named has been met.
    let request = response.request();
    let origin = request.app_data::<web::Data<House>>().and_then(|house| allowed_origin(house, request));
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("WWW-Authenticate, Retry-After, DPoP-Nonce"),
        );
    }
    Ok(response)
}

/// Middleware: lets any script read the answer, where a token decides and no cookie does.
///
/// # Errors
/// Passes on what is not ours.
pub async fn open<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

/// `OPTIONS`: a preflight. Any header may be sent: libraries and tracers add some of their own, and without credentials
/// none says more than any program could.
pub fn preflight() -> Route {
    web::method(Method::OPTIONS).to(async || asked_first().finish())
}

/// The same before a document that every script may read.
pub fn published() -> Route {
    web::method(Method::OPTIONS)
        .to(async || asked_first().insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")).finish())
}

fn asked_first() -> HttpResponseBuilder {
    let mut response = HttpResponse::NoContent();
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"))
        // `*` stands for all but the first (Fetch, section 3.2.5); old browsers do not know it, and read the names.
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, DPoP, *"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "3600"));
    response
}

fn allowed_origin(house: &House, request: &HttpRequest) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    let may_be_a_stranger = house.documents.is_some() && request.method() == Method::OPTIONS;
    (may_be_a_stranger || is_registered(house, origin.to_str().ok()?)).then(|| origin.clone())
}

fn is_registered(house: &House, origin: &str) -> bool {
    house.directory().apps.with_strangers().any(|app| app.origins.iter().any(|own| own == origin))
}
