//! The pictures of apps: fetched by us, looked at, and served from here.

use std::net::TcpListener;

use actix_web::{App as Web, HttpResponse, HttpServer, dev::ServerHandle, web};

use crate::{
    on_both_stores,
    stage::{Browser, OnStore, Stage, eventually},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nonly its beginning is looked at";
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'/>";

/// Where the apps keep their pictures.
struct Pictures {
    at: String,
    server: ServerHandle,
}

impl Pictures {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let picture = |path: web::Path<String>| async move {
            match path.as_str() {
                "png" => HttpResponse::Ok().content_type("text/html").body(PNG),
                "svg" => HttpResponse::Ok().body(SVG),
                "script" => {
                    HttpResponse::Ok().body("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
                }
                "page" => HttpResponse::Ok().content_type("image/png").body("<html><svg></svg></html>"),
                "huge" => HttpResponse::Ok().body([PNG, &[0; 300 * 1024]].concat()),
                "elsewhere" => HttpResponse::Found().insert_header(("location", "/png")).finish(),
                _ => HttpResponse::NotFound().body(PNG),
            }
        };
        let server = HttpServer::new(move || Web::new().route("/{path}", web::get().to(picture)))
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { at, server: handle }
    }

    /// `notes` has its picture there.
    async fn stage(&self, on: OnStore, path: &str) -> Stage {
        let lines = format!("[apps.notes]\nallow_loopback = true\nlogo_uri = \"{}/{path}\"\n", self.at);
        Stage::start_with(on, move |config| config.replace("[apps.notes]\n", &lines)).await
    }
}

/// The address of the picture on the page that asks what `notes` may see.
async fn shown(stage: &Stage) -> Option<String> {
    let browser = Browser::careful();
    let page = browser.choose(&browser.open(&stage.authorize(&[])).await, "google").await;
    assert_eq!(page.url.path(), "/consent", "{}", page.body);
    page.attrs("main img, header img", "src").into_iter().find(|src| src.starts_with("/static/apps/"))
}

on_both_stores! {
    async fn a_picture_is_fetched_once_and_served_from_here(on: OnStore) {
        let pictures = Pictures::start();
        for (path, media_type, bytes) in [("png", "image/png", PNG), ("svg", "image/svg+xml", SVG.as_bytes())] {
            let stage = pictures.stage(on, path).await;
            eventually("the picture is there", async || shown(&stage).await.is_some()).await;
            let address = shown(&stage).await.unwrap();
            let file = Browser::new().get(&format!("{}{address}", stage.issuer)).await;
            assert_eq!((file.status.as_u16(), file.header("content-type"), file.body.len() > 10), (200, media_type, true));
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            if path == "svg" {
                assert!(file.header("content-security-policy").contains("sandbox"));
                assert_eq!(file.body.as_bytes(), bytes);
            }
            let other = Browser::new().get(&format!("{}/static/apps/{}.png", stage.issuer, "0".repeat(32))).await;
            assert_eq!(other.status, 404);
            stage.stop().await;
        }
        pictures.server.stop(false).await;
    }

    /// What is no picture, or comes from where we do not go, is not shown; the page is whole without it.
    async fn what_is_no_picture_is_not_shown(on: OnStore) {
        let pictures = Pictures::start();
        for path in ["script", "page", "huge", "elsewhere", "missing"] {
            let stage = pictures.stage(on, path).await;
            let logos = stage.broker().house().logos;
            let directory = stage.broker().house().directory();
            let notes = directory.apps.find("notes").unwrap();
            assert_eq!(shown(&stage).await, None, "{path}");
            eventually("it was asked for", async || logos.has_answered(&notes.id)).await;
            assert_eq!(shown(&stage).await, None, "{path}");
            stage.stop().await;
        }
        pictures.server.stop(false).await;
    }
}
