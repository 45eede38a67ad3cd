//! Errors that people read. A handler says what is wrong; the page is made in one place, in the reader's language.
//! What went wrong inside is logged under a reference number and never shown.

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    cookie::Cookie,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};

pub use super::pages::{ProblemKind as Problem, WayOn};
use super::{House, headers::FormTargets, house, page_abroad, pages, witness};
use crate::{
    store::StoreError,
    types::{SystemRandom, gate::OWN_PATHS, ids::RandomId},
};

/// Something a person is told, and where they may go from there.
#[derive(Debug)]
pub struct PageError {
    problem: Problem,
    ways_on: Vec<WayOn>,
    cookies: Vec<Cookie<'static>>,
    inside: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PageError {
    fn new(problem: Problem, inside: Option<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { problem, ways_on: Vec::new(), cookies: Vec::new(), inside }
    }

    /// The same with a further way on.
    #[must_use]
    pub fn with_way_on(mut self, way_on: WayOn) -> Self {
        self.ways_on.push(way_on);
        self
    }

    /// The same with cookies to set.
    #[must_use]
    pub fn with_cookies(self, cookies: Vec<Cookie<'static>>) -> Self {
        Self { cookies, ..self }
    }

    /// Something that must not happen. The chain goes to the log.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Problem::Internal, Some(error.into()))
    }
}

impl From<Problem> for PageError {
    fn from(problem: Problem) -> Self {
        Self::new(problem, None)
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        witness::store_failed(&error);
        let problem = match error {
            StoreError::Unavailable(_) => Problem::StoreAway,
            StoreError::Corrupt(_) => Problem::Internal,
        };
        Self::new(problem, Some(error.into()))
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.problem)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        status(&self.problem)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// The status of a page about a problem (DESIGN section 11, *Authorize*).
fn status(problem: &Problem) -> StatusCode {
    match problem {
        Problem::UnknownApp
        | Problem::BadRedirect
        | Problem::BadRequest
        | Problem::AttemptExpired
        | Problem::AttemptForeign
        | Problem::VisitOver
        | Problem::AlreadyDone => StatusCode::BAD_REQUEST,
        Problem::CancelledAtProvider { .. }
        | Problem::NotAllowed { .. }
        | Problem::NoAccess { .. }
        | Problem::NotSignedIn { .. }
        | Problem::NotFresh { .. }
        | Problem::SomebodyElse { .. }
        | Problem::FormRefused => StatusCode::FORBIDDEN,
        Problem::LinkedElsewhere { .. } | Problem::TooManyWays => StatusCode::CONFLICT,
        Problem::ProviderWrong { .. } => StatusCode::BAD_GATEWAY,
        Problem::ProviderDown { .. } | Problem::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
        Problem::NotFound => StatusCode::NOT_FOUND,
        Problem::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Problem::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Problem::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Middleware: makes the page of a [`PageError`].
///
/// # Errors
/// Passes on what is not ours.
pub async fn render<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(house) = response.request().app_data::<web::Data<House>>().cloned() else { return Ok(response) };
    if let Some(error) = response.response().error().and_then(|error| error.as_error::<PageError>()) {
        let page = make(&house, response.request(), error);
        return Ok(response.into_response(page));
    }
    // What the router answers by itself, for somebody who reads.
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && house::reads_html(response.request()) {
        let mut page = make(&house, response.request(), &Problem::MethodNotAllowed.into());
        if let Some(allow) = response.headers().get(header::ALLOW) {
            page.headers_mut().insert(header::ALLOW, allow.clone());
        }
        return Ok(response.into_response(page));
    }
    Ok(response)
}

fn make(house: &House, request: &HttpRequest, error: &PageError) -> HttpResponse {
    let reference = error.inside.as_ref().map(|inside| log(inside.as_ref(), error));
    let page =
        pages::Problem { kind: error.problem.clone(), reference: reference.as_deref(), ways_on: error.ways_on.clone() };
    let status = status(&error.problem);
    let targets = FormTargets::here();
    let mut response = if request.path().starts_with(OWN_PATHS) {
        page_abroad(house, request, status, &page, &targets)
    } else {
        house.page(request, status, &page, &targets)
    };
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    for cookie in &error.cookies {
        if response.add_cookie(cookie).is_err() {
            tracing::error!("a cookie of ours is no header value");
        }
    }
    response
}

/// Logs what went wrong inside, and gives the number under which it stands in the log.
fn log(inside: &(dyn std::error::Error + 'static), error: &PageError) -> String {
    let reference = RandomId::generate(&SystemRandom).to_string();
    let chain: Vec<String> =
        std::iter::successors(Some(inside), |error| error.source()).map(ToString::to_string).collect();
    tracing::error!(reference, problem = %error, chain = chain.join(": "), "a page told of a problem");
    reference
}
