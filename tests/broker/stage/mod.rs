//! A stage: one broker (or several on one store), simulators of providers, and what it takes to act as a browser and as
//! an app.

mod app;
mod browser;
mod keys;
mod process;
mod raw;
mod receiver;
mod shelf;
mod store;

use std::{net::TcpListener, sync::Arc, time::Duration};

use tempfile::TempDir;
use vestibule::{
    broker::{self, Broker, Running, Sockets, World},
    config::{Config, Environment},
    demo::simulators::{self, Kind, Simulator},
    types::{Clock, Secret32, SetClock, SystemClock, bytes},
};

pub use app::{App, NATIVE, Tokens, jws_claims, jws_header};
pub use browser::{Browser, Page, param};
pub use keys::{Bank, Pair, changed, now};
pub use process::Process;
pub use raw::{Answer, Wire};
pub use receiver::{Delivery, Receiver, Reply, verified};
pub use shelf::Shelf;
pub use store::{OnStore, Store};

/// The redirect URI of the app `notes`: nothing listens there; the browser stops before it.
pub const NOTES_CALLBACK: &str = "https://notes.test/callback";
/// The secret of the app `notes`.
pub const NOTES_SECRET: &str = "notes-secret-0123456789abcdefghij";
/// The secret of the app `wiki`.
pub const WIKI_SECRET: &str = "wiki-secret-0123456789abcdefghijk";
/// A PKCE pair (RFC 7636, appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a test stands on.
pub struct Stage {
    pub issuer: String,
    pub management: String,
    pub google: simulators::Running,
    pub facebook: simulators::Running,
    pub store: Store,
    pub master: Secret32,
    broker: Option<Running>,
    config: String,
    change: Change,
    world: World,
    folder: Arc<TempDir>,
}

/// What a test wants otherwise in the configuration.
type Change = Arc<dyn Fn(String) -> String + Send + Sync>;

/// Another instance on the same store.
pub struct Instance {
    pub origin: String,
    pub management: String,
    pub running: Running,
}

impl Stage {
    /// A broker on a fresh store, with Google and Facebook simulated.
    pub async fn start(on: OnStore) -> Self {
        Self::start_with(on, |config| config).await
    }

    /// The same in another world, with another configuration.
    pub async fn start_in(
        on: OnStore,
        world: World,
        change: impl Fn(String) -> String + Send + Sync + 'static,
    ) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::fresh(on, folder.path());
        let (google, facebook) = (simulator(Kind::Google).await, simulator(Kind::Facebook).await);
        google.answer_with("ada");
        facebook.answer_with("ada");
        let (master, pepper) = (secret(1), secret(2));
        Self::start_on((store, folder), google, facebook, [master, pepper], (Arc::new(change), world)).await
    }

    /// The same with another configuration, made from the usual one.
    pub async fn start_with(on: OnStore, change: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        Self::start_in(on, World::system(), change).await
    }

    async fn start_on(
        (store, folder): (Store, Arc<TempDir>),
        google: simulators::Running,
        facebook: simulators::Running,
        [master, pepper]: [Secret32; 2],
        (change, world): (Change, World),
    ) -> Self {
        let (public, management) = (listener(), listener());
        let issuer = format!("http://localhost:{}", public.local_addr().unwrap().port());
        let management_at = format!("http://{}", management.local_addr().unwrap());
        let config = change(text(&issuer, [&public, &management], &store, [&google, &facebook], [&master, &pepper]));
        let parsed = Config::parse(&config, folder.path(), &Environment::default()).unwrap_or_else(|f| panic!("{f}"));
        let broker =
            broker::start(Broker::new(parsed, world.clone()).unwrap(), Sockets { public, management }, 1).unwrap();
        let stage = Self {
            issuer,
            management: management_at,
            google,
            facebook,
            store,
            master,
            broker: Some(broker),
            config,
            change,
            world,
            folder,
        };
        stage.ready().await;
        stage
    }

    /// The configuration as it was given.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// The configuration as the broker understands it.
    pub fn parsed(&self) -> Config {
        self.understood(&self.config)
    }

    /// The same with more at its end.
    pub fn parsed_with(&self, more: &str) -> Config {
        self.understood(&format!("{}{more}", self.config))
    }

    fn understood(&self, text: &str) -> Config {
        Config::parse(text, self.folder.path(), &Environment::default()).unwrap_or_else(|f| panic!("{f}"))
    }

    /// The broker that runs in this process.
    pub fn broker(&self) -> &Broker {
        self.broker.as_ref().unwrap().broker()
    }

    /// Reads the configuration anew, as it stands after `change`.
    pub fn reload(&self, change: impl FnOnce(String) -> String) {
        self.broker().reload(&self.understood(&change(self.config.clone()))).unwrap();
    }

    /// A second instance on the same store, with an issuer of the same name (a balancer would stand before both).
    pub async fn second_instance(&self) -> Instance {
        let instance = self.instance();
        ready(&instance.management).await;
        instance
    }

    /// The same, so much later than all others think that it is.
    pub async fn instance_after(&self, span: Duration) -> Instance {
        let clock = Arc::new(SetClock::at(SystemClock.now().plus(span)));
        let instance = self.instance_in(World { clock, ..self.world.clone() });
        ready(&instance.management).await;
        instance
    }

    /// The same, which may not be ready yet.
    pub fn instance(&self) -> Instance {
        self.instance_in(self.world.clone())
    }

    fn instance_in(&self, world: World) -> Instance {
        let (public, management) = (listener(), listener());
        let changed = self
            .config
            .lines()
            .map(|line| match line.split_once(" = ") {
                Some(("http", _)) => format!("http = \"{}\"", public.local_addr().unwrap()),
                Some(("management", _)) => format!("management = \"{}\"", management.local_addr().unwrap()),
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n");
        let origin = format!("http://localhost:{}", public.local_addr().unwrap().port());
        let at = format!("http://{}", management.local_addr().unwrap());
        let sockets = Sockets { public, management };
        let running = broker::start(Broker::new(self.understood(&changed), world).unwrap(), sockets, 1).unwrap();
        Instance { origin, management: at, running }
    }

    /// Stops the broker in this process; the real binary takes its place, on the same configuration.
    pub async fn leave_to_the_binary(&mut self) -> Process {
        self.broker.take().unwrap().stop().await;
        Process::start(self).await
    }

    /// Stops the broker in this process; what it wrote stays.
    pub async fn close(&mut self) {
        self.broker.take().unwrap().stop().await;
    }

    /// Where the configuration and, on SQLite, the database are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the broker and starts it again, on a store that has lost everything.
    pub async fn lose_the_store(mut self) -> Self {
        let on = self.store.kind();
        self.broker.take().unwrap().stop().await;
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::fresh(on, folder.path());
        let parts = (self.change, self.world);
        Self::start_on((store, folder), self.google, self.facebook, [secret(1), secret(2)], parts).await
    }

    /// Waits until keys are made.
    pub async fn ready(&self) {
        ready(&self.management).await;
    }

    /// Ends it all.
    pub async fn stop(mut self) {
        if let Some(broker) = self.broker.take() {
            broker.stop().await;
        }
        self.google.stop().await;
        self.facebook.stop().await;
    }
}

/// Waits for a condition, for twenty seconds at most.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what}: not within twenty seconds");
}

/// Waits until the broker behind this management listener is ready.
pub async fn ready(management: &str) {
    let (browser, url) = (Browser::new(), format!("{management}/readyz"));
    eventually("the broker is ready", async || browser.try_get(&url).await.is_ok_and(|page| page.status == 200)).await;
}

async fn simulator(kind: Kind) -> simulators::Running {
    Simulator::new(kind).start().await.unwrap()
}

fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).unwrap()
}

fn secret(seed: u8) -> Secret32 {
    Secret32::new(bytes::sha256(&[seed]))
}

fn text(
    issuer: &str,
    [public, management]: [&TcpListener; 2],
    store: &Store,
    [google, facebook]: [&simulators::Running; 2],
    [master, pepper]: [&Secret32; 2],
) -> String {
    let hash = |secret: &str| bytes::to_hex(&bytes::sha256(secret.as_bytes()));
    format!(
        r#"issuer = "{issuer}"

[listen]
http = "{}"
management = "{}"

[store]
url = "{}"

[secrets]
master = "{}"
pepper = "{}"

[limits]
enabled = false

{}
{}
[apps.notes]
name = "Notes"
redirect_uris = ["{NOTES_CALLBACK}"]
post_logout_redirect_uris = ["https://notes.test/bye"]
secret_sha256 = "{}"
claims.email = {{ need = "required", why = "To send you the notes that you share." }}
claims.name = {{ need = "optional", why = "To greet you." }}

[apps.wiki]
name = "Wiki"
redirect_uris = ["https://wiki.test/cb", "https://wiki.test/other"]
post_logout_redirect_uris = ["https://wiki.test/bye"]
secret_sha256 = "{}"
providers = ["google"]
id_token_signed_response_alg = "ES256"
claims.name = {{ need = "required", why = "To show who wrote a page." }}

[apps.native]
name = "Native"
application_type = "native"
redirect_uris = ["http://127.0.0.1/cb", "com.example.native:/cb"]
claims.name = {{ need = "required", why = "To greet you." }}

[apps.blog]
name = "Blog"
redirect_uris = ["https://blog.test/cb"]
sector = "family"

[apps.shop]
name = "Shop"
redirect_uris = ["https://shop.test/cb"]
sector = "family"
"#,
        public.local_addr().unwrap(),
        management.local_addr().unwrap(),
        store.url(),
        bytes::to_base64url(master.expose()),
        bytes::to_base64url(pepper.expose()),
        google.provider_section("google"),
        facebook.provider_section("facebook"),
        hash(NOTES_SECRET),
        hash(WIKI_SECRET),
    )
}
