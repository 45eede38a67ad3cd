//! The configuration: one TOML file, parsed to finished types, every mistake reported at once with its line and
//! remedy. What the rest of the house receives has been checked; nothing is checked twice.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use crate::types::{App, AppId, ProviderId, Secret32, SecretText, jws::Alg, urls::Issuer};

mod addresses;
mod apps;
mod audit;
mod branding;
mod environment;
mod faults;
mod fedcm;
mod gate;
mod keys;
mod lifetimes;
mod limits;
mod listen;
mod load;
mod log;
mod names;
mod operator;
mod overrides;
mod pending;
mod providers;
mod raw;
mod registration;
mod secret_source;
mod secrets;
mod section;
mod store;
mod value;

#[cfg(test)]
mod tests;

pub use apps::{NotRegistered, registered, understood, wants_secret};
pub use environment::Environment;
pub use faults::{Fault, Faults, Place};
pub use registration::Registration;
pub use secret_source::{BadKey, BadKeyFile, BadSecretFile, parse_key, read_key_file};

/// The whole of it.
#[derive(Debug)]
pub struct Config {
    /// Who we are.
    pub issuer: Issuer,
    /// Where we listen, and whom we believe about where requests come from.
    pub listen: Listen,
    /// Where records live.
    pub store: StoreUrl,
    /// What seals.
    pub secrets: Secrets,
    /// Who vouches for people, in the order of the file.
    pub providers: Vec<ProviderConfig>,
    /// Who asks about people.
    pub apps: BTreeMap<AppId, App>,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Who runs this place.
    pub operator: Operator,
    /// How it looks.
    pub branding: Branding,
    /// How much one address or app may ask.
    pub limits: Limits,
    /// Whether apps may register themselves.
    pub registration: Registration,
    /// Whether browsers may offer the accounts of this place by themselves (FedCM).
    pub fedcm: bool,
    /// Signing keys.
    pub keys: Keys,
    /// How forward-auth answers.
    pub gate: Gate,
    /// Where the audit stream goes: a file, or `-` for standard output; nowhere by default.
    pub audit: Option<PathBuf>,
    /// What is logged.
    pub log: Log,
}

/// `[listen]`.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The public listener.
    pub http: SocketAddr,
    /// `/healthz`, `/readyz`, `/metrics`.
    pub management: SocketAddr,
    /// Whose `X-Forwarded-*` headers are believed; nobody's by default.
    pub trusted_proxies: Vec<IpNet>,
    /// Certificate chain and key (PEM files), when TLS ends here.
    pub tls: Option<Tls>,
}

/// `listen.tls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, a PEM file.
    pub cert: PathBuf,
    /// The private key, a PEM file.
    pub key: PathBuf,
}

/// `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:///absolute/path` or `sqlite://relative/path`.
    Sqlite(PathBuf),
    /// `redis://`, `rediss://`, `redis+sentinel://`, `redis+cluster://`: a secret, since it may hold a password.
    Redis(SecretText),
}

/// `[secrets]`.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Seals.
    pub master: Secret32,
    /// Makes pseudonyms. Derived from `master` where none is configured.
    pub pepper: Option<Secret32>,
    /// Other masters that open, while rolling.
    pub accept: Vec<Secret32>,
}

/// `[providers.X]`.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The section's name.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
    /// Which protocol and peculiarities.
    pub kind: ProviderKind,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it. Absent for Apple, whose secret is made per call.
    pub client_secret: Option<SecretText>,
    /// What we ask for; the preset's own when absent.
    pub scopes: Option<Vec<String>>,
    /// What its ID tokens must be signed with.
    pub id_token_alg: Alg,
    /// The claim that holds groups.
    pub groups_claim: Option<String>,
    /// What identities are derived under.
    pub namespace: String,
    /// Whether people may come in through it.
    pub enabled: bool,
    /// Whether its own host and port may be on loopback, over plain http.
    pub allow_loopback: bool,
    /// Whether its own host and port may be inside a private network.
    pub allow_private: bool,
}

/// `kind = "…"`, with what that kind alone needs. Presets have their endpoints built in; `base` moves them to a
/// simulator (`issuer = "http://127.0.0.1:…"`, with `allow_loopback`).
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is named as the configuration names it")]
pub enum ProviderKind {
    Google { hosted_domain: Option<String>, service_account: Option<ServiceAccount>, base: Option<url::Url> },
    Facebook { graph_version: Option<String>, base: Option<url::Url> },
    Github { base: Option<url::Url> },
    Microsoft { tenant: String, base: Option<url::Url> },
    Apple { team_id: String, key_id: String, private_key: SecretText, base: Option<url::Url> },
    Gitlab { issuer: String },
    Oidc { issuer: String },
    Oauth2(Box<OAuth2Endpoints>),
}

/// `risc_service_account`: who may tell Google where its security events go.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// Its name.
    pub email: String,
    /// The name of its key.
    pub key_id: String,
    /// The key: RSA, in PEM.
    pub private_key: SecretText,
}

impl ProviderKind {
    /// Where its authorization endpoint is, where that is not the provider's well-known address.
    pub fn base(&self) -> Option<url::Url> {
        match self {
            Self::Google { base, .. }
            | Self::Facebook { base, .. }
            | Self::Github { base }
            | Self::Microsoft { base, .. }
            | Self::Apple { base, .. } => base.clone(),
            Self::Gitlab { issuer } | Self::Oidc { issuer } => issuer.parse().ok(),
            Self::Oauth2(endpoints) => Some(endpoints.authorization.clone()),
        }
    }
}

/// A provider without ID tokens.
#[derive(Clone, Debug)]
pub struct OAuth2Endpoints {
    /// `authorization_endpoint`.
    pub authorization: url::Url,
    /// `token_endpoint`.
    pub token: url::Url,
    /// `userinfo_endpoint`: where the claims are read.
    pub userinfo: url::Url,
    /// How the token is proven to be issued for us (RFC 9700, section 4.6); see `audience_check`.
    pub audience_check: AudienceCheck,
    /// The JSON pointer (RFC 6901) to the subject in the UserInfo document.
    pub subject: String,
    /// JSON pointers to claims.
    pub claims: BTreeMap<crate::types::Claim, String>,
}

/// `audience_check`: what proves that an access token was issued for our client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudienceCheck {
    /// It came straight from the token endpoint for our own code, with PKCE and our secret, and from nowhere else.
    CodeExchange,
    /// RFC 7662 introspection at this address must name our client.
    Introspection(url::Url),
}

/// `[lifetimes]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as the configuration names it")]
pub struct Lifetimes {
    pub attempt: Duration,
    pub code: Duration,
    pub access_token: Duration,
    pub id_token: Duration,
    pub session_idle: Duration,
    pub session: Duration,
    pub refresh_idle: Duration,
    pub refresh: Duration,
    pub refresh_grace: Duration,
    pub consent: Duration,
    pub history: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        const DAY: u64 = 24 * HOUR;
        let secs = Duration::from_secs;
        Self {
            attempt: secs(15 * 60),
            code: secs(60),
            access_token: secs(5 * 60),
            id_token: secs(5 * 60),
            session_idle: secs(12 * HOUR),
            session: secs(7 * DAY),
            refresh_idle: secs(30 * DAY),
            refresh: secs(180 * DAY),
            refresh_grace: secs(60),
            consent: secs(395 * DAY),
            history: secs(90 * DAY),
        }
    }
}

/// `[operator]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as the configuration names it")]
pub struct Operator {
    pub name: Option<String>,
    pub contact: Option<String>,
    pub country: Option<String>,
    pub address: Option<String>,
    pub authority: Option<String>,
}

/// `[branding]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branding {
    /// What this place is called on its pages; "Vestibule" by default.
    pub name: Option<String>,
    /// A picture file.
    pub logo: Option<PathBuf>,
    /// `#rrggbb`.
    pub accent: Option<String>,
}

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whether anything is limited.
    pub enabled: bool,
    /// Anonymous starts and wrong secrets, for each address.
    pub per_address: Rate,
    /// Wrong secrets, for each app. Never locks out an app that authenticates.
    pub per_app: Rate,
}

/// So many in such a time: `"120/m"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: std::num::NonZeroU32,
    /// In which time.
    pub per: Duration,
}

/// `[keys]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// How old a signing key gets.
    pub rotate: Duration,
    /// For how long others may keep our JWKS.
    pub jwks_max_age: Duration,
}

/// `[gate]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// For how long a check's answer stands without another look into the store; not at all by default.
    pub recheck: Duration,
    /// How the headers are named.
    pub headers: GateHeaders,
    /// Whether the signed assertion also goes out as `Authorization: Bearer`.
    pub authorization_bearer: bool,
    /// Whether a header names an address that its provider did not verify.
    pub unverified_email: bool,
}

/// `gate.headers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateHeaders {
    /// `Remote-User` and the like, as Authelia names them.
    #[default]
    Remote,
    /// `X-Auth-Request-User` and the like, as oauth2-proxy names them.
    XAuthRequest,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Lines for people or for programs.
    pub json: bool,
    /// `error`, `warn`, `info`, `debug`, `trace`.
    pub level: String,
}
