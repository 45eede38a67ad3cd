//! The twin of the benchmarks: a bare actix handler that answers each path with the bytes of a file, and nothing
//! else. What the broker adds to an answer of the same bytes is its cost.
//!
//! `bare 127.0.0.1:8000 /jwks=jwks.json /.well-known/openid-configuration=discovery.json`

use std::{fs, net::SocketAddr};

use actix_web::{App, HttpResponse, HttpServer, http::header, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let address: SocketAddr = args.next().expect("an address").parse().expect("an address");
    let answers: Vec<(String, web::Bytes)> = args
        .map(|pair| {
            let (path, file) = pair.split_once('=').expect("path=file");
            (path.to_owned(), web::Bytes::from(fs::read(file).expect("a file")))
        })
        .collect();
    let app = move || {
        answers.iter().fold(App::new(), |app, (path, body)| {
            let body = body.clone();
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().insert_header(header::ContentType::json()).body(body) }
            };
            app.route(path, web::get().to(answer))
        })
    };
    HttpServer::new(app).bind(address)?.run().await
}
