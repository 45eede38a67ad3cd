//! Server-to-server notifications of Sign in with Apple.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{
    act,
    answer::{self, OfRequest, Refusal},
    receive::{self, Body},
};
use crate::{
    upstream::{Form, Message, notice::Fault},
    web::House,
};

/// What Apple posts.
#[derive(Deserialize)]
struct Notification {
    payload: String,
}

/// `POST /events/{provider}/apple`.
pub(super) async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, OfRequest> {
    let provider = receive::find(&house, &provider, Form::Notification)?;
    let body = receive::bounded(body)?;
    let Notification { payload } = serde_json::from_slice(&body)
        .map_err(|_| Refusal::Wrong(Fault::InvalidRequest, "the body is not a notification"))?;
    let message = Message { form: Form::Notification, text: &payload };
    let notice = receive::hear(&house, &request, &provider, message).await?;
    act::act(&house, provider.about(), &notice).await.map_err(Refusal::from)?;
    Ok(answer::done(StatusCode::OK))
}
