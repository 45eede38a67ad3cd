//! `/gate/auth-request`: nginx. It tells of a request in the headers that its configuration sets, `X-Original-Method` and
//! `X-Original-URL`; it understands 2xx, 401 and 403, and makes a fault of its own of anything else.

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName, web};

use super::{
    answer::Manner,
    asked::{Asked, Refused, Told, told},
    check,
    warm::Warm,
};
use crate::web::{Directory, House, gated::is_from_proxy};

static METHOD: HeaderName = HeaderName::from_static("x-original-method");
static URL: HeaderName = HeaderName::from_static("x-original-url");

pub(super) async fn check(house: web::Data<House>, warm: web::Data<Warm>, request: HttpRequest) -> HttpResponse {
    let directory = house.directory();
    let asked = read(&house, &directory, &request);
    check::answer(&house, &warm, (&directory, &request), asked, Manner::Unauthorized).await
}

fn read<'a>(house: &House, directory: &'a Directory, request: &'a HttpRequest) -> Result<Asked<'a>, Refused> {
    if !is_from_proxy(house, request) {
        return Err(Refused::Stranger);
    }
    let headers = request.headers();
    let (method, url) = (told(headers, &METHOD)?, told(headers, &URL)?);
    // Cut by hand, and not parsed: a parser would mend what must be refused.
    let (scheme, rest) = url.split_once("://").ok_or(Refused::Unreadable("the URL is not absolute"))?;
    let (authority, target) = rest.split_at(rest.find('/').ok_or(Refused::Unreadable("the URL has no path"))?);
    Asked::read(directory, request, Told { method, scheme, authority, target })
}
