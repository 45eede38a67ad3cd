//! `vestibule demo`.

use std::{io, path::Path};

use clap::Args;

use super::{Failure, Shared};
use crate::{
    broker::{self, Broker, Sockets, World},
    config::{Config, Environment, Log},
    demo::{
        self, BrokerError, StopBroker,
        app::{HttpClient, HttpError},
    },
    egress::{Egress, Opening},
    telemetry,
};

/// Everything on loopback.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The first of the ports on 127.0.0.1; free ones unless given
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// Runs broker, simulated providers and example apps until it is told to stop.
///
/// # Errors
/// A port that is taken, or whatever keeps one of the parts from starting.
pub fn run(shared: &Shared, args: &DemoArgs) -> Result<(), Failure> {
    let log = Log { json: false, level: "warn".into() };
    telemetry::init(&log).map_err(|error| Failure::failed(error.to_string(), "report this"))?;
    let options = demo::Options { port: args.port, json: shared.output().is_json() };
    // What is shown is an answer, and waits for nobody who locks standard output.
    let mut out = io::stdout();
    super::runtime()?.block_on(demo::run(options, http(), &mut out, start_broker)).map_err(|error| {
        Failure::failed(error.to_string(), "try again with another first port: `vestibule demo --port 9000`")
    })
}

async fn start_broker(text: String) -> Result<StopBroker, BrokerError> {
    let config = Config::parse(&text, Path::new("/"), &Environment::default()).map_err(|faults| faults.to_string())?;
    let broker = Broker::new(config, World::system())?;
    let sockets = Sockets::bind(&broker.config().listen)?;
    // Whoever reads that it is open clicks at once, and the apps read the keys then.
    broker.keyring().refresh().await?;
    let running = broker::start(broker, sockets, 1)?;
    Ok(Box::new(move || Box::pin(running.stop())))
}

/// How the example apps call the broker: through the one client that there is, opened for the address that they call,
/// which is on loopback here.
fn http() -> HttpClient {
    let egress = Egress::default();
    HttpClient::new(move |request| {
        let called = url::Url::parse(&request.uri().to_string()).ok();
        let egress = egress.opening(called.iter().filter_map(|url| Opening::of(url, true, false)).collect());
        async move { egress.call(request).await.map_err(|error| HttpError(error.to_string())) }
    })
}
