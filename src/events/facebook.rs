//! Facebook tells that somebody removed our app there, or wants gone what we have of them.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde_json::json;

use super::{
    act,
    answer::{self, OfRequest, Refusal},
    receive::{self, Body},
};
use crate::{
    upstream::{Form, Message},
    web::{House, headers, links, see_other},
};

/// What Facebook posts.
const PARAMETER: &str = "signed_request";

/// `POST /events/{provider}/deletion`: everything that we have from there is gone before the answer. The code is the
/// same however often a message comes, and of the same kind for somebody who was never here.
pub(super) async fn deletion(
    house: web::Data<House>,
    request: HttpRequest,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, OfRequest> {
    let provider = receive::find(&house, &provider, Form::Deletion)?;
    let text = receive::parameter(&request, body, PARAMETER)?;
    let message = Message { form: Form::Deletion, text: &text };
    let notice = receive::hear(&house, &request, &provider, message).await?;
    act::act(&house, provider.about(), &notice).await.map_err(Refusal::from)?;
    let code = act::code(&house, &notice);
    let url = house.issuer.url_at(&links::status(code.expose()));
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response.json(json!({ "url": url, "confirmation_code": code.expose() })))
}

/// `GET` of the same address, by somebody who found it in Facebook's settings: what is kept here, and how it goes.
pub(super) async fn explain_deletion(
    house: web::Data<House>,
    provider: web::Path<String>,
) -> Result<HttpResponse, OfRequest> {
    receive::find(&house, &provider, Form::Deletion)?;
    Ok(see_other(links::PRIVACY))
}

/// `POST /events/{provider}/deauthorize`: no wish for deletion, but nothing from there may be used any more.
pub(super) async fn deauthorize(
    house: web::Data<House>,
    request: HttpRequest,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, OfRequest> {
    let provider = receive::find(&house, &provider, Form::Deauthorization)?;
    let text = receive::parameter(&request, body, PARAMETER)?;
    let message = Message { form: Form::Deauthorization, text: &text };
    let notice = receive::hear(&house, &request, &provider, message).await?;
    act::act(&house, provider.about(), &notice).await.map_err(Refusal::from)?;
    Ok(answer::done(StatusCode::OK))
}
