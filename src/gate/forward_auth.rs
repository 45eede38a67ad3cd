//! `/gate/forward-auth`: Traefik, Caddy, HAProxy. They tell of a request in `X-Forwarded-Method`, `-Proto`, `-Host` and
//! `-Uri`, and pass on any answer that is not 2xx.

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web};

use super::{
    answer::Manner,
    asked::{Asked, Refused, Told, told},
    check,
    warm::Warm,
};
use crate::web::{Directory, House, gated::is_from_proxy};

static METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
static PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static URI: HeaderName = HeaderName::from_static("x-forwarded-uri");

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
    let [method, scheme, authority, target] =
        [told(headers, &METHOD)?, told(headers, &PROTO)?, told(headers, &HOST)?, told(headers, &URI)?];
    Asked::read(directory, request, Told { method, scheme, authority, target })
}
