//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1). Each one has a state, a
//! nonce and a PKCE verifier of its own; nothing in it names the app.

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};

use super::{Begin, Held, Started, client::Client};
use crate::types::{ProviderId, Random, Timestamp, bytes::to_base64url, random};

/// A parameter beyond the ordinary ones.
pub(super) type Parameter = (&'static str, String);

/// What a request is made of beside the client.
pub(super) struct Request<'a> {
    pub(super) provider: &'a ProviderId,
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Vec<Parameter>,
    /// Whether an ID token will carry a nonce.
    pub(super) nonce: bool,
    /// Whether PKCE is sent: everywhere but where the provider is known not to have it.
    pub(super) pkce: bool,
    /// The issuer that must answer, where it is known.
    pub(super) issuer: Option<String>,
}

impl<'a> Request<'a> {
    /// Towards a provider that issues no ID tokens: PKCE alone binds the answer to this request.
    pub(super) fn without_id_token(provider: &'a ProviderId, scopes: Vec<String>, parameters: Vec<Parameter>) -> Self {
        Self { provider, scopes, parameters, nonce: false, pkce: true, issuer: None }
    }

    /// The address to go to, and what to hold meanwhile.
    pub(super) fn start(self, client: &Client, begin: &Begin, now: Timestamp, random: &dyn Random) -> Started {
        let fresh = || to_base64url(&random::bytes::<32>(random));
        let nonce = self.nonce.then(fresh);
        let verifier = self.pkce.then(fresh);
        let mut request = client
            .authorize_url(|| CsrfToken::new(begin.state.clone()))
            .add_scopes(self.scopes.into_iter().map(Scope::new));
        if let Some(nonce) = &nonce {
            request = request.add_extra_param("nonce", nonce.clone());
        }
        if let Some(verifier) = &verifier {
            let verifier = PkceCodeVerifier::new(verifier.clone());
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        for (name, value) in self.parameters {
            request = request.add_extra_param(name, value);
        }
        let held = Held {
            provider: self.provider.clone(),
            state: begin.state.clone(),
            nonce,
            verifier,
            issuer: self.issuer,
            begun: now,
            not_before: not_before(begin, now),
            groups: begin.groups,
        };
        Started { url: request.url().0, held }
    }
}

/// The oldest login that is fresh enough.
fn not_before(begin: &Begin, now: Timestamp) -> Option<Timestamp> {
    if begin.fresh {
        return Some(now);
    }
    begin.max_age.map(|seconds| now.minus(std::time::Duration::from_secs(seconds)))
}

/// The parameters of OpenID Connect Core for a provider that knows them all. `max_age` is sent with a fresh login,
/// too: it obliges the provider to state `auth_time`, by which we see that the login was fresh.
pub(super) fn standard(begin: &Begin) -> Vec<Parameter> {
    let mut prompt = Vec::new();
    if wants_login(begin) {
        prompt.push("login");
    }
    if begin.select_account {
        prompt.push("select_account");
    }
    let mut parameters = Vec::new();
    if !prompt.is_empty() {
        parameters.push(("prompt", prompt.join(" ")));
    }
    parameters.extend(max_age(begin));
    parameters.extend(hints(begin));
    parameters
}

/// Whether no session at the provider is good enough.
pub(super) fn wants_login(begin: &Begin) -> bool {
    begin.fresh || begin.max_age == Some(0)
}

/// `max_age`.
pub(super) fn max_age(begin: &Begin) -> Option<Parameter> {
    let seconds = if begin.fresh { Some(0) } else { begin.max_age };
    seconds.map(|seconds| ("max_age", seconds.to_string()))
}

/// `login_hint` and `ui_locales`.
pub(super) fn hints(begin: &Begin) -> impl Iterator<Item = Parameter> {
    let hint = begin.login_hint.clone().map(|hint| ("login_hint", hint));
    let locales = begin.ui_locales.clone().map(|locales| ("ui_locales", locales));
    hint.into_iter().chain(locales)
}
