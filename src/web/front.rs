//! The front page, and what is nowhere else.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    House,
    errors::{PageError, Problem},
    headers::FormTargets,
    language, links,
    pages::Home,
};

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::HOME).get(home)).configure(language::routes);
}

/// `GET /`: what this place is, in plain words.
async fn home(house: web::Data<House>, request: HttpRequest) -> HttpResponse {
    house.page(&request, StatusCode::OK, &Home, &FormTargets::here())
}

/// Any other address.
///
/// # Errors
/// Always [`Problem::NotFound`].
pub async fn not_found() -> Result<HttpResponse, PageError> {
    Err(Problem::NotFound.into())
}
