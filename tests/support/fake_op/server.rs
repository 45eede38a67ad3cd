//! HTTP of the fake provider.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, rt, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::stream;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Asked, FakeOp, Fault, Script};

/// An answer that is no honest one.
#[derive(Clone, Debug)]
pub enum Raw {
    /// This, with this status.
    Answer { status: u16, content_type: &'static str, body: Vec<u8>, location: Option<String> },
    /// The request is taken, and nothing ever comes back.
    Stall,
    /// One byte in a while, for ever.
    Drip,
    /// Bytes without end.
    Endless,
}

impl Raw {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Answer { status, content_type: "application/json", body: body.to_string().into_bytes(), location: None }
    }

    pub fn text(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status, content_type, body: body.into(), location: None }
    }

    pub fn redirect(location: impl Into<String>) -> Self {
        Self::Answer { status: 302, content_type: "text/plain", body: Vec::new(), location: Some(location.into()) }
    }
}

/// Serves on a free port, which it tells, until the process ends.
pub(super) fn run(script: Arc<Mutex<Script>>, port: &mpsc::Sender<u16>) {
    rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(script.clone())).default_service(web::to(answer))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("a free port");
        let address = server.addrs().first().copied().expect("an address");
        port.send(address.port()).expect("the test listens");
        server.run().await.expect("the provider serves");
    });
}

async fn answer(script: web::Data<Arc<Mutex<Script>>>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let base = format!("http://{}", request.app_config().local_addr());
    let op = FakeOp { base: base.into(), script: script.get_ref().clone() };
    let asked = note(&request, &body);
    let path = asked.path.clone();
    op.script().asked.push(asked.clone());
    let fault = op.script().faults.iter().find_map(|fault| match fault {
        Fault::Answer(at, raw) if path.ends_with(at) => Some(raw.clone()),
        _ => None,
    });
    let page = op.script().pages.get(&path).cloned();
    match fault.or(page) {
        Some(raw) => unusual(raw).await,
        None => honest(&op, &asked, &request),
    }
}

fn note(request: &HttpRequest, body: &[u8]) -> Asked {
    let pairs = |text: &[u8]| form_urlencoded::parse(text).into_owned().collect::<HashMap<_, _>>();
    Asked {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: pairs(request.query_string().as_bytes()),
        headers: request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect(),
        form: pairs(body),
    }
}

fn honest(op: &FakeOp, asked: &Asked, request: &HttpRequest) -> HttpResponse {
    let path = asked.path.as_str();
    if let Some(prefix) = path.strip_suffix("/.well-known/openid-configuration") {
        return json(&op.discovery(&format!("{}{prefix}", op.base())));
    }
    match path {
        "/jwks" => json(&op.jwks()),
        "/userinfo" => json(&op.user_info()),
        "/authorize" => {
            let (to, pairs) = op.authorize(&asked.query);
            let Ok(mut to) = Url::parse(&to) else { return HttpResponse::BadRequest().finish() };
            to.query_pairs_mut().extend_pairs(pairs);
            HttpResponse::Found().insert_header(("location", to.as_str())).finish()
        }
        _ if path == "/token" || path.ends_with("/access_token") => match op.exchange(&asked.form, basic(request)) {
            Ok(answer) => json(&answer),
            Err(error) => HttpResponse::BadRequest().json(serde_json::json!({ "error": error })),
        },
        _ => HttpResponse::NotFound().finish(),
    }
}

fn json(body: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.to_string())
}

fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let pair = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    let plain = |text: &str| {
        let (name, _) = form_urlencoded::parse(text.as_bytes()).next()?;
        Some(name.into_owned())
    };
    let (id, secret) = pair.split_once(':')?;
    Some((plain(id)?, plain(secret)?))
}

async fn unusual(raw: Raw) -> HttpResponse {
    const CHUNK: web::Bytes = web::Bytes::from_static(&[b' '; 64 * 1024]);
    match raw {
        Raw::Answer { status, content_type, body, location } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
            let mut response = HttpResponse::build(status);
            if let Some(location) = location {
                response.insert_header(("location", location));
            }
            response.content_type(content_type).body(body)
        }
        Raw::Stall => {
            rt::time::sleep(Duration::from_secs(120)).await;
            HttpResponse::Ok().finish()
        }
        Raw::Drip => HttpResponse::Ok().content_type("application/json").streaming(stream::unfold((), |()| async {
            rt::time::sleep(Duration::from_millis(100)).await;
            Some((Ok::<_, actix_web::Error>(web::Bytes::from_static(b" ")), ()))
        })),
        Raw::Endless => HttpResponse::Ok()
            .content_type("application/json")
            .streaming(stream::repeat_with(|| Ok::<_, actix_web::Error>(CHUNK))),
    }
}
