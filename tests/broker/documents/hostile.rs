//! Documents that mean harm, and addresses that lead where nobody may make us go.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use vestibule::egress::Bounds;

use super::{JSON, Place, open};
use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Page, Shelf},
};

/// What the token endpoint says of an app.
async fn asked(place: &Place, id: &str) -> Page {
    App::of(&place.stage)
        .token_with(&[("grant_type", "authorization_code"), ("client_id", id), ("code", "x")], &[])
        .await
}

/// What it says is wrong with it.
async fn wrong(place: &Place, id: &str) -> String {
    let page = asked(place, id).await;
    assert_eq!(
        (page.status.as_u16(), page.json()["error"].as_str()),
        (401, Some("invalid_client")),
        "{id}: {}",
        page.body
    );
    page.json()["error_description"].as_str().unwrap().to_owned()
}

/// Nobody gets to see anything of an app.
async fn not_asked(place: &Place, id: &str, status: u16) {
    let page = place.ask(&Browser::new(), id).await;
    assert_eq!((page.status.as_u16(), page.location()), (status, None), "{id}: {}", page.body);
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

on_both_stores! {

    /// Anyone may be asked for; nothing wrong gets a person asked, or a code.
    async fn a_document_that_is_not_good_is_refused_by_name(on: OnStore) {
        let place = Place::open(on).await;
        let (shelf, browser, app) = (&place.shelf, Browser::new(), App::of(&place.stage));
        let taken = place.document("/taken", &[("client_name", json!("Notes"))]);
        let big = place.document("/big", &[("software_id", json!("x".repeat(17_000)))]);
        shelf.lay("/taken", 200, JSON, taken);
        shelf.lay("/big", 200, JSON, big);
        shelf.lay("/html", 200, "content-type: text/html\r\n", place.document("/html", &[]));
        shelf.lay("/list", 200, JSON, json!([place.document("/list", &[])]));
        shelf.lay("/moved", 302, "location: /app.json\r\n", "");
        shelf.lay("/away", 503, JSON, "");
        place.lay("/app.json", &[]);
        place.lay("/other", &[("client_id", json!(shelf.at("/app.json")))]);
        place.lay("/secret", &[("client_secret", json!("s"))]);
        place.lay("/basic", &[("token_endpoint_auth_method", json!("client_secret_basic"))]);
        place.lay("/abroad", &[("redirect_uris", json!([shelf.at("/cb"), "https://evil.test/cb"]))]);
        place.lay("/machine", &[("grant_types", json!(["client_credentials"]))]);
        for (path, status, word) in [
            ("/other", 400, "client_id"), ("/secret", 400, "client_secret"), ("/abroad", 400, "redirect_uris"),
            ("/basic", 400, "token_endpoint_auth_method"), ("/machine", 400, "grant_types"), ("/taken", 400, "client_name"),
            ("/html", 400, "content type"), ("/list", 400, "JSON object"), ("/moved", 400, "status"), ("/none", 400, "status"),
            ("/big", 400, "too long"), ("/away", 503, ""),
        ] {
            let id = shelf.at(path);
            let page = place.ask(&browser, &id).await;
            assert_eq!((page.status.as_u16(), page.location()), (status, None), "{path}: {}", page.body);
            let form = [("grant_type", "authorization_code"), ("client_id", id.as_str()), ("code", "x")];
            let page = app.token_with(&form, &[]).await;
            let error = if status == 400 { "invalid_client" } else { "temporarily_unavailable" };
            assert_eq!(page.json()["error"], error, "{path}: {}", page.body);
            assert_eq!(page.header("www-authenticate").starts_with("Basic "), status == 400, "{path}: a 401 says how");
            assert!(page.json()["error_description"].as_str().unwrap().contains(word), "{path}: {}", page.body);
            assert_eq!(shelf.asked(path), 1, "{path}: a failure is remembered");
        }
        assert_eq!(shelf.asked("/app.json"), 0, "no redirect is followed");
        let page = place.ask(&browser, &place.lay("/other", &[])).await;
        assert_eq!(page.status, 400, "for half a minute");
        place.clock.forward(Duration::from_secs(31));
        assert_eq!(place.ask(&browser, &shelf.at("/other")).await.url.path(), "/login");
        place.stop().await;
    }

    /// Addresses that lead inside, and other spellings of good ones, are not asked.
    async fn nobody_makes_us_ask_inside(on: OnStore) {
        let place = Place::open(on).await;
        place.lay("/app.json", &[]);
        let port = place.shelf.origin.rsplit(':').next().unwrap().to_owned();
        let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let inside = format!("https://localhost:{}/app.json", closed.local_addr().unwrap().port());
        let literal = format!("https://127.0.0.1:{port}/app.json");
        let named = inside.replace("localhost", "a.localhost");
        let dotted = literal.replace("127.0.0.1", "localhost.");
        for id in [
            &inside, &literal, &named, "https://169.254.169.254/latest", "https://10.0.0.1/x", "https://[::1]/x",
            "https://[::ffff:7f00:1]/x", "https://[64:ff9b::7f00:1]/x", "https://[fd00::1]/x", "https://0.0.0.0/x", "https://100.64.0.1/x",
        ] {
            not_asked(&place, id, 400).await;
            assert!(wrong(&place, id).await.contains("out of bounds"), "{id}");
        }
        // Not every resolver knows that name.
        assert!(matches!(place.ask(&Browser::new(), &dotted).await.status.as_u16(), 400 | 503));
        closed.set_nonblocking(true).unwrap();
        assert!(closed.accept().is_err(), "nobody came");
        assert_eq!(place.shelf.asked("/app.json"), 0);
        place.stop().await;
    }

    /// What is no JSON object in plain UTF-8 is nothing, whatever else could be read into it.
    async fn what_is_no_plain_json_is_no_document(on: OnStore) {
        let place = Place::open(on).await;
        let good = |path: &str| place.document(path, &[]).to_string();
        let with_bom = [b"\xef\xbb\xbf", good("/bom").as_bytes()].concat();
        let utf16 = good("/utf16").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let nested = format!("{{\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000)).into_bytes();
        let zipped = gzipped(good("/gzip").as_bytes());
        let latin = [b"{\"client_name\": \"", &b"\xe9"[..], b"\"}"].concat();
        for (path, body) in [
            ("/bom", with_bom), ("/utf16", utf16), ("/nested", nested), ("/gzip", zipped), ("/latin", latin), ("/empty", vec![]),
            ("/two", format!("{}{}", good("/two"), good("/two")).into_bytes()),
        ] {
            let packed = if path == "/gzip" { "content-encoding: gzip\r\n" } else { "" };
            place.shelf.lay_bytes(path, &format!("{JSON}{packed}"), body);
            let id = place.shelf.at(path);
            assert!(wrong(&place, &id).await.contains("no JSON object"), "{path}");
            not_asked(&place, &id, 400).await;
        }
        for (number, kind) in ["text/json", "application/jsonp", "application/x-json", "text/html; application/json", "*/*", ""].iter().enumerate() {
            let path = format!("/type{number}");
            let headers = if kind.is_empty() { String::new() } else { format!("content-type: {kind}\r\n") };
            place.shelf.lay(&path, 200, &headers, good(&path));
            assert!(wrong(&place, &place.shelf.at(&path)).await.contains("content type"), "{kind}");
        }
        for (number, kind) in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/client+json"].iter().enumerate() {
            let path = format!("/good{number}");
            place.shelf.lay(&path, 200, &format!("content-type: {kind}\r\n"), good(&path));
            assert_eq!(asked(&place, &place.shelf.at(&path)).await.json()["error"], "invalid_grant", "{kind}");
        }
        place.stop().await;
    }

    /// A member that comes twice may be read in two ways: whoever looks over a document sees one, and we take the other.
    async fn a_member_that_comes_twice_makes_it_none(on: OnStore) {
        let place = Place::open(on).await;
        for (path, twice) in [
            ("/uris", r#""redirect_uris": ["https://elsewhere.test/cb"]"#.to_owned()),
            ("/name", r#""client_name": "Bank""#.to_owned()),
            ("/id", format!(r#""client_id": "{}""#, place.shelf.at("/id"))),
        ] {
            let document = place.document(path, &[]).to_string();
            place.shelf.lay(path, 200, JSON, format!("{{{twice},{}", &document[1..]));
            let id = place.shelf.at(path);
            assert!(wrong(&place, &id).await.contains("once each"), "{path}");
            not_asked(&place, &id, 400).await;
        }
        place.stop().await;
    }

    /// A host that talks for ever, slowly or fast, holds nobody up, and fills nothing.
    async fn a_host_without_an_end_holds_nobody_up(on: OnStore) {
        let bounds = Bounds { whole: Duration::from_secs(1), ..Bounds::default() };
        let place = Place::furnished(on, Shelf::start_within(bounds), open).await;
        place.shelf.lay_endless("/drip", b" ", Duration::from_millis(20));
        place.shelf.lay_endless("/flood", &[b' '; 4096], Duration::ZERO);
        place.shelf.lay_endless("/mute", b"", Duration::from_millis(20));
        let zeros = gzipped(&vec![b' '; 8 * 1024 * 1024]);
        assert!(zeros.len() < 16 * 1024, "small as it travels");
        place.shelf.lay_bytes("/bomb", &format!("{JSON}content-encoding: gzip\r\n"), zeros);
        let begun = Instant::now();
        for path in ["/drip", "/mute"] {
            let id = place.shelf.at(path);
            not_asked(&place, &id, 503).await;
            let page = asked(&place, &id).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (503, Some("temporarily_unavailable")));
            assert_eq!(place.shelf.asked(path), 1, "a failure is remembered");
        }
        assert!(wrong(&place, &place.shelf.at("/flood")).await.contains("too long"));
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        assert!(wrong(&place, &place.shelf.at("/bomb")).await.contains("no JSON object"), "nothing is unpacked");
        // As long as a document may be, and a byte more.
        let long = |path: &str, len: usize| {
            let document = place.document(path, &[("software_id", json!(""))]).to_string();
            document.replace(r#""software_id":"""#, &format!(r#""software_id":"{}""#, "x".repeat(len - document.len())))
        };
        place.shelf.lay("/full", 200, JSON, long("/full", 16 * 1024));
        place.shelf.lay("/over", 200, JSON, long("/over", 16 * 1024 + 1));
        assert_eq!(asked(&place, &place.shelf.at("/full")).await.json()["error"], "invalid_grant");
        assert!(wrong(&place, &place.shelf.at("/over")).await.contains("too long"));
        place.stop().await;
    }

    /// Another spelling is another name, of nobody; whoever writes it is told so.
    async fn another_spelling_is_refused_by_name(on: OnStore) {
        let place = Place::open(on).await;
        let good = place.lay("/app.json", &[]);
        let spelt = |from: &str, to: &str| good.replacen(from, to, 1);
        let port = place.shelf.origin.rsplit(':').next().unwrap().to_owned();
        for id in [
            spelt("https://localhost", "https://LOCALHOST"), spelt("https:", "HTTPS:"), spelt("https:", "http:"),
            spelt("https://", "https://u@"), spelt("https://", "https://u:p@"), spelt("/app.json", "/./app.json"),
            spelt("/app.json", "/x/../app.json"), spelt("/app.json", "/%2e/app.json"), spelt("/app.json", "/app.json#f"),
            spelt("/app.json", "/"), spelt("/app.json", ""), spelt(&format!(":{port}"), &format!(":0{port}")),
            spelt("https://localhost", "https://loc\u{430}lhost"), spelt("https://localhost", "https://%6cocalhost"),
            format!("https://2130706433:{port}/app.json"), format!("https://0x7f000001:{port}/app.json"),
            format!("https://0177.0.0.1:{port}/app.json"), format!("https://127.1:{port}/app.json"),
            format!("https://[::ffff:127.0.0.1]:{port}/app.json"), format!("https://[0:0:0:0:0:0:0:1]:{port}/app.json"),
            "https://preview.test:443/app.json".into(), "ftp://preview.test/app.json".into(),
        ] {
            assert!(wrong(&place, &id).await.contains("spelling"), "{id}");
            not_asked(&place, &id, 400).await;
        }
        assert_eq!(place.shelf.asked("/app.json"), 0);
        assert_eq!(asked(&place, &good).await.json()["error"], "invalid_grant");
        place.stop().await;
    }

    /// Whoever sends us to ever more addresses waits, before they are asked; what is known costs nothing.
    async fn one_address_makes_us_ask_so_often_and_no_more(on: OnStore) {
        let place = Place::furnished(on, Shelf::start(), |config| {
            open(config).replace("enabled = false", "enabled = true\nper_address = \"20/h\"")
        });
        let place = place.await;
        let known = place.lay("/known", &[]);
        assert_eq!(asked(&place, &known).await.json()["error"], "invalid_grant");
        let mut waits = 0;
        for number in 0..25 {
            let page = asked(&place, &place.shelf.at(&format!("/{number}"))).await;
            if page.status == 429 {
                assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
                assert_eq!(place.shelf.asked(&format!("/{number}")), 0, "nobody was asked");
                waits += 1;
            }
        }
        assert!((5..25).contains(&waits), "{waits}");
        assert_eq!(asked(&place, &known).await.json()["error"], "invalid_grant", "whoever is known is not counted");
        place.stop().await;
    }
}
