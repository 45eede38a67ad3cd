//! `/.vestibule/logout` on a gated host: signs out of everything that this browser's session opened, here, on every other
//! gated host, and where the session began. GET asks and POST acts.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{start, warm::Warm};
use crate::{
    partition::By,
    session::Pass,
    store::StoreError,
    types::{
        App,
        gate::{GateOrigin, LOGOUT},
    },
    web::{
        House,
        cookies::{self, Cookies},
        csrf::{self, Form, Purpose},
        errors::PageError,
        headers::FormTargets,
        links, page_abroad,
        pages::SignOutQuestion,
        see_other,
    },
};

/// `GET /.vestibule/logout`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let (app, origin) = start::host(&house, &directory, &request)?;
    let Some((pass, _)) = signed_in(&house, &request, app, origin).await? else { return gone(&house, origin) };
    let page = SignOutQuestion {
        app_name: None,
        form_token: csrf::token_for(&house, Purpose::Logout, pass.session.as_bytes()),
        extra: vec![],
        action: LOGOUT,
    };
    let targets = FormTargets::here().and(house.issuer.as_str().to_owned());
    Ok(page_abroad(&house, &request, StatusCode::OK, &page, &targets))
}

/// `POST /.vestibule/logout`.
pub async fn post(
    house: web::Data<House>,
    warm: web::Data<Warm>,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let (app, origin) = start::host(&house, &directory, &request)?;
    let Some((pass, cookie)) = signed_in(&house, &request, app, origin).await? else { return gone(&house, origin) };
    let params = form.verified(&house, Purpose::Logout, pass.session.as_bytes())?;
    if params.get("answer").ok().flatten() != Some("yes") {
        return Ok(see_other(&origin.at(links::HOME)));
    }
    house.sessions.end_one(&pass.who, pass.session, By::User).await?;
    warm.forget(&Warm::name(&cookie));
    house.witness.logout_of(&pass.who);
    // What hung on it is dead already; its remains need not lie around.
    if let Err(error) = house.grants.tidy(&pass.who).await {
        tracing::warn!(%error, "what a session left behind was not cleared away");
    }
    gone(&house, origin)
}

/// Who is signed in at this host, and by which cookie.
async fn signed_in(
    house: &House,
    request: &HttpRequest,
    app: &App,
    origin: &GateOrigin,
) -> Result<Option<(Pass, String)>, StoreError> {
    let Some(cookie) = Cookies::of_gate(origin).get(request, cookies::GATE) else { return Ok(None) };
    let Some(key) = house.sessions.pass_key(&cookie) else { return Ok(None) };
    let Some(records) = house.sessions.read_pass(&key).await? else { return Ok(None) };
    let pass = house.sessions.open_pass_records(&key, &records)?;
    Ok(pass.filter(|pass| pass.app == app.id).map(|pass| (pass, cookie)))
}

/// Nobody is signed in here any more.
fn gone(house: &House, origin: &GateOrigin) -> Result<HttpResponse, PageError> {
    let mut response = see_other(&house.issuer.at(links::SIGNED_OUT));
    response.add_cookie(&Cookies::of_gate(origin).clear(cookies::GATE)).map_err(PageError::internal)?;
    Ok(response)
}
