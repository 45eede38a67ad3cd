//! Simulators of identity providers: each speaks its provider's HTTP, peculiarities included, to people picked from
//! a page. For tests, for the demo and for app developers' own CI; nothing here is reachable from `serve`.
//!
//! A simulator is one origin. Every host of the provider maps to it and paths are kept: `graph.facebook.com/v25.0/me`
//! becomes `http://127.0.0.1:9102/v25.0/me`. Adding a provider is one file with a [`dialect::Dialect`] and a line in
//! [`Kind`].
//!
//! Beside the provider's own routes there are five of the simulator's:
//!
//! | route | body | does |
//! |---|---|---|
//! | `POST /_simulator/choose` | form: `request`, `answer`, `fault` | what the page's buttons send |
//! | `POST /_simulator/answer` | `{"person": "ada"}` or `"refuse"` | answers from now on without a page |
//! | `POST /_simulator/fault` | `{"kind": "wrong_nonce"}` | arms a fault for all that follows |
//! | `POST /_simulator/clear` | | forgets both, and who has been here |
//! | `POST /_simulator/tell` | `{"person": "ada", "news": "…", "to": "…"}` | tells a broker something of somebody, signed |

mod apple;
mod ask;
mod authorize;
mod codes;
mod control;
mod desk;
mod dialect;
mod facebook;
mod facebook_graph;
mod fault;
mod github;
mod github_api;
mod google;
mod google_risc;
mod id_token;
mod keys;
mod microsoft;
mod page;
mod params;
mod people;
mod server;
mod tell;
mod token;

use std::{str::FromStr, sync::Arc};

use crate::types::{Clock, Random, SystemClock, SystemRandom};
pub use fault::Fault;
pub(crate) use page::style;
pub use server::Running;

/// Which provider is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the providers' own names")]
pub enum Kind {
    Google,
    Facebook,
    Github,
    Microsoft,
    Apple,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Google, Self::Facebook, Self::Github, Self::Microsoft, Self::Apple];

    /// As a configuration's `kind` and the command line name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Facebook => "facebook",
            Self::Github => "github",
            Self::Microsoft => "microsoft",
            Self::Apple => "apple",
        }
    }

    fn dialect(self) -> &'static dyn dialect::Dialect {
        match self {
            Self::Google => &google::Google,
            Self::Facebook => &facebook::Facebook,
            Self::Github => &github::Github,
            Self::Microsoft => &microsoft::Microsoft,
            Self::Apple => &apple::Apple,
        }
    }

    /// A client id as this provider would give one.
    const fn example_client_id(self) -> &'static str {
        match self {
            Self::Google => "407408718192-simulated.apps.googleusercontent.com",
            Self::Facebook => "1234567890123456",
            Self::Github => "Ov23liSimulated00001",
            Self::Microsoft => "11112222-bbbb-3333-cccc-4444dddd5555",
            Self::Apple => "com.example.vestibule.web",
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

/// There is no simulator of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such simulator; there are google, facebook, github, microsoft and apple")]
pub struct UnknownKind;

/// A simulator that has not started yet. [`Simulator::new`] has working values for all of it.
pub struct Simulator {
    /// Which provider.
    pub kind: Kind,
    /// The one client that is registered there.
    pub client_id: String,
    /// Its secret; a fresh one when absent. For Apple the app's private key, a PKCS#8 PEM (`.p8`).
    pub client_secret: Option<String>,
    /// Its redirect URIs, compared exactly. None of them: any on loopback.
    pub redirect_uris: Vec<String>,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives chance.
    pub random: Arc<dyn Random>,
}

impl Simulator {
    /// One with a usual client id, a fresh secret, any loopback redirect URI and a free port.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            client_id: kind.example_client_id().to_owned(),
            client_secret: None,
            redirect_uris: Vec::new(),
            port: 0,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// Starts it on 127.0.0.1, with one worker, within the present Tokio runtime.
    ///
    /// # Errors
    /// A port that is taken, or a private key (Apple) that is not one.
    #[expect(clippy::unused_async, reason = "it needs a running Tokio runtime, which the signature says")]
    pub async fn start(self) -> Result<Running, Broken> {
        server::start(self)
    }
}

/// Why a simulator did not start, or could not answer.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Somebody else has the port.
    #[error("cannot listen on 127.0.0.1:{0}: {1}; choose another port with --port")]
    Bind(u16, std::io::Error),
    /// A key could not be made or used.
    #[error("a signing key could not be made or used")]
    Key,
    /// Apple's client secret is an ES256 private key.
    #[error("the private key is not a PKCS#8 PEM with a P-256 key, as Apple's .p8 files are")]
    PrivateKey,
    /// A page could not be rendered.
    #[error("a page could not be rendered: {0}")]
    Page(#[from] askama::Error),
    /// Nobody of that name is known here.
    #[error("nobody of that name")]
    Nobody,
    /// A route was called without a running simulator.
    #[error("a base address that is not one")]
    Address,
}

impl actix_web::ResponseError for Broken {}
