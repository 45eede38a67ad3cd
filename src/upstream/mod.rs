//! Towards the world: providers vouch for people. There we are the OAuth client, and `openidconnect`'s types live
//! only in this room. Whatever a provider's peculiarities are, they stay behind [`Provider`]; a new one is a file in
//! `presets/` and a line in its registry.
//!
//! Upstream tokens are dropped once the claims are read; none leaves this room. One alone lives a little longer: of
//! somebody who deletes everything, to withdraw at the provider what they allowed us there ([`Parting`]). A provider
//! never learns which app a sign-in was for. What it tells us unasked is read here, too ([`notice`]).

mod answer;
mod authorize;
mod cache;
mod client;
mod fetch;
mod id_token;
mod jwks;
mod jws;
mod logout_token;
mod metadata;
pub mod notice;
mod oauth2;
mod oidc;
mod patience;
pub mod presets;
mod profile;
mod revocation;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

pub use notice::{Form, Message, Notice, Unheard};
pub use presets::{BuildError, RegisterError, build, register as register_events};

use crate::{
    egress::EgressError,
    types::{Claims, ProviderId, SecretText, Timestamp},
};

/// A provider, as the rest of the house sees it.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What people and pages need to know of it.
    fn about(&self) -> &About;

    /// Begins a sign-in: where to send the browser, and what to hold (sealed, in that browser) until it returns.
    async fn begin(&self, begin: &Begin) -> Result<Started, UpstreamError>;

    /// Finishes a sign-in that this provider began: exchanges the code, verifies everything, reads the claims,
    /// drops the tokens. Any fault ends the sign-in; there is no fallback.
    async fn finish(&self, held: &Held, callback: &Callback) -> Result<Identity, UpstreamError>;

    /// The same for somebody who is about to delete everything: with what [`Provider::revoke`] needs, so that whose
    /// sign-in it was can be looked at in between. A provider without revocation gives nothing to hold.
    ///
    /// # Errors
    /// As [`Provider::finish`].
    async fn finish_for_parting(
        &self,
        held: &Held,
        callback: &Callback,
    ) -> Result<(Identity, Option<Parting>), UpstreamError> {
        Ok((self.finish(held, callback).await?, None))
    }

    /// Withdraws at the provider what the person allowed us there. Tried once.
    ///
    /// # Errors
    /// [`UpstreamError`]; then the provider's own page is the way.
    async fn revoke(&self, _parting: Parting) -> Result<(), UpstreamError> {
        Ok(())
    }

    /// In which forms it tells us something unasked; most tell nothing.
    fn tells(&self) -> &'static [Form] {
        &[]
    }

    /// Reads what this provider tells us unasked. Whether it was told before is for the caller to know.
    ///
    /// # Errors
    /// [`Unheard`]; then nothing may come of it.
    async fn hear(&self, _message: Message<'_>) -> Result<Notice, Unheard> {
        Err(Unheard::NotSpoken)
    }
}

/// A token of the provider between the last sign-in and its revocation. It is never stored, never leaves this room, and
/// is wiped when dropped.
#[derive(Debug)]
pub struct Parting(SecretText);

impl Parting {
    fn token(&self) -> &str {
        self.0.expose()
    }
}

/// A provider in words and pictures.
#[derive(Clone, Debug)]
pub struct About {
    /// Its section in the configuration.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
    /// Which mark and colours its button has, by preset (`google`, `facebook`, …, or `oidc`).
    pub brand: &'static str,
    /// What identities are derived under: the section's name unless the configuration says otherwise.
    pub namespace: String,
    /// Whether it answers with a cross-site form post, which comes without our cookies (Apple).
    pub form_post: bool,
}

impl About {
    /// That this provider vouches for somebody of whom it has said nothing else.
    fn vouch(&self, subject: UpstreamSubject, claims: Claims, auth_time: Timestamp) -> Identity {
        let (provider, namespace) = (self.id.clone(), self.namespace.clone());
        Identity { provider, namespace, subject, claims, auth_time, hosted_domain: None }
    }
}

/// What a sign-in asks of the provider. Nothing in it names the app.
#[derive(Clone, Debug, Default)]
pub struct Begin {
    /// The `state` to send: opaque to the provider, names the attempt to us.
    pub state: String,
    /// Whether a fresh login is asked for (`prompt=login`, `max_age`, `auth_type=reauthenticate`).
    pub fresh: bool,
    /// How old the login may be at most, in seconds, as the app asked.
    pub max_age: Option<u64>,
    /// Whether the person shall choose an account there.
    pub select_account: bool,
    /// Who the app thinks it is.
    pub login_hint: Option<String>,
    /// Languages that the person prefers, space-separated.
    pub ui_locales: Option<String>,
    /// Whether rules name groups of this provider, so that it must be asked for them.
    pub groups: bool,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Started {
    /// Where the browser goes.
    pub url: Url,
    /// What the same browser must bring back.
    pub held: Held,
}

/// What is held between going and coming back, sealed in the browser's own cookie. New values each time
/// (RFC 9700, section 2.1.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The provider that began it; no other may finish it.
    pub provider: ProviderId,
    /// The `state` that was sent.
    pub state: String,
    /// The nonce that the ID token must carry.
    pub nonce: Option<String>,
    /// The PKCE verifier.
    pub verifier: Option<String>,
    /// The issuer that must answer (RFC 9207, section 2.4).
    pub issuer: Option<String>,
    /// When it began.
    pub begun: Timestamp,
    /// The oldest `auth_time` that is taken for an answer, where the app asked for a fresh login.
    pub not_before: Option<Timestamp>,
}

/// What the browser brought back: the parameters of the authorization response, each at most once.
#[derive(Clone, Debug, Default)]
pub struct Callback {
    /// `state`.
    pub state: String,
    /// `code`.
    pub code: Option<SecretText>,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
    /// `error`, hostile input.
    pub error: Option<String>,
    /// `error_reason` and the like, by which some providers say *cancelled*.
    pub error_reason: Option<String>,
    /// Apple's `user`: unsigned browser input that comes at the first login only.
    pub user: Option<String>,
}

/// A subject at a provider. Never stored: [`crate::seal::Pseudonyms::identity`] makes a pseudonym of it.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamSubject(String);

impl UpstreamSubject {
    /// At most this many bytes of ASCII (OpenID Connect Core, section 2).
    pub const MAX: usize = 255;

    /// From a verified document. `None` for an empty or oversized one.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty() && text.len() <= Self::MAX && text.bytes().all(|b| b.is_ascii_graphic()))
            .then_some(Self(text))
    }

    /// The subject, for derivation.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for UpstreamSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UpstreamSubject([personal])")
    }
}

/// What a provider vouches for: one person, for this moment.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who vouches.
    pub provider: ProviderId,
    /// The namespace of the subject.
    pub namespace: String,
    /// Whom it vouches for.
    pub subject: UpstreamSubject,
    /// What it says of them.
    pub claims: Claims,
    /// When they last signed in there: the provider's `auth_time` where it gave one, else the moment of the answer.
    pub auth_time: Timestamp,
    /// The hosted domain that the provider vouches for (Google's `hd`).
    pub hosted_domain: Option<String>,
}

/// Why a sign-in at a provider came to nothing. The person reads a page for each; a developer reads the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The person said no there.
    #[error("cancelled at the provider")]
    Cancelled,
    /// The provider answered with an error of its own; the code is hostile input, cut and escaped.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The person may not come in this way (another hosted domain, an account that is not allowed).
    #[error("not allowed: {0}")]
    NotAllowed(&'static str),
    /// The provider cannot be reached, or is too slow.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
    /// The provider answers wrongly: a token that does not verify, a foreign subject, a document that is not one.
    #[error("the provider answered wrongly: {0}")]
    Invalid(String),
    /// The provider gave an older login than was asked for.
    #[error("the provider did not sign the person in anew")]
    NotFresh,
}

impl From<EgressError> for UpstreamError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Unreachable(why) => Self::Unavailable(why),
            other => Self::Invalid(other.to_string()),
        }
    }
}
