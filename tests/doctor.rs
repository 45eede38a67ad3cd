//! `vestibule doctor` and `vestibule gate explain`: a set-up in which one thing after the other is broken. One small
//! server plays it all: the issuer, the management listener, a provider, and a gated host behind its proxy.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Command};

use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, http::StatusCode, web};
use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule::{
    broker::World,
    config::{Config, Environment},
    doctor::{self, Report},
};

const MASTER: &str = "JWTm1uFBC3odo6RMarc2HIHLCfHwQisuCPFX5P20Ves";
const COOKIE: &str = "vst_go_1=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=900";

/// Where everything is, and what is broken there.
#[derive(Clone)]
struct Setup {
    issuer: String,
    inside: String,
    gate: String,
    broken: &'static str,
}

impl Setup {
    /// Starts it; it ends with the test.
    fn start(broken: &'static str) -> Self {
        let sockets: [TcpListener; 3] = std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
        let [issuer, inside, gate] = sockets.each_ref().map(|socket| socket.local_addr().unwrap().port());
        let setup = Self {
            issuer: format!("http://localhost:{issuer}"),
            inside: format!("http://127.0.0.1:{inside}"),
            gate: format!("http://127.0.0.1:{gate}"),
            broken,
        };
        let data = web::Data::new(setup.clone());
        let app = move || App::new().app_data(data.clone()).default_service(web::to(answer));
        let server =
            sockets.into_iter().fold(HttpServer::new(app).workers(1), |server, socket| server.listen(socket).unwrap());
        actix_web::rt::spawn(server.disable_signals().run());
        setup
    }

    fn config(&self) -> String {
        let Self { issuer, inside, gate, .. } = self;
        let listen = inside.trim_start_matches("http://");
        format!(
            r#"issuer = "{issuer}"
[listen]
http = "127.0.0.1:1"
management = "{listen}"
trusted_proxies = ["127.0.0.1"]
[store]
url = "sqlite://vestibule.db"
[secrets]
master = "{MASTER}"
[providers.company]
name = "Company"
kind = "oidc"
issuer = "{inside}"
client_id = "x"
client_secret = "provider-secret-0123456789abcdefg"
allow_loopback = true
[apps.ci]
name = "CI"
redirect_uris = ["https://ci.test/cb"]
[apps.wiki]
name = "Wiki"
gate = "{gate}"
access = [
  {{ path = "/public/", public = true }},
  {{ path = "/api/", methods = ["POST"], apps = ["ci"] }},
  {{ emails = ["*@example.com"] }},
]
claims.email = {{ need = "required", why = "To show who wrote a page." }}
"#
        )
    }

    async fn examine(&self) -> Report {
        let folder = TempDir::new().unwrap();
        let config = Config::parse(&self.config(), folder.path(), &Environment::default());
        doctor::examine(&config.unwrap_or_else(|faults| panic!("{faults}")), &World::system()).await
    }
}

fn ok() -> HttpResponseBuilder {
    HttpResponse::Ok()
}

fn to(location: &str) -> HttpResponse {
    HttpResponse::Found().insert_header(("location", location)).finish()
}

async fn answer(setup: web::Data<Setup>, request: HttpRequest) -> HttpResponse {
    let host = request.headers().get("host").unwrap().to_str().unwrap();
    match format!("http://{host}") {
        host if host == setup.issuer => issuer(&setup, request.path()),
        host if host == setup.inside => inside(&setup, request.path()),
        _ => gate(&setup, &request),
    }
}

fn issuer(setup: &Setup, path: &str) -> HttpResponse {
    match (path, setup.broken) {
        ("/.well-known/openid-configuration", "issuer.discovery") => ok().body("<h1>It works!</h1>"),
        ("/.well-known/openid-configuration", "issuer.mismatch") => {
            ok().json(json!({ "issuer": "https://other.test" }))
        }
        ("/.well-known/openid-configuration", _) => ok().json(json!({ "issuer": setup.issuer })),
        (_, "jwks.unreachable") => HttpResponse::Forbidden().finish(),
        (_, "jwks.cache") => ok().insert_header(("cache-control", "no-store")).json(json!({ "keys": [{}] })),
        (_, broken) => {
            let mut reply = ok();
            reply.insert_header(("cache-control", "public, max-age=300"));
            if broken == "clock.skew" {
                reply.insert_header(("date", "Sun, 06 Nov 1994 08:49:37 GMT"));
            }
            reply.json(if broken == "jwks.empty" { json!({ "keys": [] }) } else { json!({ "keys": [{}] }) })
        }
    }
}

fn inside(setup: &Setup, path: &str) -> HttpResponse {
    let at = &setup.inside;
    match (path, setup.broken) {
        ("/readyz", "management.unreachable") => HttpResponse::NotFound().finish(),
        ("/readyz", "keys.not-ready") => ready("being made", "ok", &[]),
        ("/readyz", "store.away") => ready("ok", "not available", &[]),
        ("/readyz", "store.warning") => ready("ok", "ok", &["Redis may evict records"]),
        ("/readyz", _) => ready("ok", "ok", &[]),
        (_, "provider.unavailable") => HttpResponse::BadGateway().finish(),
        _ => ok().json(json!({
            "issuer": at, "authorization_endpoint": format!("{at}/authorize"), "token_endpoint": format!("{at}/token"),
            "jwks_uri": format!("{at}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })),
    }
}

fn ready(keys: &str, store: &str, warnings: &[&str]) -> HttpResponse {
    let fine = keys == "ok" && store == "ok";
    let status = if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(json!({ "keys": keys, "store": store, "warnings": warnings }))
}

/// The proxy, the gate and the app behind them.
fn gate(setup: &Setup, request: &HttpRequest) -> HttpResponse {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (path, broken) = (request.path(), setup.broken);
    let authorize = format!("{}/authorize?client_id=wiki", setup.issuer);
    if path.starts_with("/public/") {
        let arrives = if broken == "gate.forged-arrives" { text("remote_user") } else { "" };
        return ok().body(format!("hello {arrives}"));
    }
    if path == "/.vestibule/start" {
        return match broken {
            "gate.start-gated" => to(&format!("{}/.vestibule/start?to=y", setup.gate)),
            "gate.start-rewritten" => to(&format!("{}/authorize", setup.gate)),
            "gate.start-unrouted" => HttpResponse::NotFound().finish(),
            "gate.cookie" => start(&authorize, "vst_go_1=x; HttpOnly; SameSite=Lax; Path=/; Domain=test"),
            _ => start(&authorize, COOKIE),
        };
    }
    if !text("upgrade").is_empty() {
        match broken {
            "gate.websocket" => return to(&authorize),
            "gate.websocket-open" => return ok().finish(),
            _ => {}
        }
    }
    if text("accept").contains("text/html") {
        return page(setup, &text);
    }
    match broken {
        "gate.script-open" if !text("x-requested-with").is_empty() => ok().finish(),
        "gate.script-redirected" if !text("x-requested-with").is_empty() => to(&authorize),
        "gate.script-untold" => HttpResponse::Unauthorized().finish(),
        _ => HttpResponse::Unauthorized().json(json!({ "login_url": format!("{}/.vestibule/start", setup.gate) })),
    }
}

fn start(location: &str, cookie: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", location)).insert_header(("set-cookie", cookie)).finish()
}

/// What somebody gets who opens a page without having signed in.
fn page<'a>(setup: &Setup, text: &impl Fn(&str) -> &'a str) -> HttpResponse {
    match setup.broken {
        "gate.open" => ok().finish(),
        "gate.loop" => to(&format!("{}/", setup.gate)),
        "gate.redirect" => to("https://elsewhere.test/"),
        "gate.stuck" => HttpResponse::Unauthorized().finish(),
        "gate.untrusted" => HttpResponse::Forbidden().finish(),
        "gate.broken" => HttpResponse::InternalServerError().finish(),
        "gate.forged-passes" if !text("remote-user").is_empty() => ok().finish(),
        "gate.retold" if text("x-original-url").contains("/public/") => ok().finish(),
        _ => to(&format!("{}/.vestibule/start?to=x", setup.gate)),
    }
}

#[actix_web::test]
async fn nothing_is_wrong_with_a_good_set_up() {
    let setup = Setup::start("");
    let report = setup.examine().await;
    assert!(report.is_fine() && report.findings.is_empty(), "{:#?}", report.findings);
    assert_eq!(report.looked_at, [setup.issuer, "providers.company".into(), setup.gate]);
}

/// Each fault is named, and nothing else beside it.
#[actix_web::test]
async fn each_fault_is_named() {
    const FAULTS: [&str; 28] = [
        "issuer.discovery",
        "issuer.mismatch",
        "jwks.unreachable",
        "jwks.empty",
        "jwks.cache",
        "clock.skew",
        "management.unreachable",
        "keys.not-ready",
        "store.away",
        "store.warning",
        "provider.unavailable",
        "gate.start-gated",
        "gate.start-rewritten",
        "gate.start-unrouted",
        "gate.cookie",
        "gate.open",
        "gate.loop",
        "gate.redirect",
        "gate.stuck",
        "gate.untrusted",
        "gate.broken",
        "gate.script-open",
        "gate.script-redirected",
        "gate.script-untold",
        "gate.websocket",
        "gate.websocket-open",
        "gate.forged-passes",
        "gate.retold",
    ];
    for fault in FAULTS.into_iter().chain(["gate.forged-arrives"]) {
        let report = Setup::start(fault).examine().await;
        let mut found: Vec<&str> = report.findings.iter().map(|finding| finding.id).collect();
        found.dedup();
        assert_eq!(found, [fault], "{:#?}", report.findings);
        assert_eq!(report.is_fine(), fault == "store.warning", "{fault}");
        let told = report.findings.iter().all(|finding| !finding.what.is_empty() && finding.cure.ends_with('.'));
        assert!(told, "{:#?}", report.findings);
    }
}

fn vestibule(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(arguments)
        .arg("--json")
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn written(setup: &Setup) -> TempDir {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("vestibule.toml");
    fs::write(&file, setup.config()).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    folder
}

async fn ask(folder: &TempDir, arguments: &'static [&'static str]) -> (i32, Value) {
    let path = folder.path().to_owned();
    web::block(move || vestibule(&path, arguments)).await.unwrap()
}

#[actix_web::test]
async fn the_command_says_it_by_its_exit_code_and_in_json() {
    let (code, said) = ask(&written(&Setup::start("")), &["doctor"]).await;
    assert_eq!((code, &said["ok"], &said["findings"]), (0, &json!(true), &json!([])));
    let (code, said) = ask(&written(&Setup::start("gate.open")), &["doctor"]).await;
    assert_eq!((code, &said["ok"], &said["findings"][0]["id"]), (1, &json!(false), &json!("gate.open")));
    // A secret that others can read is a fault of the configuration, which is refused before anything is asked.
    let folder = written(&Setup::start(""));
    let open = folder.path().join("master");
    fs::write(&open, MASTER).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    let file = folder.path().join("vestibule.toml");
    let config = fs::read_to_string(&file).unwrap();
    let secret = format!("master = \"{MASTER}\"");
    assert!(config.contains(&secret));
    fs::write(&file, config.replace(&secret, "master = { file = \"master\" }")).unwrap();
    assert_eq!(ask(&folder, &["doctor"]).await.0, 2);
}

#[actix_web::test]
async fn gate_explain_names_the_rule() {
    let setup = Setup::start("");
    let folder = written(&setup);
    for (path, method, who, verdict, rule) in [
        ("/public/logo.png", "GET", "anyone", "public", json!(1)),
        ("/", "GET", "anyone", "sign in", Value::Null),
        ("/x", "GET", "ada@example.com", "allowed", json!(3)),
        ("/x", "GET", "eve@elsewhere.org", "denied", Value::Null),
        ("/api/build", "POST", "app:ci", "allowed", json!(2)),
        ("/api/build", "GET", "app:ci", "denied", Value::Null),
    ] {
        let url = format!("{}{path}", setup.gate);
        let (code, said) = vestibule(folder.path(), &["gate", "explain", &url, "--method", method, "--as", who]);
        assert_eq!(
            (code, &said["verdict"], &said["rule"]),
            (0, &json!(verdict), &rule),
            "{who} {method} {path}: {said}"
        );
    }
    let tricky = format!("{}/public/../x", setup.gate);
    assert_eq!(vestibule(folder.path(), &["gate", "explain", &tricky]).0, 2);
    assert_eq!(vestibule(folder.path(), &["gate", "explain", "https://nobody.test/"]).0, 2);
}
