//! Paths, hosts and return addresses in every spelling: no bypass, no way out to elsewhere, no fault of ours.

use super::{BOARD, Visitor, gated};
use crate::{
    on_both_stores,
    stage::{OnStore, Stage, param},
};

/// AC-61: what an app could serve as something else than it looks.
const PATHS: &[&str] = &[
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public/.%2e/admin",
    "/public/%2E%2E%2Fadmin",
    "/public/..;/admin",
    "/public/;/../admin",
    "/public;/../admin",
    "/public;x=1/admin",
    "/public/x;y",
    "/public%2f..%2fadmin",
    "/public%2Fadmin",
    "/public/%2fadmin",
    "/public\\..\\admin",
    "/public/%5c..%5cadmin",
    "/public/..%5cadmin",
    "//admin",
    "//public/admin",
    "///public/",
    "/public//admin",
    "/public/.//admin",
    "/public/./x",
    "/public/.",
    "/public/..",
    "/public/...",
    "/public/.../admin",
    "/public/.. /admin",
    "/public/..%20/admin",
    "/public/..%09/admin",
    "/public/%00",
    "/public/%00/../admin",
    "/admin%00/public/",
    "/public/%0aadmin",
    "/public/%0d%0aSet-Cookie:x",
    "/public/%7f",
    "/public#/admin",
    "/public/#",
    "/admin#/public/",
    "/admin%23/public/",
    "/admin%3f/public/",
    "/public/%3f/../admin",
    "/%2561dmin",
    "/public/%252e%252e/admin",
    "/public/%25",
    "/public/%",
    "/public/%4",
    "/public/%zz",
    "/public/%u002e%u002e/admin",
    "/public/%c0%ae%c0%ae/admin",
    "/public/%ff",
    "/public/%ef%bc%8e%ef%bc%8e/admin",
    "/public/%e2%88%95admin",
    "/public/%ef%bc%8fadmin",
    "/public/%e2%80%a5/admin",
    "public/",
    "*",
    "?",
    "/../public/",
    "/./public/",
    "/%2e/public/",
    "/%2fpublic/",
    "http://board.test/public/",
    "https://board.test/public/",
    "\\public\\",
    "/public\\x",
];

/// Plain paths that are not public, whatever they hold.
const NOT_PUBLIC: &[&str] = &[
    "/app/?/public/",
    "/app/?x=/public/",
    "/app/?..%2fpublic%2f",
    "/app/public/",
    "/app/x/public/../y",
    "/PUBLIC/x",
    "/Public/",
    "/public",
    "/publicity",
    "/public.x/",
    "/%41pp/",
    "/admin",
    "/ADMIN",
    "/%61dmin",
    "/admin/",
    "/administrator",
];

/// Hosts that are not the one that is registered.
const HOSTS: &[&str] = &[
    "evil.test",
    "board.test.evil.test",
    "evilboard.test",
    "board.test:444",
    "board.test:80",
    "board.test:0443",
    "board.test:443:443",
    "board.test..",
    ".board.test",
    "board.test/",
    "board.test/public",
    "board.test?",
    "board.test#",
    "x@board.test",
    "board.test@evil.test",
    "board.test,evil.test",
    "board.test evil.test",
    "board%2etest",
    "[board.test]",
    "b\u{f6}ard.test",
    "xn--board-.test",
    "127.0.0.1",
    "localhost",
];

on_both_stores! {
    /// No spelling of a path is public that is not, and none is a fault.
    async fn tricks_with_paths_open_nothing(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let (stranger, ada) = (Visitor::new(&stage), Visitor::new(&stage));
        ada.visit(BOARD, "/app/").await;
        assert!(PATHS.len() + NOT_PUBLIC.len() + HOSTS.len() >= 100);
        for path in PATHS {
            for visitor in [&stranger, &ada] {
                let page = visitor.forward_auth("GET", BOARD, path, &[("accept", "text/html")]).await;
                assert_eq!(page.status, 400, "{path}");
                let page = visitor.auth_request("GET", &format!("https://board.test{path}"), &[]).await;
                assert_eq!(page.status, 403, "{path}");
            }
        }
        for path in NOT_PUBLIC {
            let page = stranger.forward_auth("GET", BOARD, path, &[]).await;
            assert!(matches!(page.status.as_u16(), 400 | 401 | 403), "{path}: {}", page.status);
        }
        // A rule that says who may pass covers every case of its letters; one that opens to all, only its own.
        for path in ["/admin", "/ADMIN", "/Admin/x", "/%61dmin"] {
            assert_eq!(ada.forward_auth("GET", BOARD, path, &[]).await.status, 403, "{path}");
        }
        stage.stop().await;
    }

    /// C-13: spellings of the registered host are that host; whatever else is nobody's.
    async fn tricks_with_hosts_lead_nowhere(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let visitor = Visitor::new(&stage);
        for host in HOSTS {
            let page = visitor.forward_auth("GET", host, "/public/", &[("accept", "text/html")]).await;
            assert!(matches!(page.status.as_u16(), 400 | 403), "{host}: {}", page.status);
            assert!(page.headers.get("location").is_none(), "{host}");
        }
        for host in ["board.test", "BOARD.test", "board.test.", "board.test:443", "Board.Test.:443"] {
            let page = visitor.forward_auth("GET", host, "/app/", &[("accept", "text/html")]).await;
            assert_eq!(page.status, 302, "{host}");
            assert!(page.header("location").starts_with("https://board.test/.vestibule/start?to="), "{host}");
        }
        stage.stop().await;
    }

    /// A return address is the registered origin and what was asked for there: no parameter moves it elsewhere.
    async fn no_return_address_leads_elsewhere(on: OnStore) {
        let stage = Stage::start_with(on, gated).await;
        let visitor = Visitor::new(&stage);
        let sealed = param(&visitor.navigate("files.test", "/secret").await.location().unwrap(), "to").unwrap();
        for (what, query) in [
            ("another app's", format!("to={sealed}")),
            ("none", String::new()),
            ("a plain address", "to=https://evil.test/".into()),
            ("a plain path", "to=/app/".into()),
            ("cut", format!("to={}", &sealed[..sealed.len() - 1])),
            ("twice", format!("to={sealed}&to={sealed}")),
            ("rd", "rd=https://evil.test/&redirect_uri=https://evil.test/&next=//evil.test".into()),
        ] {
            let start = format!("https://board.test/.vestibule/start?{query}").parse().unwrap();
            let begun = visitor.own_page(&start).await;
            let location = begun.location().unwrap();
            assert!(location.as_str().starts_with(&format!("{}/authorize?", stage.issuer)), "{what}: {location}");
            assert_eq!(param(&location, "redirect_uri").as_deref(), Some("https://board.test/.vestibule/callback"));
            let mut page = visitor.browser.open(location.as_str()).await;
            if page.url.path() == "/login" {
                page = visitor.browser.choose(&page, "google").await;
            }
            let back = visitor.own_page(&page.location().unwrap()).await;
            assert_eq!(back.location().unwrap().as_str(), "https://board.test/", "{what}");
        }
        // Odd addresses come back as they were, at that host.
        for uri in ["/app/?next=https://evil.test/", "/app/@evil.test", "/app/?%0d%0aLocation:%20https://evil.test", "/app/?a=%2F%2Fevil.test&b=c+d"] {
            let begun = visitor.own_page(&Visitor::new(&stage).navigate(BOARD, uri).await.location().unwrap()).await;
            let page = visitor.browser.open(begun.location().unwrap().as_str()).await;
            let back = visitor.own_page(&page.location().unwrap()).await;
            assert_eq!(back.header("location"), format!("https://board.test{uri}"));
        }
        stage.stop().await;
    }
}
