//! What stands under `/static`: files from the `static` folder, embedded, and the operator's logo. Each address holds
//! a hash of its content, so that browsers keep it for ever and a new version has a new address.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Bytes},
};
use rust_embed::RustEmbed;

use super::{
    branding::{Accent, Logo},
    pages::Pages,
};
use crate::types::bytes;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The stylesheet, to which the accent is appended.
pub const STYLESHEET: &str = "vestibule.css";
/// What `check_session_iframe` runs.
pub const SESSION_SCRIPT: &str = "session.js";
/// What ends a window that the browser opened (FedCM).
pub const FEDCM_SCRIPT: &str = "fedcm.js";
/// What sends a page's one form on its way.
pub const SUBMIT_SCRIPT: &str = "submit.js";
/// The icon of the place.
pub const ICON: &str = "favicon.svg";

/// How long browsers keep what has an address of its own.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// An SVG is a document: opened on its own, it may draw, and nothing else.
const SVG_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

#[derive(Clone, Debug)]
struct Asset {
    bytes: Bytes,
    media_type: Cow<'static, str>,
}

/// All of it, by address.
#[derive(Debug, Default)]
pub struct Assets {
    by_path: HashMap<String, Asset>,
    urls: BTreeMap<String, String>,
}

impl Assets {
    /// The embedded files, with the operator's colour and picture.
    pub fn new(accent: Option<&Accent>, logo: Option<&Logo>) -> Self {
        let mut assets = Self::default();
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let mut content = file.data.into_owned();
            if name == STYLESHEET {
                content.extend(accent.map(Accent::css).unwrap_or_default().bytes());
            }
            let media_type = with_charset(file.metadata.mimetype());
            assets.add(&name, Asset { bytes: content.into(), media_type });
        }
        if let Some(logo) = logo {
            let asset = Asset { bytes: logo.bytes.clone(), media_type: Cow::Borrowed(logo.media_type) };
            assets.add(&format!("logo.{}", logo.extension), asset);
        }
        assets
    }

    fn add(&mut self, name: &str, asset: Asset) {
        let hash: String = bytes::to_hex(&bytes::sha256(&asset.bytes)).chars().take(16).collect();
        let path = format!("{hash}-{name}");
        self.urls.insert(name.to_owned(), format!("/static/{path}"));
        self.by_path.insert(path, asset);
    }

    /// The address of the file `name`, hash included. Of a file that is not there, one that answers 404.
    pub fn url(&self, name: &str) -> String {
        self.urls.get(name).cloned().unwrap_or_else(|| format!("/static/{name}"))
    }

    /// The bytes of the file `name`.
    pub fn content(&self, name: &str) -> Option<&Bytes> {
        let path = self.urls.get(name)?.strip_prefix("/static/")?;
        self.by_path.get(path).map(|asset| &asset.bytes)
    }

    fn answer(&self, path: &str, cache: &'static str) -> HttpResponse {
        let Some(asset) = self.by_path.get(path) else { return HttpResponse::NotFound().finish() };
        served(asset.bytes.clone(), &asset.media_type, cache)
    }
}

/// A file, as it is served.
pub(super) fn served(bytes: Bytes, media_type: &str, cache: &'static str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if media_type == "image/svg+xml" {
        response.insert_header((header::CONTENT_SECURITY_POLICY, SVG_POLICY));
    }
    response.body(bytes)
}

fn with_charset(media_type: &str) -> Cow<'static, str> {
    if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }.into()
}

/// `GET /static/{hash}-{name}` and `GET /favicon.ico`. Needs [`Pages`] as application data.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/static/{path}", web::get().to(file)).route("/favicon.ico", web::get().to(favicon));
}

async fn file(pages: web::Data<Pages>, path: web::Path<String>) -> HttpResponse {
    pages.assets().answer(&path, FOR_EVER)
}

/// For browsers that ask without having read a page. Its address never changes, so it is kept for a day only.
async fn favicon(pages: web::Data<Pages>) -> HttpResponse {
    let url = pages.assets().url(ICON);
    pages.assets().answer(url.strip_prefix("/static/").unwrap_or_default(), "public, max-age=86400")
}

#[cfg(test)]
mod tests {
    use actix_web::{App, body::MessageBody, http::StatusCode, test};

    use super::*;

    async fn get(pages: Pages, path: &str) -> (StatusCode, header::HeaderMap, Bytes) {
        let app = test::init_service(App::new().app_data(web::Data::new(pages)).configure(routes)).await;
        let response = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().try_into_bytes().unwrap_or_else(|_| panic!("{path} streams"));
        (status, headers, body)
    }

    #[actix_web::test]
    async fn files_are_kept_for_ever_under_the_hash_of_their_content() {
        let pages = Pages::plain("login.example.com");
        let url = pages.assets().url(STYLESHEET);
        let (status, headers, body) = get(pages, &url).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers.get("cache-control").unwrap(), "public, max-age=31536000, immutable");
        assert_eq!(headers.get("content-type").unwrap(), "text/css; charset=utf-8");
        assert_eq!(headers.get("x-content-type-options").unwrap(), "nosniff");
        let hash = bytes::to_hex(&bytes::sha256(&body));
        assert_eq!(url, format!("/static/{}-vestibule.css", hash.split_at(16).0));
    }

    #[actix_web::test]
    async fn drawings_run_nothing() {
        let (status, headers, _) = get(Pages::plain("x"), "/favicon.ico").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers.get("content-type").unwrap(), "image/svg+xml");
        assert!(headers.get("content-security-policy").unwrap().to_str().unwrap().contains("sandbox"));
    }

    #[actix_web::test]
    async fn anything_else_is_not_there() {
        for path in [
            "/static/vestibule.css",
            "/static/0000000000000000-vestibule.css",
            "/static/..%2fCargo.toml",
            "/static/%2e%2e/Cargo.toml",
            "/static/",
        ] {
            let (status, _, _) = get(Pages::plain("x"), path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_new_colour_has_a_new_address() {
        let accent = Accent::new("#b00020".parse().unwrap());
        let (plain, coloured) = (Assets::new(None, None), Assets::new(Some(&accent), None));
        assert_ne!(plain.url(STYLESHEET), coloured.url(STYLESHEET));
        assert!(coloured.content(STYLESHEET).unwrap().ends_with(accent.css().as_bytes()));
    }

    #[actix_web::test]
    async fn the_stylesheet_is_under_12_kilobytes_compressed() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packed, Assets::new(None, None).content(STYLESHEET).unwrap()).unwrap();
        let size = packed.finish().unwrap().len();
        assert!(size < 12 * 1024, "{size}");
    }
}
