//! The twins of the benchmarks: bare actix handlers that do what an endpoint cannot do without, and nothing else. What the
//! broker needs beyond that is its cost.
//!
//! ```text
//! bare ADDRESS PATH=file,FILE                        the bytes of a file, as JSON
//!              PATH=session,STORE,FILE,RECORDS       the headers of the session that the cookie names, which has so many records
//!              PATH=work,STORE,READS,COMMITS,PUTS,ALGS   store operations, then signatures (ES256+RS256, or -)
//! ```
//!
//! STORE is `redis://…`, `sqlite:FILE`, or `map`, a concurrent map in memory, which holds sessions alone.

mod session;
mod sign;
mod store;
mod work;

use std::{fs, net::SocketAddr, sync::Arc};

use actix_web::{App, HttpResponse, HttpServer, http::header, web};
use mimalloc::MiMalloc;

/// What is done at one path.
enum Twin {
    File(web::Bytes),
    Session(Arc<store::Shared>, usize),
    Work(Arc<store::Shared>, Arc<work::Task>),
}

impl Twin {
    fn parse(text: &str) -> Self {
        match text.split(',').collect::<Vec<_>>()[..] {
            ["file", file] => Self::File(fs::read(file).expect("a file").into()),
            ["session", store, file, records] => {
                let records = records.parse().expect("a number");
                Self::Session(Arc::new(session::load(store, file, records)), records)
            }
            ["work", store, reads, commits, puts, algs] => {
                let task = work::Task::new([reads, commits, puts].map(|n| n.parse().expect("a number")), algs);
                Self::Work(Arc::new(store::Shared::open(store)), Arc::new(task))
            }
            _ => panic!("{text} is no twin"),
        }
    }

    /// A worker's own: its connections are nobody else's.
    fn route(&self, path: &str, cfg: &mut web::ServiceConfig) {
        match self {
            Self::File(bytes) => {
                let bytes = bytes.clone();
                let answer = move || {
                    let bytes = bytes.clone();
                    async move { HttpResponse::Ok().insert_header(header::ContentType::json()).body(bytes) }
                };
                cfg.route(path, web::get().to(answer));
            }
            Self::Session(shared, records) => {
                let (store, records) = (web::Data::new(store::Store::of(shared)), web::Data::new(*records));
                cfg.service(
                    web::resource(path).app_data(store).app_data(records).route(web::get().to(session::answer)),
                );
            }
            Self::Work(shared, task) => {
                let (store, task) = (web::Data::new(store::Store::of(shared)), web::Data::from(Arc::clone(task)));
                cfg.service(web::resource(path).app_data(store).app_data(task).route(web::route().to(work::answer)));
            }
        }
    }
}

/// The broker's own, so that a twin is as fast as it can be.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let address: SocketAddr = args.next().expect("an address").parse().expect("an address");
    let twins: Vec<(String, Twin)> = args
        .map(|pair| {
            let (path, twin) = pair.split_once('=').expect("path=twin");
            (path.to_owned(), Twin::parse(twin))
        })
        .collect();
    let twins = Arc::new(twins);
    let app = move || {
        let twins = Arc::clone(&twins);
        App::new().configure(move |cfg| twins.iter().for_each(|(path, twin)| twin.route(path, cfg)))
    };
    actix_web::rt::System::new().block_on(async { HttpServer::new(app).bind(address)?.run().await })
}
