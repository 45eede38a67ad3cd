//! `vestibule demo`: broker, two providers and two apps in one process, on loopback.

use std::{
    future::Future,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
};

use serde_json::{Value as Json, json};
use url::Url;

use super::{
    app::{AppError, ExampleApp, HttpClient, NOTES, PHOTOS, Profile, RunningApp},
    broker_config::{self, Parts},
    folder::Folder,
    interrupt::interrupted,
    shelf::unguessable,
    simulators::{Broken, Kind, Running, Simulator},
};
use crate::types::{Random, SecretText, SystemRandom};

/// Where the ports begin unless the command line says otherwise.
const FIRST_PORT: u16 = 8600;

/// What the command line chose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The first of six ports on 127.0.0.1. Without it they begin at 8600, and one that is taken is replaced by any
    /// free one.
    pub port: Option<u16>,
    /// Whether a program reads where everything is.
    pub json: bool,
}

/// Why the broker did not start.
pub type BrokerError = Box<dyn std::error::Error + Send + Sync>;

/// Stops the broker.
pub type StopBroker = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Why a demo did not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Somebody else has a port.
    #[error("cannot listen on 127.0.0.1:{0}: {1}; choose another first port with --port")]
    Port(u16, std::io::Error),
    /// The temporary folder, the terminal or the signal handler failed.
    #[error("cannot use the temporary folder, the terminal or signals: {0}")]
    Io(#[from] std::io::Error),
    /// A simulator did not start.
    #[error(transparent)]
    Simulator(#[from] Broken),
    /// An example app did not start.
    #[error(transparent)]
    App(#[from] AppError),
    /// An address that is none.
    #[error("an address of the demo is none: {0}")]
    Address(#[from] url::ParseError),
    /// The broker did not start.
    #[error("the broker did not start: {0}")]
    Broker(#[source] BrokerError),
}

/// A demo that runs until it is stopped.
pub struct Demo {
    /// The broker's issuer. It is `localhost`, while apps and providers are on 127.0.0.1: they are different sites,
    /// as in life, and none sees the others' cookies, which know no ports.
    pub issuer: String,
    /// The app that wants an e-mail address.
    pub notes: RunningApp,
    /// The app that wants a name.
    pub photos: RunningApp,
    /// The simulator of Google.
    pub google: Running,
    /// The simulator of Facebook.
    pub facebook: Running,
    stop_broker: StopBroker,
    folder: Folder,
}

/// Starts all of it. `http` is how the apps call the broker; `start_broker` gets a configuration (TOML).
///
/// # Errors
/// Ports that are taken, or whatever kept one of the parts from starting.
pub async fn start<F, Starting>(options: Options, http: HttpClient, start_broker: F) -> Result<Demo, DemoError>
where
    F: FnOnce(String) -> Starting,
    Starting: Future<Output = Result<StopBroker, BrokerError>>,
{
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let folder = Folder::create(&random)?;
    let mut ports = Ports::new(options);
    let [broker, management] = [ports.next()?, ports.next()?];
    let (listen, management_listen) = (broker.local_addr()?, management.local_addr()?);
    let issuer = format!("http://localhost:{}", listen.port());
    let [notes, photos] = [Draft::new(NOTES, ports.next()?, &random)?, Draft::new(PHOTOS, ports.next()?, &random)?];
    let google = provider(Kind::Google, ports.next()?, &issuer).await?;
    let facebook = provider(Kind::Facebook, ports.next()?, &issuer).await?;
    let text = broker_config::text(
        &Parts {
            issuer: &issuer,
            http: listen,
            management: management_listen,
            folder: folder.path(),
            providers: &[&google, &facebook],
            apps: &[notes.registration(), photos.registration()],
        },
        &random,
    );
    let notes = notes.start(&issuer, &http, &random).await?;
    let photos = photos.start(&issuer, &http, &random).await?;
    // The two ports were held until now, so that nothing above could get them.
    drop((broker, management));
    let nothing: StopBroker = Box::new(|| Box::pin(std::future::ready(())));
    let mut demo = Demo { issuer, notes, photos, google, facebook, stop_broker: nothing, folder };
    match start_broker(text).await {
        Ok(stop_broker) => {
            demo.stop_broker = stop_broker;
            Ok(demo)
        }
        Err(error) => {
            demo.stop().await;
            Err(DemoError::Broker(error))
        }
    }
}

/// Starts all of it, says on `out` where to click, and waits for Ctrl-C.
///
/// # Errors
/// As [`start`]; or the terminal is gone.
pub async fn run<F, Starting>(
    options: Options,
    http: HttpClient,
    out: &mut (dyn Write + Send),
    start_broker: F,
) -> Result<(), DemoError>
where
    F: FnOnce(String) -> Starting,
    Starting: Future<Output = Result<StopBroker, BrokerError>>,
{
    let demo = start(options, http, start_broker).await?;
    if options.json {
        writeln!(out, "{}", demo.places())?;
    } else {
        out.write_all(demo.welcome().as_bytes())?;
    }
    out.flush()?;
    interrupted().await?;
    demo.stop().await;
    Ok(())
}

impl Demo {
    /// Where to click.
    pub fn welcome(&self) -> String {
        format!(
            "\nVestibule is open. Start at one of these and sign in:\n\n\
             \x20 Notes      {}   wants your e-mail address\n\
             \x20 Photos     {}   wants your name\n\n\
             Behind them:\n\n\
             \x20 Broker     {}\n\
             \x20 Discovery  {}/.well-known/openid-configuration\n\
             \x20 Google     {}   simulated\n\
             \x20 Facebook   {}   simulated\n\n\
             Everything is on this machine, and gone when you press Ctrl-C.\n",
            self.notes.base, self.photos.base, self.issuer, self.issuer, self.google.base, self.facebook.base,
        )
    }

    /// The same for programs: addresses by what is there.
    pub fn places(&self) -> Json {
        json!({
            "notes": self.notes.base,
            "photos": self.photos.base,
            "broker": self.issuer,
            "google": self.google.base,
            "facebook": self.facebook.base,
        })
    }

    /// Ends all of it and removes the temporary folder.
    pub async fn stop(self) {
        self.notes.stop().await;
        self.photos.stop().await;
        (self.stop_broker)().await;
        self.google.stop().await;
        self.facebook.stop().await;
        drop(self.folder);
    }
}

/// An app that has a port and a secret, but does not run yet.
struct Draft {
    profile: Profile,
    base: Url,
    listener: TcpListener,
    secret: SecretText,
}

impl Draft {
    fn new(profile: Profile, listener: TcpListener, random: &dyn Random) -> Result<Self, DemoError> {
        let base = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        Ok(Self { profile, base, listener, secret: SecretText::new(unguessable(random)) })
    }

    fn registration(&self) -> (Profile, &Url, &SecretText) {
        (self.profile, &self.base, &self.secret)
    }

    async fn start(self, issuer: &str, http: &HttpClient, random: &Arc<dyn Random>) -> Result<RunningApp, AppError> {
        let app = ExampleApp {
            profile: self.profile,
            client_secret: self.secret,
            issuer: issuer.to_owned(),
            listener: self.listener,
            http: http.clone(),
            random: Arc::clone(random),
        };
        app.start().await
    }
}

async fn provider(kind: Kind, listener: TcpListener, issuer: &str) -> Result<Running, DemoError> {
    let mut simulator = Simulator::new(kind);
    simulator.redirect_uris = vec![format!("{issuer}/callback/{}", kind.as_str())];
    simulator.port = listener.local_addr()?.port();
    drop(listener);
    Ok(simulator.start().await?)
}

/// Hands out ports, one after the other.
struct Ports {
    next: u16,
    exact: bool,
}

impl Ports {
    fn new(options: Options) -> Self {
        Self { next: options.port.unwrap_or(FIRST_PORT), exact: options.port.is_some() }
    }

    fn next(&mut self) -> Result<TcpListener, DemoError> {
        let port = self.next;
        self.next = port.saturating_add(1);
        let on = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        match on(port) {
            Err(_) if !self.exact => on(0).map_err(|error| DemoError::Port(0, error)),
            bound => bound.map_err(|error| DemoError::Port(port, error)),
        }
    }
}
