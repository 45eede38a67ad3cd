//! An OpenID Provider signs somebody out here, as well (OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    act::{self, Heard},
    answer::{self, OfRequest, Refusal},
    receive::{self, Body},
};
use crate::{
    upstream::{Form, Message, notice::Fault},
    web::House,
};

/// `POST /events/{provider}/logout`. A token that came before is refused (section 2.6, step 8): whoever signed in since
/// then must not be signed out by it.
pub(super) async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, OfRequest> {
    let provider = receive::find(&house, &provider, Form::Logout)?;
    let token = receive::parameter(&request, body, "logout_token")?;
    let message = Message { form: Form::Logout, text: &token };
    let notice = receive::hear(&house, &request, &provider, message).await?;
    match act::act(&house, provider.about(), &notice).await.map_err(Refusal::from)? {
        Heard::Now => Ok(answer::done(StatusCode::OK)),
        Heard::Before => Err(Refusal::Wrong(Fault::InvalidRequest, "this logout token was used before").into()),
    }
}
