//! The person's language: a small form in the foot of every page, and a cookie that remembers the answer. Nothing is
//! stored here, and the cookie says nothing of who it is.

use actix_web::{HttpRequest, HttpResponse, http::Method, web};

use super::{
    House, Locale, cookies,
    csrf::{self, Form, Purpose},
    errors::{PageError, Problem},
    house::see_other,
    links,
};

/// The longest address to come back to; from a page with a longer one it goes on at the start page.
const MAX_PATH: usize = 2048;

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::LANGUAGE).post(chosen));
}

/// What the person chose earlier in this browser.
pub(super) fn choice(house: &House, request: &HttpRequest) -> Option<String> {
    house.cookies.get(request, cookies::LANGUAGE)
}

/// The token of the form on the page that answers `request`. It carries the page's own address, sealed, so that no
/// return address is ever taken from a parameter.
pub(super) fn form_token(house: &House, request: &HttpRequest) -> String {
    csrf::token_for(house, Purpose::Language, way_back(request).as_bytes())
}

/// Where a page can be asked for again. A callback cannot, since its code is spent, nor can the answer to a form.
fn way_back(request: &HttpRequest) -> &str {
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD) && !request.path().starts_with("/callback/");
    let address = request.uri().path_and_query().map(|address| address.as_str());
    address.filter(|path| is_page && path.starts_with('/') && path.len() <= MAX_PATH).unwrap_or(links::HOME)
}

/// `POST /language`: remembers the choice and goes back to the page.
async fn chosen(house: web::Data<House>, form: Form) -> Result<HttpResponse, PageError> {
    let (params, way_back) = form.carried(&house, Purpose::Language)?;
    let chosen = params.get("language").ok().flatten().and_then(|tag| tag.parse::<Locale>().ok());
    let chosen = chosen.ok_or(Problem::BadRequest)?;
    let way_back = String::from_utf8(way_back).map_err(PageError::internal)?;
    // With our own origin before it, a path such as `//elsewhere` stays here.
    let mut response = see_other(&house.issuer.at(&way_back));
    let cookie = house.cookies.set(cookies::LANGUAGE, chosen.tag().to_owned(), cookies::REMEMBERED);
    response.add_cookie(&cookie).map_err(PageError::internal)?;
    Ok(response)
}
