//! The twin of a check of the gate: the cookie finds a record, whose lines are the headers of the answer.

use std::fs;

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use crate::store::{Shared, Store};

/// Opens a store and fills it with the sessions of a file: a line each, cookie and headers with tabs between.
pub fn load(store: &str, file: &str) -> Shared {
    let text = fs::read_to_string(file).expect("a file");
    let record = |line: &str| {
        let (cookie, headers) = line.split_once('\t').expect("a cookie and headers");
        (cookie.to_owned(), headers.as_bytes().to_vec())
    };
    let shared = Shared::open(store);
    shared.fill(text.lines().map(record).collect());
    shared
}

/// 200 with the headers, or 401.
pub async fn answer(store: web::Data<Store>, request: HttpRequest) -> HttpResponse {
    let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, cookie)) = cookies.split_once('=') else { return HttpResponse::Unauthorized().finish() };
    let Some(headers) = store.read(&[cookie]).await.pop() else { return HttpResponse::Unauthorized().finish() };
    let headers = String::from_utf8(headers).expect("text");
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    for header in headers.split('\t').filter_map(|line| line.split_once(": ")) {
        response.insert_header(header);
    }
    response.finish()
}
