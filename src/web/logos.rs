//! The pictures of apps (`logo_uri`): fetched through the egress guard, kept for a day, and served from here, so that no
//! app hears of a person before they have agreed to anything. Those of apps that registered themselves are not shown:
//! whoever may choose a picture looks like anybody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use url::Url;

use super::{
    House, assets,
    branding::{Logo, MAX_LOGO},
};
use crate::{
    egress::{Bounds, Egress},
    types::{App, AppId, Clock, Timestamp, bytes},
};

/// Below which path they are served.
const FOLDER: &str = "/static/apps/";
/// How long one is kept as it is.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long nobody asks again for one that did not come.
const COOL_DOWN: Duration = Duration::from_secs(600);
/// The most that are kept.
const MOST: usize = 1024;

/// All that were fetched.
#[derive(Clone)]
pub struct Logos {
    egress: Egress,
    clock: Arc<dyn Clock>,
    kept: Arc<Mutex<HashMap<AppId, Kept>>>,
}

struct Kept {
    uri: Url,
    asked: Timestamp,
    answered: bool,
    shown: Option<Shown>,
}

#[derive(Clone)]
struct Shown {
    path: String,
    logo: Logo,
}

impl Shown {
    /// Each picture has an address of its own.
    fn of(logo: Logo) -> Self {
        let hash: String = bytes::to_hex(&bytes::sha256(&logo.bytes)).chars().take(32).collect();
        Self { path: format!("{hash}.{}", logo.extension), logo }
    }
}

impl Kept {
    fn is_due(&self, now: Timestamp) -> bool {
        now.age_of(self.asked) >= if self.shown.is_some() { FRESH } else { COOL_DOWN }
    }
}

impl Logos {
    /// With what goes out, and the time.
    pub fn new(egress: &Egress, clock: Arc<dyn Clock>) -> Self {
        let bounds = Bounds { body: MAX_LOGO, ..egress.bounds() };
        Self { egress: egress.within(bounds), clock, kept: Arc::default() }
    }

    /// Where the picture of an app is to be found here, if it is at hand. One that is not, or is old, is fetched
    /// meanwhile: no page waits for an app. Needs a running runtime.
    pub fn address(&self, app: &App) -> Option<String> {
        let uri = app.links.logo.as_ref()?;
        let now = self.clock.now();
        let mut kept = self.kept();
        let earlier = kept.get(&app.id).filter(|earlier| earlier.uri == *uri);
        let shown = earlier.and_then(|earlier| earlier.shown.clone());
        if earlier.is_none_or(|earlier| earlier.is_due(now)) {
            if kept.len() >= MOST {
                kept.clear();
            }
            kept.insert(app.id.clone(), Kept { uri: uri.clone(), asked: now, answered: false, shown: shown.clone() });
            tokio::spawn(self.clone().renew(app.clone(), uri.clone()));
        }
        shown.map(|shown| format!("{FOLDER}{}", shown.path))
    }

    /// Whether the address of an app's picture was asked and answered, whatever it said.
    pub fn has_answered(&self, app: &AppId) -> bool {
        self.kept().get(app).is_some_and(|kept| kept.answered)
    }

    async fn renew(self, app: App, uri: Url) {
        let fetched = self.fetch(&app, &uri).await.map(Shown::of);
        if let Some(kept) = self.kept().get_mut(&app.id).filter(|kept| kept.uri == uri) {
            kept.answered = true;
            kept.shown = fetched.or_else(|| kept.shown.take());
        }
    }

    async fn fetch(&self, app: &App, uri: &Url) -> Option<Logo> {
        let request =
            http::Request::get(uri.as_str()).header(header::ACCEPT.as_str(), "image/*").body(Vec::new()).ok()?;
        let answer = self.egress.for_app(app, uri).call(request).await;
        let answer = answer.inspect_err(|error| tracing::warn!(app = %app.id, %error, "its logo cannot be fetched"));
        let answer = answer.ok()?;
        if answer.status().as_u16() != StatusCode::OK.as_u16() {
            tracing::warn!(app = %app.id, status = answer.status().as_u16(), "its logo cannot be fetched");
            return None;
        }
        Logo::of(answer.into_body()).inspect_err(|error| tracing::warn!(app = %app.id, %error, "its logo")).ok()
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<AppId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /static/apps/{hash}.{extension}`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/static/apps/{path}", web::get().to(file));
}

async fn file(house: web::Data<House>, path: web::Path<String>) -> HttpResponse {
    let kept = house.logos.kept();
    let shown = kept.values().filter_map(|kept| kept.shown.as_ref()).find(|shown| shown.path == *path);
    match shown {
        Some(Shown { logo, .. }) => assets::served(logo.bytes.clone(), logo.media_type, assets::FOR_EVER),
        None => HttpResponse::NotFound().finish(),
    }
}
