//! A provider that lies on command, over real HTTP on a free port of loopback. Honest until told otherwise; each
//! [`Fault`] changes one thing, [`FakeOp::honest`] makes it honest again. It also answers any path with whatever a test
//! puts there ([`FakeOp::at`]), which is how the APIs of Facebook and GitHub are played.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

mod draft;
mod faults;
mod grants;
mod keys;
mod server;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, mpsc},
};

use serde_json::{Map, Value, json};
use url::Url;
use vestibule::{
    config::{ProviderConfig, ProviderKind},
    types::{Clock, SecretText, SystemClock, jws::Alg},
    upstream::Callback,
};

pub use draft::{Draft, Signer};
pub use faults::{
    Fault, lying_discovery, lying_user_info, odd_claims, odd_flags, odd_texts, wrong_id_tokens, wrong_signatures,
};
pub use keys::{EC, OTHER_RSA, RSA, p8, public_jwk};
pub use server::Raw;

/// Who the broker is here.
pub const CLIENT_ID: &str = "vestibule";
/// How it proves it.
pub const CLIENT_SECRET: &str = "a secret of the fake provider";

/// What came in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
    pub form: HashMap<String, String>,
}

/// What it does at the moment.
#[derive(Default)]
struct Script {
    faults: Vec<Fault>,
    pages: HashMap<String, Raw>,
    grants: HashMap<String, grants::Grant>,
    asked: Vec<Asked>,
    person: Map<String, Value>,
    token: Map<String, Value>,
    advertises_iss: bool,
    codes: u64,
}

/// The provider. Stops with the process.
#[derive(Clone)]
pub struct FakeOp {
    base: Arc<str>,
    script: Arc<Mutex<Script>>,
}

impl FakeOp {
    /// Starts one, honest, announcing `iss` in its answers (RFC 9207).
    pub fn start() -> Self {
        let script = Arc::new(Mutex::new(Script { advertises_iss: true, ..Script::default() }));
        // Made before the clock of any request runs.
        keys::make();
        let (says, port) = mpsc::channel();
        let shared = script.clone();
        // A thread of its own, so that tests may have any runtime and block it as they like.
        std::thread::spawn(move || server::run(shared, &says));
        let base = format!("http://127.0.0.1:{}", port.recv().expect("the provider starts"));
        let op = Self { base: base.into(), script };
        op.person(json!({
            "sub": "person-1", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": true,
        }));
        op
    }

    /// Its issuer.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its origin, as `base` of a preset.
    pub fn url(&self) -> Url {
        self.base.parse().expect("an address")
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The same provider with this fault, and no other.
    pub fn inject(&self, fault: &Fault) {
        self.script().faults = vec![fault.clone()];
    }

    /// With one fault more.
    pub fn also(&self, fault: &Fault) {
        self.script().faults.push(fault.clone());
    }

    /// Without faults.
    pub fn honest(&self) {
        self.script().faults.clear();
    }

    /// What ID token and UserInfo say of the person from now on.
    pub fn person(&self, person: Value) {
        let Value::Object(person) = person else { panic!("a person is an object") };
        self.script().person = person;
    }

    /// Further claims of the ID token alone.
    pub fn token_claims(&self, claims: Value) {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        self.script().token = claims;
    }

    /// Whether it announces `iss`, and sends it.
    pub fn advertise_iss(&self, does: bool) {
        self.script().advertises_iss = does;
    }

    /// Answers `path` with this from now on.
    pub fn at(&self, path: &str, answer: Raw) {
        self.script().pages.insert(path.to_owned(), answer);
    }

    /// Answers `path` with JSON and status 200.
    pub fn says(&self, path: &str, answer: Value) {
        self.at(path, Raw::json(200, &answer));
    }

    /// How often `path` was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.script().asked.iter().filter(|asked| asked.path == path).count()
    }

    /// What was asked at `path`, in order.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.script().asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// Forgets what was asked.
    pub fn forget(&self) {
        self.script().asked.clear();
    }

    /// Plays the browser: goes to `url`, where the person agrees at once, and comes back with this.
    pub fn visit(&self, url: &Url) -> Callback {
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let (_, pairs) = self.authorize(&query);
        let of = |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Callback {
            state: of("state").unwrap_or_default(),
            code: of("code").map(SecretText::new),
            iss: of("iss"),
            error: of("error"),
            error_reason: of("error_reason"),
            user: of("user"),
        }
    }

    /// A section of the configuration that leads here.
    pub fn section(&self, kind: ProviderKind) -> ProviderConfig {
        ProviderConfig {
            id: "home".parse().expect("a name"),
            name: "Home".into(),
            kind,
            client_id: CLIENT_ID.into(),
            client_secret: Some(SecretText::new(CLIENT_SECRET)),
            scopes: None,
            id_token_alg: Alg::RS256,
            groups_claim: None,
            namespace: "home".into(),
            enabled: true,
            allow_loopback: true,
            allow_private: false,
        }
    }

    /// The section of `kind = "oidc"`.
    pub fn oidc(&self) -> ProviderConfig {
        self.section(ProviderKind::Oidc { issuer: self.base.to_string() })
    }
}

/// Seconds since the epoch, by the machine's clock.
pub fn now() -> u64 {
    SystemClock.now().as_secs()
}
