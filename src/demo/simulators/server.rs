//! Starting and stopping a simulator.

use std::net::{Ipv4Addr, TcpListener};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use serde_json::{Map, Value};
use tokio::task::JoinHandle;
use url::Url;

use super::{Broken, Fault, Kind, Simulator, apple, authorize, control, desk::Desk, fault, page, people::Person, tell};

/// A simulator that runs until it is stopped.
pub struct Running {
    /// Its origin, with a trailing slash as [`Url`] has it.
    pub base: Url,
    desk: web::Data<Desk>,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

pub(super) fn start(simulator: Simulator) -> Result<Running, Broken> {
    let port = simulator.port;
    let bind = |error| Broken::Bind(port, error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(bind)?;
    let base = format!("http://{}", listener.local_addr().map_err(bind)?);
    let desk = web::Data::new(Desk::open(simulator, base)?);
    let state = desk.clone();
    let server = HttpServer::new(move || {
        let dialect = state.dialect;
        App::new()
            .app_data(state.clone())
            .wrap(from_fn(fault::on_back_channel))
            .route("/", web::get().to(page::about))
            .route("/_simulator/style.css", web::get().to(page::style))
            .route("/_simulator/choose", web::post().to(authorize::choose))
            .route("/_simulator/fault", web::post().to(control::fault))
            .route("/_simulator/answer", web::post().to(control::answer))
            .route("/_simulator/clear", web::post().to(control::clear))
            .route("/_simulator/tell", web::post().to(tell::tell))
            .configure(|routes| dialect.routes(routes))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)
    .map_err(bind)?
    .run();
    let base = Url::parse(&desk.base).map_err(|_| Broken::Address)?;
    Ok(Running { base, desk, handle: server.handle(), task: tokio::spawn(server) })
}

impl Running {
    /// Which provider.
    pub fn kind(&self) -> Kind {
        self.desk.kind
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        self.desk.dialect.name()
    }

    /// The registered client.
    pub fn client_id(&self) -> &str {
        &self.desk.client.id
    }

    /// Its secret; for Apple its private key, a PEM.
    pub fn client_secret(&self) -> &str {
        &self.desk.client.secret
    }

    /// Its origin as issuers are written: without a trailing slash.
    pub fn origin(&self) -> &str {
        &self.desk.base
    }

    /// The section of a configuration that sends people here.
    pub fn provider_section(&self, name: &str) -> String {
        let mut text = format!(
            "[providers.{name}]\nkind = \"{}\"\nissuer = \"{}\"\nallow_loopback = true\nclient_id = \"{}\"\n",
            self.kind().as_str(),
            self.origin(),
            self.client_id(),
        );
        if self.kind() == Kind::Apple {
            let (team, key) = (apple::TEAM_ID, apple::KEY_ID);
            text.push_str(&format!("team_id = \"{team}\"\nkey_id = \"{key}\"\nprivate_key = \"\"\"\n"));
            text.push_str(&format!("{}\"\"\"\n", self.client_secret()));
        } else {
            text.push_str(&format!("client_secret = \"{}\"\n", self.client_secret()));
        }
        if self.kind() == Kind::Microsoft {
            text.push_str("tenant = \"common\"\n");
        }
        text
    }

    /// Arms a fault for all that follows, as `POST /_simulator/fault` does.
    pub fn fault(&self, fault: Fault) {
        self.desk.arm(fault);
    }

    /// Answers from now on without a page: a person's handle, or `refuse`. As `POST /_simulator/answer` does.
    pub fn answer_with(&self, answer: &str) {
        self.desk.answer_with(answer);
    }

    /// Forgets faults, the standing answer and who has been here.
    pub fn clear(&self) {
        self.desk.clear();
    }

    /// The tokens that were given back here, in order.
    pub fn revoked(&self) -> Vec<String> {
        self.desk.memory(|memory| memory.revoked.clone())
    }

    /// A fresh key signs from now on; the one before it is still published.
    ///
    /// # Errors
    /// [`Broken::Key`].
    pub fn rotate_keys(&self) -> Result<(), Broken> {
        self.desk.key.rotate()
    }

    /// Facebook's `signed_request` about a person, changed before it is signed.
    ///
    /// # Errors
    /// [`Broken::Nobody`].
    pub fn signed_request(&self, person: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Result<String, Broken> {
        Ok(tell::signed_request(&self.desk, self.person(person)?, change))
    }

    /// Google's Security Event Token about a person, changed before it is signed. `kind` is the end of the event's type,
    /// with members of the event after a `?`.
    ///
    /// # Errors
    /// [`Broken::Nobody`], [`Broken::Key`].
    pub fn security_event(
        &self,
        person: &str,
        kind: &str,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<String, Broken> {
        tell::security_event(&self.desk, Some(self.person(person)?), kind, change)
    }

    /// The payload of Apple's notification about a person, changed before it is signed.
    ///
    /// # Errors
    /// [`Broken::Nobody`], [`Broken::Key`].
    pub fn notification(
        &self,
        person: &str,
        kind: &str,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<String, Broken> {
        tell::notification(&self.desk, self.person(person)?, kind, change)
    }

    /// The file of the service account that may set up Google's stream of events.
    ///
    /// # Errors
    /// [`Broken::Key`].
    pub fn service_account(&self) -> Result<String, Broken> {
        self.desk.service_account.file()
    }

    /// What came back from where Google's stream leads, for each trial.
    pub fn delivered(&self) -> Vec<u16> {
        self.desk.memory(|memory| memory.delivered.clone())
    }

    /// The subject of a person here.
    ///
    /// # Errors
    /// [`Broken::Nobody`].
    pub fn subject(&self, person: &str) -> Result<&str, Broken> {
        Ok(&self.person(person)?.subject)
    }

    fn person(&self, handle: &str) -> Result<&Person, Broken> {
        self.desk.person(handle).ok_or(Broken::Nobody)
    }

    /// Stops it; requests in flight get a second to finish.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        // The task ends with the server; that it was cancelled is no news.
        let _ = self.task.await;
    }
}
