//! The management listener: whether this process lives, whether it is ready, and its metrics. Never public.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{HttpResponse, http::header, web};
use serde_json::json;

use crate::{keyring::Keyring, store::Backend, sweeper::Sweeper, telemetry::Metrics};

/// What is looked at.
pub struct Probe {
    store: Arc<dyn Backend>,
    keyring: Arc<Keyring>,
    sweeper: Arc<Sweeper>,
    leaving: Arc<AtomicBool>,
}

impl Probe {
    /// Looks at a store, a keyring and a sweeper; `leaving` says that this process is about to stop.
    pub fn new(
        store: Arc<dyn Backend>,
        keyring: Arc<Keyring>,
        sweeper: Arc<Sweeper>,
        leaving: Arc<AtomicBool>,
    ) -> Self {
        Self { store, keyring, sweeper, leaving }
    }
}

/// The routes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(metrics));
}

/// Alive: it answers. A store that is away is no reason to restart us.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Ready: keys are there and the store answers.
async fn readyz(probe: web::Data<Probe>) -> HttpResponse {
    let keys = probe.keyring.ready();
    let (store, mut warnings) = match probe.store.health().await {
        Ok(health) => (true, health.warnings),
        Err(_) => (false, Vec::new()),
    };
    warnings.extend(probe.sweeper.warning());
    let swept = probe.sweeper.last_run().map(|run| {
        json!({
            "ended": run.ended.rfc3339(),
            "seconds": run.took().as_secs_f64(),
            "looked_at": run.looked_at,
            "shortened": run.shortened,
            "removed": run.removed,
        })
    });
    let leaving = probe.leaving.load(Ordering::Relaxed);
    let ready = keys && store && !leaving;
    let body = json!({
        "status": if ready { "ready" } else if leaving { "leaving" } else { "not ready" },
        "keys": if keys { "ok" } else { "being made, or the store was never reached" },
        "store": if store { "ok" } else { "not available" },
        "swept": swept,
        "warnings": warnings,
    });
    if ready {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "1")).json(body)
    }
}

async fn metrics(metrics: Option<web::Data<Metrics>>) -> HttpResponse {
    let text = metrics.map(|metrics| metrics.render()).unwrap_or_default();
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4")).body(text)
}
