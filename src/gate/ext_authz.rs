//! `/gate/ext-authz/…`: Envoy. It sends the request's own method, host and headers, and its path after ours; the scheme
//! comes in `X-Forwarded-Proto`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
    web,
};

use super::{
    EXT_AUTHZ,
    answer::Manner,
    asked::{Asked, Refused, Told, told},
    check,
    warm::Warm,
};
use crate::web::{Directory, House, gated::is_from_proxy};

static PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

pub(super) async fn check(house: web::Data<House>, warm: web::Data<Warm>, request: HttpRequest) -> HttpResponse {
    let directory = house.directory();
    let asked = read(&house, &directory, &request);
    check::answer(&house, &warm, (&directory, &request), asked, Manner::Redirect).await
}

fn read<'a>(house: &House, directory: &'a Directory, request: &'a HttpRequest) -> Result<Asked<'a>, Refused> {
    if !is_from_proxy(house, request) {
        return Err(Refused::Stranger);
    }
    let headers = request.headers();
    let (scheme, authority) = (told(headers, &PROTO)?, told(headers, &header::HOST)?);
    let whole = request.uri().path_and_query().map(|whole| whole.as_str());
    let target =
        whole.and_then(|whole| whole.strip_prefix(EXT_AUTHZ)).ok_or(Refused::Unreadable("there is no path"))?;
    Asked::read(directory, request, Told { method: request.method().as_str(), scheme, authority, target })
}
