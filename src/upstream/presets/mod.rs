//! Providers by name. What one does differently lives in its file here and nowhere else; a new provider is a file and
//! a line in [`build`].

mod apple;
mod apple_notice;
mod facebook;
mod facebook_notice;
mod github;
mod gitlab;
mod google;
mod microsoft;
mod plain;
mod risc;
mod risc_stream;

use std::sync::Arc;

use oauth2::RedirectUrl;
use url::Url;

pub(super) use risc::Risc;
pub use risc_stream::{EVENTS, RegisterError, register};

use super::{
    About, Provider,
    client::{Credentials, Registration},
    jwks, metadata,
    oidc::{OidcProvider, Quirks},
    patience::Patient,
};
use crate::{
    config::{AudienceCheck, OAuth2Endpoints, ProviderConfig, ProviderKind},
    egress::{Egress, Opening},
    types::{Clock, Random},
};

/// Why a provider cannot be made of its configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// An address is none.
    #[error("provider {0}: an address is not one")]
    Address(String),
    /// The private key is none that the provider takes.
    #[error("provider {0}: `private_key` is not a PKCS#8 private key of the curve P-256 in PEM")]
    PrivateKey(String),
    /// The Graph version is none.
    #[error("provider {0}: `graph_version` is not like \"v25.0\"")]
    GraphVersion(String),
}

/// Makes a provider of its section. `callback` is our redirect URI for it, `{issuer}/callback/{provider id}`. Nothing
/// is fetched here: a provider that is down stops no start.
///
/// # Errors
/// See [`BuildError`].
pub fn build(
    config: &ProviderConfig,
    callback: &Url,
    egress: &Egress,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Arc<dyn Provider>, BuildError> {
    let redirect = RedirectUrl::from_url(callback.clone());
    let (step, egress) = (egress.bounds().step, egress.opening(openings(config)));
    let parts = Parts { config, redirect, egress, clock, random };
    let provider: Arc<dyn Provider> = match &config.kind {
        ProviderKind::Google { hosted_domain, base, .. } => {
            Arc::new(google::provider(parts, hosted_domain.clone(), base.as_ref())?)
        }
        ProviderKind::Facebook { graph_version, base } => {
            Arc::new(facebook::Facebook::new(parts, graph_version.as_deref(), base.as_ref())?)
        }
        ProviderKind::Github { base } => Arc::new(github::Github::new(parts, base.as_ref())?),
        ProviderKind::Microsoft { tenant, base } => Arc::new(microsoft::provider(parts, tenant, base.as_ref())?),
        ProviderKind::Apple { team_id, key_id, private_key, base } => {
            let key = apple::SigningKey::new(&config.id, team_id, key_id, private_key)?;
            Arc::new(apple::provider(parts, key, base.as_ref())?)
        }
        ProviderKind::Gitlab { issuer } => Arc::new(gitlab::provider(parts, issuer)?),
        ProviderKind::Oidc { issuer } => Arc::new(plain::oidc(parts, issuer)?),
        ProviderKind::Oauth2(endpoints) => Arc::new(plain::oauth2(parts, endpoints)),
    };
    Ok(Arc::new(Patient::new(provider, step)))
}

/// What every provider is made of.
struct Parts<'a> {
    config: &'a ProviderConfig,
    redirect: RedirectUrl,
    egress: Egress,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Parts<'_> {
    fn about(&self, brand: &'static str, form_post: bool) -> About {
        About {
            id: self.config.id.clone(),
            name: self.config.name.clone(),
            brand,
            namespace: self.config.namespace.clone(),
            form_post,
        }
    }

    fn registration(&self) -> Registration {
        let secret = self.config.client_secret.clone();
        Registration {
            client_id: self.config.client_id.clone(),
            credentials: secret.map_or(Credentials::None, Credentials::Secret),
            redirect: self.redirect.clone(),
        }
    }

    fn scopes(&self, default: &[&str]) -> Vec<String> {
        let own = || default.iter().map(|scope| (*scope).to_owned()).collect();
        self.config.scopes.clone().unwrap_or_else(own)
    }

    fn bad_address(&self) -> BuildError {
        BuildError::Address(self.config.id.to_string())
    }

    /// An OpenID Provider with a discovery document at `at`.
    fn discovered(self, brand: &'static str, at: &str, quirks: Quirks) -> Result<OidcProvider, BuildError> {
        let issuers = quirks.issuers.clone();
        let endpoints = metadata::discovered(&self.config.id, at, issuers, &self.egress, &self.clock)
            .map_err(|_| self.bad_address())?;
        let (about, registration) = (self.about(brand, false), self.registration());
        let scopes = self.scopes(&["openid", "profile", "email"]);
        let keys = jwks::of(&endpoints, &self.egress, &self.clock);
        Ok(OidcProvider {
            about,
            registration,
            endpoints,
            keys,
            scopes,
            groups_claim: self.config.groups_claim.clone(),
            alg: self.config.id_token_alg,
            quirks,
            egress: self.egress,
            clock: self.clock,
            random: self.random,
        })
    }

    /// An address of a provider, moved to `base` (a simulator) where one is configured: its scheme, host and port with
    /// the same path.
    fn address(&self, real: &str, base: Option<&Url>) -> Result<Url, BuildError> {
        moved(real, base).map_err(|_| self.bad_address())
    }
}

fn moved(real: &str, base: Option<&Url>) -> Result<Url, url::ParseError> {
    let real = Url::parse(real)?;
    let Some(base) = base else { return Ok(real) };
    let mut moved = base.clone();
    moved.set_path(real.path());
    moved.set_query(None);
    Ok(moved)
}

/// The origin of `real`, or that of `base`: an issuer without a path.
fn issuer(real: &str, base: Option<&Url>) -> String {
    base.map_or_else(|| real.to_owned(), |base| base.origin().ascii_serialization())
}

/// What the section opens: the hosts and ports that it names itself.
fn openings(config: &ProviderConfig) -> Vec<Opening> {
    if !config.allow_loopback && !config.allow_private {
        return Vec::new();
    }
    let named: Vec<Url> = match &config.kind {
        ProviderKind::Google { base, .. }
        | ProviderKind::Facebook { base, .. }
        | ProviderKind::Github { base }
        | ProviderKind::Microsoft { base, .. }
        | ProviderKind::Apple { base, .. } => base.iter().cloned().collect(),
        ProviderKind::Gitlab { issuer } | ProviderKind::Oidc { issuer } => Url::parse(issuer).into_iter().collect(),
        ProviderKind::Oauth2(endpoints) => {
            let OAuth2Endpoints { authorization, token, userinfo, audience_check, .. } = &**endpoints;
            let introspection = match audience_check {
                AudienceCheck::Introspection(at) => Some(at),
                AudienceCheck::CodeExchange => None,
            };
            [authorization, token, userinfo].into_iter().chain(introspection).cloned().collect()
        }
    };
    named.iter().filter_map(|url| Opening::of(url, config.allow_loopback, config.allow_private)).collect()
}
