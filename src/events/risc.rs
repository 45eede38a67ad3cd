//! Google's Cross-Account Protection: Security Event Tokens, pushed (RFC 8935).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    act,
    answer::{self, OfEvent, Refusal},
    receive::{self, Body},
};
use crate::{
    upstream::{Form, Message},
    web::House,
};

/// `POST /events/{provider}/risc`. One that came before is taken again, and changes nothing (section 2.1).
pub(super) async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, OfEvent> {
    let provider = receive::find(&house, &provider, Form::SecurityEvent)?;
    let body = receive::bounded(body)?;
    let message = Message { form: Form::SecurityEvent, text: receive::text(&body)? };
    let notice = receive::hear(&house, &request, &provider, message).await?;
    act::act(&house, provider.about(), &notice).await.map_err(Refusal::from)?;
    Ok(answer::done(StatusCode::ACCEPTED))
}
