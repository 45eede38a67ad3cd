//! The Login Status API: a browser that knows that nobody is signed in asks nothing, and draws nothing.

use actix_web::{
    body::MessageBody,
    cookie::Cookie,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use crate::web::{House, cookies};

/// What says so.
pub(super) const HEADER: &str = "set-login";
/// Somebody is signed in.
pub(super) const LOGGED_IN: &str = "logged-in";
/// Nobody is.
pub(super) const LOGGED_OUT: &str = "logged-out";

/// Middleware: whatever gives a browser a session, or takes it away, tells it so; and the cookie that goes with the
/// session goes with it.
///
/// # Errors
/// Passes on what is not ours.
pub async fn tell<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let house = response.request().app_data::<web::Data<House>>().cloned();
    let Some(house) = house.filter(|house| house.fedcm) else { return Ok(response) };
    let name = house.cookies.name(cookies::SESSION);
    let is_gone = |cookie: Cookie<'_>| cookie.value().is_empty();
    let gone = response.response().cookies().find(|cookie| cookie.name() == name).map(is_gone);
    let Some(gone) = gone else { return Ok(response) };
    let said = HeaderValue::from_static(if gone { LOGGED_OUT } else { LOGGED_IN });
    response.headers_mut().insert(HeaderName::from_static(HEADER), said);
    if gone {
        let cookie = house.cookies.set_for_browser(cookies::FEDCM, String::new(), std::time::Duration::ZERO);
        response.response_mut().add_cookie(&cookie)?;
    }
    Ok(response)
}
