//! The doctor before the broker itself: through a proxy that does as docs/gate says it finds nothing wrong, and through
//! one that forgets something it finds that.

use std::net::TcpListener;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt::System, web};
use vestibule::{broker::World, doctor};

use super::gated;
use crate::stage::{Browser, OnStore, Stage};

/// A proxy before an app that shows what it is sent.
#[derive(Clone)]
struct Proxy {
    broker: String,
    host: String,
    gates_its_own_pages: bool,
}

impl Proxy {
    fn start(self, socket: TcpListener) {
        std::thread::spawn(move || {
            System::new().block_on(async move {
                let data = web::Data::new((self, Browser::careful()));
                let app = move || App::new().app_data(data.clone()).default_service(web::to(pass));
                HttpServer::new(app).workers(1).disable_signals().listen(socket).unwrap().run().await.unwrap();
            });
        });
    }
}

async fn pass(it: web::Data<(Proxy, Browser)>, request: HttpRequest) -> HttpResponse {
    let (proxy, client) = &**it;
    let uri = request.uri().to_string();
    let mut told = vec![("x-forwarded-proto", "http"), ("x-forwarded-host", proxy.host.as_str())];
    let own = uri.starts_with("/.vestibule/") && !proxy.gates_its_own_pages;
    let url = if own { format!("{}{uri}", proxy.broker) } else { format!("{}/gate/forward-auth", proxy.broker) };
    let asked = ["accept", "sec-fetch-mode", "x-requested-with", "sec-websocket-key"];
    let sent = asked.into_iter().filter_map(|name| Some((name, request.headers().get(name)?.to_str().ok()?)));
    told.extend(sent);
    if own {
        told.push(("host", &proxy.host));
    } else {
        told.extend([("x-forwarded-method", request.method().as_str()), ("x-forwarded-uri", uri.as_str())]);
    }
    let page = client.raw("GET", &url, &told, "").await;
    if !own && page.status == 200 {
        return HttpResponse::Ok().body(format!("hello {}", page.header("remote-user")));
    }
    let mut reply = HttpResponse::build(actix_web::http::StatusCode::from_u16(page.status.as_u16()).unwrap());
    for name in ["location", "set-cookie", "content-type", "www-authenticate", "cache-control"] {
        for value in page.headers.get_all(name) {
            reply.append_header((name, value.to_str().unwrap()));
        }
    }
    reply.body(page.body)
}

async fn found(gates_its_own_pages: bool, trusted: &'static str) -> Vec<&'static str> {
    let socket = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = socket.local_addr().unwrap().to_string();
    let origin = format!("http://{host}");
    let change = move |config: String| {
        gated(config)
            .replace("https://board.test", &origin)
            .replace("{ path = \"/any\",", "{ emails = [\"*@gmail.com\"] },\n  { path = \"/any\",")
            .replace("gate = \"https://files.test\"", "redirect_uris = [\"https://files.test/cb\"]")
            .replace("trusted_proxies = [\"127.0.0.1\"]", &format!("trusted_proxies = [\"{trusted}\"]"))
    };
    let stage = Stage::start_with(OnStore::Sqlite, change).await;
    Proxy { broker: stage.issuer.clone(), host, gates_its_own_pages }.start(socket);
    let report = doctor::examine(&stage.parsed(), &World::system()).await;
    stage.stop().await;
    report.findings.iter().filter(|finding| finding.fault).map(|finding| finding.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_does_as_we_say_is_well() {
    assert!(found(false, "127.0.0.1").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_gates_the_sign_in_is_named() {
    assert_eq!(found(true, "127.0.0.1").await, ["gate.start-gated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_nobody_trusts_is_named() {
    let found = found(false, "10.0.0.1").await;
    assert!(found.contains(&"gate.untrusted"), "{found:?}");
}
