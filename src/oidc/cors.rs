//! CORS for scripts of registered apps (Fetch, section 3.2): token, revocation and UserInfo endpoints only, never the
//! authorization endpoint (RFC 9700, section 2.6), and never with credentials.

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
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
    let origin = request.app_data::<web::Data<House>>().and_then(|house| registered_origin(house, request.request()));
    let mut response = next.call(request).await?;
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

/// `OPTIONS`: a preflight.
pub async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, DPoP"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "3600"))
        .finish()
}

fn registered_origin(house: &House, request: &HttpRequest) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let directory = house.directory();
    directory.apps.with_strangers().any(|app| app.origins.iter().any(|own| own == text)).then(|| origin.clone())
}
