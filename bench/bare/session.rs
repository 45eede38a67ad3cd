//! The twin of a check of the gate: the cookie finds a record, whose lines are the headers of the answer.

use std::fs;

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use crate::store::{Shared, Store};

/// About as long as the other records of a session are.
const RECORD: usize = 300;

/// Opens a store and fills it with the sessions of a file: a line each, cookie and headers with tabs between. Each has so
/// many records; the first is what is answered.
pub fn load(store: &str, file: &str, records: usize) -> Shared {
    let text = fs::read_to_string(file).expect("a file");
    let session = |line: &str| {
        let (cookie, headers) = line.split_once('\t').expect("a cookie and headers");
        let others = names(cookie, records).into_iter().skip(1).map(|name| (name, vec![7; RECORD]));
        std::iter::once((cookie.to_owned(), headers.as_bytes().to_vec())).chain(others).collect::<Vec<_>>()
    };
    let shared = Shared::open(store);
    shared.fill(text.lines().flat_map(session).collect());
    shared
}

fn names(cookie: &str, records: usize) -> Vec<String> {
    (0..records).map(|n| if n == 0 { cookie.to_owned() } else { format!("{cookie}:{n}") }).collect()
}

/// 200 with the headers, or 401.
pub async fn answer(store: web::Data<Store>, records: web::Data<usize>, request: HttpRequest) -> HttpResponse {
    let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, cookie)) = cookies.split_once('=') else { return HttpResponse::Unauthorized().finish() };
    let names = names(cookie, **records);
    let found = store.read(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let Some(headers) = found.into_iter().next() else { return HttpResponse::Unauthorized().finish() };
    let headers = String::from_utf8(headers).expect("text");
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    for header in headers.split('\t').filter_map(|line| line.split_once(": ")) {
        response.insert_header(header);
    }
    response.finish()
}
