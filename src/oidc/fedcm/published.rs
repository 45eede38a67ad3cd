//! What browsers read before anything is asked, without cookies. It is the same for everyone.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::web::{House, api::ApiError, headers, links, params::Params};

/// `GET /.well-known/web-identity`. Browsers look for it at the registrable domain; a redirect from there will do.
pub async fn web_identity(house: web::Data<House>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "provider_urls": [house.issuer.at(links::FEDCM_CONFIG)],
        "accounts_endpoint": house.issuer.at(links::FEDCM_ACCOUNTS),
        "login_url": house.issuer.at(links::FEDCM_LOGIN),
    }))
}

/// `GET /fedcm/config.json`.
pub async fn config(house: web::Data<House>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "accounts_endpoint": house.issuer.at(links::FEDCM_ACCOUNTS),
        "client_metadata_endpoint": house.issuer.at(links::FEDCM_CLIENT),
        "id_assertion_endpoint": house.issuer.at(links::FEDCM_ASSERTION),
        "disconnect_endpoint": house.issuer.at(links::FEDCM_DISCONNECT),
        "login_url": house.issuer.at(links::FEDCM_LOGIN),
        "supports_use_other_account": true,
    }))
}

/// `GET /fedcm/client`: what a person may read of an app before they sign in.
pub async fn client(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| ApiError::not_found())?;
    let id = params.get("client_id").ok().flatten().and_then(|id| id.parse().ok());
    let directory = house.directory();
    let app = id.and_then(|id| directory.apps.let_in(&id)).ok_or_else(ApiError::not_found)?;
    let mut said = serde_json::Map::new();
    for (name, link) in [("privacy_policy_url", &app.links.policy), ("terms_of_service_url", &app.links.terms)] {
        said.extend(link.as_ref().map(|link| (name.to_owned(), link.as_str().into())));
    }
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(said))
}
