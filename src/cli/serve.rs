//! `vestibule serve`: runs the broker until it is told to stop.

use std::{sync::Arc, time::Duration};

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, Shared};
use crate::{
    audit::Audit,
    broker::{self, Broker, Running, Sockets, World},
    store::ServeLock,
    telemetry::{self, Metrics},
    types::{Clock, SystemClock},
};

/// For how long `/readyz` says no before the listener closes, so that a balancer looks elsewhere first.
const DRAIN: Duration = Duration::from_secs(1);

/// How long a stop waits for the last lines of the audit stream.
const FLUSH: Duration = Duration::from_secs(5);

/// Serve what the configuration describes.
#[derive(Debug, Args)]
pub struct ServeArgs {}

/// Serves until it is told to stop: SIGTERM and SIGINT finish what is in flight, a second one does not wait, SIGHUP
/// reads the configuration again.
///
/// # Errors
/// A wrong configuration, a taken port, a database that another process serves from.
pub fn run(shared: &Shared, _args: &ServeArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    telemetry::init(&config.log).map_err(|error| Failure::failed(error.to_string(), "report this"))?;
    let sockets = Sockets::bind(&config.listen).map_err(|error| {
        Failure::usage(error.to_string(), "stop the other process, or choose another address in the configuration")
    })?;
    let _lock = ServeLock::acquire(&config.store)
        .map_err(|error| Failure::usage(error.to_string(), "stop it first, or give this one a database of its own"))?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    super::runtime()?.block_on(async {
        let metrics = Metrics::install().ok();
        if let Some(metrics) = metrics.clone() {
            tokio::spawn(metrics.upkeep());
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let audit = Audit::open(config.audit.clone(), Arc::clone(&clock)).map_err(|error| {
            Failure::usage(format!("audit.file: {error}"), "name a file of its own that we may write")
        })?;
        let world = World { metrics, clock, audit: audit.clone(), ..World::system() };
        let (issuer, listen) = (config.issuer.to_string(), config.listen.http);
        let broker = Broker::new(config, world).map_err(Failure::misconfigured)?;
        let running = broker::start(broker, sockets, workers).map_err(Failure::misconfigured)?;
        tracing::info!(issuer, %listen, version = env!("CARGO_PKG_VERSION"), "serving");
        let ended = until_told(shared, running).await;
        if !audit.flush(FLUSH) {
            tracing::error!("the end of the audit stream could not be written");
        }
        ended
    })
}

async fn until_told(shared: &Shared, running: Running) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::failed(format!("cannot wait for signals: {error}"), "report this");
    let listen = |kind| signal(kind).map_err(wrong);
    let mut stop = [listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?];
    let mut reload = listen(SignalKind::hangup())?;
    loop {
        tokio::select! {
            () = told(&mut stop) => break,
            _ = reload.recv() => reread(shared, &running),
        }
    }
    tracing::info!("stopping: what is in flight is finished first");
    running.leave();
    tokio::select! {
        () = async { tokio::time::sleep(DRAIN).await; running.stop().await; } => tracing::info!("stopped"),
        () = told(&mut stop) => tracing::warn!("stopped at once"),
    }
    Ok(())
}

async fn told([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// A faulty file is told, and what was stays.
fn reread(shared: &Shared, running: &Running) {
    let reloaded = shared.load().map_err(|failure| failure.to_string()).and_then(|config| {
        running.broker().reload(&config).map_err(|error| error.to_string())?;
        Ok(running.broker().config().pending_in(&config))
    });
    match reloaded {
        Ok(pending) => {
            tracing::info!("the configuration was read again: providers, apps and gate are as it says");
            if !pending.is_empty() {
                tracing::warn!(
                    sections = pending.join(", "),
                    "other sections changed, too: they count from the next start"
                );
            }
        }
        Err(faults) => tracing::error!(faults, "the configuration was not taken over; what was before stays"),
    }
}
