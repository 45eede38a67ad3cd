//! A stage: one broker (or several on one store), simulators of providers, and what it takes to act as a browser and as
//! an app.

mod app;
mod browser;
mod store;

use std::{net::TcpListener, sync::Arc};

use tempfile::TempDir;
use vestibule::{
    broker::{self, Broker, Running, Sockets, World},
    config::{Config, Environment},
    demo::simulators::{self, Kind, Simulator},
    types::{Secret32, bytes},
};

pub use app::{App, Tokens, jws_claims, jws_header};
pub use browser::{Browser, Page, param};
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
    folder: Arc<TempDir>,
}

impl Stage {
    /// A broker on a fresh store, with Google and Facebook simulated.
    pub async fn start(on: OnStore) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::fresh(on, folder.path());
        let (google, facebook) = (simulator(Kind::Google).await, simulator(Kind::Facebook).await);
        google.answer_with("ada");
        facebook.answer_with("ada");
        let (master, pepper) = (secret(1), secret(2));
        Self::start_on(store, folder, google, facebook, [master, pepper]).await
    }

    async fn start_on(
        store: Store,
        folder: Arc<TempDir>,
        google: simulators::Running,
        facebook: simulators::Running,
        [master, pepper]: [Secret32; 2],
    ) -> Self {
        let (public, management) = (listener(), listener());
        let issuer = format!("http://localhost:{}", public.local_addr().unwrap().port());
        let management_at = format!("http://{}", management.local_addr().unwrap());
        let config = text(&issuer, &public, &management, &store, &google, &facebook, [&master, &pepper]);
        let parsed = Config::parse(&config, folder.path(), &Environment::default()).unwrap_or_else(|f| panic!("{f}"));
        let broker =
            broker::start(Broker::new(parsed, World::system()).unwrap(), Sockets { public, management }, 1).unwrap();
        let stage = Self {
            issuer,
            management: management_at,
            google,
            facebook,
            store,
            master,
            broker: Some(broker),
            config,
            folder,
        };
        stage.ready().await;
        stage
    }

    /// The configuration as it was given.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// A second instance on the same store, with an issuer of the same name (a balancer would stand before both).
    pub async fn second_instance(&self) -> Running {
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
        let parsed =
            Config::parse(&changed, self.folder.path(), &Environment::default()).unwrap_or_else(|f| panic!("{f}"));
        broker::start(Broker::new(parsed, World::system()).unwrap(), Sockets { public, management }, 1).unwrap()
    }

    /// Stops the broker and starts it again, on a store that has lost everything.
    pub async fn lose_the_store(mut self, on: OnStore) -> Self {
        self.broker.take().unwrap().stop().await;
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let store = Store::fresh(on, folder.path());
        Self::start_on(store, folder, self.google, self.facebook, [secret(1), secret(2)]).await
    }

    /// Waits until keys are made.
    async fn ready(&self) {
        let browser = Browser::new();
        let url = format!("{}/readyz", self.management);
        eventually("the broker is ready", async || browser.get(&url).await.status == 200).await;
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
    public: &TcpListener,
    management: &TcpListener,
    store: &Store,
    google: &simulators::Running,
    facebook: &simulators::Running,
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
