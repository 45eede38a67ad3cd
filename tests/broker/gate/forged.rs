//! What strangers try: headers that only a proxy may send, requests round the proxy, spellings, random bytes. Never an
//! identity, never a way through, never a fault of ours.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use super::{BOARD, Visitor, gated, visitor::text};
use crate::{
    on_both_stores,
    stage::{OnStore, Stage, Wire},
};

/// What a proxy tells about a request that Ada may make.
const GOOD: [(&str, &str); 4] = [
    ("X-Forwarded-Method", "GET"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "board.test"),
    ("X-Forwarded-Uri", "/app/"),
];

/// Lines of header: the good ones with one changed, taken away or added.
fn forged() -> Vec<(String, Vec<String>)> {
    let line = |(name, value): &(&str, &str)| format!("{name}: {value}");
    let good: Vec<String> = GOOD.iter().map(line).collect();
    let mut all = Vec::new();
    for (at, (name, value)) in GOOD.iter().enumerate() {
        let without = |more: &[String]| {
            let mut lines = good.clone();
            lines.remove(at);
            lines.extend_from_slice(more);
            lines
        };
        all.push((format!("without {name}"), without(&[])));
        all.push((format!("{name} empty"), without(&[format!("{name}: ")])));
        all.push((format!("{name} with underscores"), without(&[format!("{}: {value}", name.replace('-', "_"))])));
        all.push((format!("{name} with dots"), without(&[format!("{}: {value}", name.replace('-', "."))])));
        all.push((format!("{name} twice"), [good.clone(), vec![format!("{name}: {value}")]].concat()));
        all.push((
            format!("{name} twice, once lower"),
            [good.clone(), vec![format!("{}: x", name.to_lowercase())]].concat(),
        ));
        all.push((format!("{name} as a list"), without(&[format!("{name}: {value}, {value}")])));
        for connection in
            [name.to_string(), name.to_lowercase(), format!("keep-alive, {name}"), format!("x ,{name} , y")]
        {
            all.push((
                format!("Connection: {connection}"),
                [good.clone(), vec![format!("Connection: {connection}")]].concat(),
            ));
        }
    }
    for proto in ["ftp", "HTTPS", "https:", "http", "https,http", "javascript", "https://board.test"] {
        let mut lines = good.clone();
        lines[1] = format!("X-Forwarded-Proto: {proto}");
        all.push((format!("proto {proto}"), lines));
    }
    for method in ["G ET", "GET /", "GET\u{1}", "GET\"", &"A".repeat(100), "{}"] {
        let mut lines = good.clone();
        lines[0] = format!("X-Forwarded-Method: {method}");
        all.push((format!("method {method}"), lines));
    }
    all
}

on_both_stores! {
    /// AC-57, AC-64, C-15: whatever is missing, doubled, malformed or named by Connection is a no, also for somebody
    /// who may come in.
    async fn what_a_proxy_did_not_say_is_not_believed(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let ada = Visitor::new(&stage);
        ada.visit(BOARD, "/app/").await;
        let (wire, cookie) = (Wire::to(&stage), format!("Cookie: {}", ada.cookies(BOARD)));
        let ask = async |path: &str, lines: &[String]| {
            let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).chain([cookie.as_bytes()]).collect();
            wire.ask(&format!("GET {path}"), &lines, b"").await
        };
        let good: Vec<String> = GOOD.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(ask("/gate/forward-auth", &good).await.status, 200, "the good one is good");
        let forged = forged();
        assert!(forged.len() >= 55, "{}", forged.len());
        for (what, lines) in forged {
            let answer = ask("/gate/forward-auth", &lines).await;
            assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
            assert!(answer.header("remote-user").is_empty() && answer.header("location").is_empty(), "{what}");
        }
        // Headers that other proxies know mean nothing here, and neither does the query.
        for more in ["X-Rewrite-URL: /public/", "X-Original-URL: https://board.test/public/", "Forwarded: host=files.test", "X-Forwarded-Prefix: /public", "X-Forwarded-Port: 80", "X-Forwarded-User: root", "Remote-User: root", "X-Vestibule-Jwt: x", "X-HTTP-Method-Override: GET"] {
            let answer = ask("/gate/forward-auth?rd=https://evil.test&allowed_groups=x&auth=no", &[good.clone(), vec![more.into()]].concat()).await;
            assert_eq!(answer.status, 200, "{more}");
            assert!(!answer.text.contains("root") && !answer.text.contains("evil"), "{more}");
        }
        for url in ["/app/", "board.test/app/", "//board.test/app/", "https://board.test", "https:/board.test/app/", "https://board.test\\/app/", "https://x@board.test/app/", "https://board.test:444/app/", "http://board.test/app/", "https://board.test.evil.test/app/", "https://evil.test/?https://board.test/app/"] {
            let lines = vec!["X-Original-Method: GET".into(), format!("X-Original-URL: {url}")];
            let answer = ask("/gate/auth-request", &lines).await;
            assert_eq!(answer.status, 403, "{url}: nginx makes a fault of anything but 401 and 403");
        }
        stage.stop().await;
    }

    /// AC-62, C-5: nothing about who calls by what name opens anything.
    async fn no_header_but_a_pass_or_a_token_opens_anything(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let anyone = Visitor::new(&stage);
        for (name, value) in [
            ("user-agent", "kube-probe/1.29"),
            ("user-agent", "GoogleHC/1.0"),
            ("user-agent", "ELB-HealthChecker/2.0"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "a"),
            ("x-real-ip", "127.0.0.1"),
            ("authorization", "Basic YWRtaW46YWRtaW4="),
            ("authorization", "Bearer"),
            ("authorization", "Negotiate x"),
            ("x-forwarded-user", "ada"),
            ("remote-user", "ada"),
            ("x-auth-request-user", "ada"),
            ("x-vestibule-auth", "user"),
            ("x-vestibule-jwt", "eyJhbGciOiJub25lIn0.e30."),
            ("content-type", "application/grpc"),
            ("upgrade", "websocket"),
        ] {
            for uri in ["/app/", "/ping", "/ready", "/healthz", "/favicon.ico", "/robots.txt"] {
                let page = anyone.forward_auth("GET", BOARD, uri, &[(name, value)]).await;
                assert!(matches!(page.status.as_u16(), 401 | 403), "{name}: {value} {uri}: {}", page.status);
            }
        }
        for method in ["OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND", "get", "A-METHOD"] {
            let page = anyone.forward_auth(method, BOARD, "/app/", &[]).await;
            assert!(matches!(page.status.as_u16(), 401 | 403), "{method}: {}", page.status);
        }
        stage.stop().await;
    }
}

/// Round the proxy: a stranger who says what a proxy would is believed nothing, and comes to nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_not_believed() {
    let elsewhere = |config: String| gated(config).replace("[\"127.0.0.1\"]", "[\"10.9.8.0/24\"]");
    let stage = Stage::start_with(OnStore::Sqlite, elsewhere).await;
    let stranger = Visitor::new(&stage);
    let more = [("x-forwarded-for", "10.9.8.7"), ("accept", "text/html")];
    for page in [
        stranger.forward_auth("GET", BOARD, "/public/", &more).await,
        stranger.auth_request("GET", "https://board.test/public/", &more).await,
        stranger.ext_authz("GET", BOARD, "/public/", &more).await,
    ] {
        assert_eq!(page.status, 403, "not even what is public");
    }
    // The host of a page is the real one, which is no gated one.
    let page = stranger.own_page(&"https://board.test/.vestibule/start".parse().unwrap()).await;
    assert_eq!(page.status, 404);
    stage.stop().await;
}

/// C-10: ten thousand cookies and Authorization headers that nobody was given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_credentials_open_nothing() {
    let stage = Stage::start_with(OnStore::Sqlite, gated).await;
    let ada = Visitor::new(&stage);
    ada.visit(BOARD, "/app/").await;
    let cookie = ada.cookie(BOARD, "__Host-vst_gate").unwrap();
    let length = cookie.len();
    let near = (0..length, proptest::char::range('A', 'z')).prop_map(move |(at, c)| {
        let mut changed: Vec<char> = cookie.chars().collect();
        let before = std::mem::replace(&mut changed[at], c);
        if before == c { String::new() } else { format!("__Host-vst_gate={}", changed.into_iter().collect::<String>()) }
    });
    let any = "[ -~]{0,200}".prop_map(|text| format!("__Host-vst_gate={text}"));
    let cookies = prop_oneof![near, any, "[ -~]{0,100}"];
    let authorization =
        prop_oneof!["Bearer [A-Za-z0-9_-]{0,60}[.][A-Za-z0-9_-]{0,60}[.][A-Za-z0-9_-]{0,60}", "[ -~]{0,100}"];
    let mut runner = TestRunner::new(Config::default());
    let mut tried = Vec::new();
    for _ in 0..10_000 {
        tried.push((
            cookies.new_tree(&mut runner).unwrap().current(),
            authorization.new_tree(&mut runner).unwrap().current(),
        ));
    }
    let stranger = &Visitor::new(&stage);
    let ask = |(cookie, authorization): (String, String)| async move {
        let headers = [("cookie", cookie.trim()), ("authorization", authorization.trim())];
        let page = stranger.forward_auth("GET", BOARD, "/app/", &headers).await;
        assert!(matches!(page.status.as_u16(), 400 | 401 | 403), "{cookie:?} {authorization:?}: {}", page.status);
        assert!(text(&page, "remote-user").is_empty());
    };
    use futures_util::StreamExt;
    let answered = futures_util::stream::iter(tried).map(ask).buffer_unordered(32).count().await;
    assert_eq!(answered, 10_000);
    stage.stop().await;
}
