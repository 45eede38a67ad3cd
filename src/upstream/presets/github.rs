//! GitHub: plain OAuth 2.0 with PKCE. An account is a number; the login name may be given to somebody else. Errors of the
//! token endpoint come with status 200.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::{BuildError, Parts};
use crate::{
    egress::Egress,
    types::{Claim, Claims, Clock, Random, SecretText},
    upstream::{
        About, Begin, Callback, Held, Identity, Parting, Provider, Started, UpstreamError,
        answer::{self, Iss},
        authorize::{Parameter, Request, wants_login},
        client::{self, Client, Registration, Tokens},
        fetch::{self, Object},
        oauth2::subject,
        revocation,
    },
};

const API_VERSION_HEADER: &str = "x-github-api-version";
/// The version of the API that this was written for.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");
/// Addresses that GitHub makes up for people who hide theirs; nobody reads mail there.
const NOREPLY: &str = "@users.noreply.github.com";

pub(super) struct Github {
    about: About,
    registration: Registration,
    authorization: Url,
    token: Url,
    user: Url,
    emails: Url,
    grant: Url,
    app_secret: Option<SecretText>,
    scopes: Vec<String>,
    egress: Egress,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Github {
    pub(super) fn new(parts: Parts<'_>, base: Option<&Url>) -> Result<Self, BuildError> {
        let mut grant = parts.address("https://api.github.com/applications", base)?;
        let bad_address = parts.bad_address();
        grant.path_segments_mut().map_err(|()| bad_address)?.push(&parts.config.client_id).push("grant");
        Ok(Self {
            about: parts.about("github", false),
            registration: parts.registration(),
            authorization: parts.address("https://github.com/login/oauth/authorize", base)?,
            token: parts.address("https://github.com/login/oauth/access_token", base)?,
            user: parts.address("https://api.github.com/user", base)?,
            emails: parts.address("https://api.github.com/user/emails", base)?,
            grant,
            app_secret: parts.config.client_secret.clone(),
            scopes: parts.scopes(&["read:user", "user:email"]),
            egress: parts.egress,
            clock: parts.clock,
            random: parts.random,
        })
    }

    fn client(&self) -> Result<Client, UpstreamError> {
        self.registration.client(&self.authorization, &self.token, true, self.clock.now())
    }

    async fn ask(&self, what: &'static str, at: &Url, token: &str) -> Result<(StatusCode, Value), UpstreamError> {
        let mut request = fetch::get(at, Some(token))?;
        request.headers_mut().insert(API_VERSION_HEADER, API_VERSION);
        fetch::json(&self.egress, what, request).await
    }
}

impl Github {
    /// Who it is, and the token that said so.
    async fn sign_in(&self, held: &Held, callback: &Callback) -> Result<(Identity, Tokens), UpstreamError> {
        let code = answer::code(&self.about.id, held, callback, Iss::Optional)?;
        // The token is ours: it came from the token endpoint for our code, with our secret and our verifier.
        let tokens = client::exchange(&self.client()?, &self.egress, code, held.verifier.as_deref()).await?;
        let token = tokens.access().secret();
        let (StatusCode::OK, Value::Object(user)) = self.ask("user", &self.user, token).await? else {
            return Err(UpstreamError::Invalid("user: not a user".into()));
        };
        let id = user.get("id").filter(|id| id.is_u64());
        let subject = subject(id)?;
        // The permission may have been declined: then there is no address, and all else goes on.
        let address = match self.ask("addresses", &self.emails, token).await? {
            (StatusCode::OK, addresses) => primary(&addresses),
            _ => None,
        };
        Ok((self.about.vouch(subject, claims(&user, address), self.clock.now()), tokens))
    }
}

#[async_trait]
impl Provider for Github {
    fn about(&self) -> &About {
        &self.about
    }

    async fn begin(&self, begin: &Begin) -> Result<Started, UpstreamError> {
        let request = Request::without_id_token(&self.about.id, self.scopes.clone(), parameters(begin));
        Ok(request.start(&self.client()?, begin, self.clock.now(), &self.random))
    }

    async fn finish(&self, held: &Held, callback: &Callback) -> Result<Identity, UpstreamError> {
        self.sign_in(held, callback).await.map(|(identity, _)| identity)
    }

    async fn finish_for_parting(
        &self,
        held: &Held,
        callback: &Callback,
    ) -> Result<(Identity, Option<Parting>), UpstreamError> {
        let (identity, tokens) = self.sign_in(held, callback).await?;
        Ok((identity, Some(tokens.parting())))
    }

    /// Ends the whole grant there, not this token alone.
    async fn revoke(&self, parting: Parting) -> Result<(), UpstreamError> {
        let secret = self.app_secret.as_ref().map_or("", SecretText::expose);
        let mut request = fetch::get(&self.grant, None)?;
        *request.method_mut() = Method::DELETE;
        let headers = request.headers_mut();
        headers.insert(API_VERSION_HEADER, API_VERSION);
        headers.insert(header::AUTHORIZATION, revocation::basic(&self.registration.client_id, secret)?);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = json!({ "access_token": parting.token() }).to_string().into_bytes();
        match fetch::json(&self.egress, "grant", request).await? {
            (StatusCode::NO_CONTENT, _) => Ok(()),
            (status, said) => Err(revocation::refused(status, &said)),
        }
    }
}

/// There is no way to ask for a fresh login; choosing the account is the nearest.
fn parameters(begin: &Begin) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if wants_login(begin) || begin.select_account {
        parameters.push(("prompt", "select_account".to_owned()));
    }
    parameters.extend(begin.login_hint.clone().map(|hint| ("login", hint)));
    parameters
}

/// The address that is primary and verified. The one in the profile is neither: it is what the person shows.
fn primary(addresses: &Value) -> Option<String> {
    let is = |address: &Value, flag: &str| address.get(flag) == Some(&Value::Bool(true));
    let found = addresses.as_array()?.iter().find(|one| is(one, "primary") && is(one, "verified"))?;
    let email = found.get("email")?.as_str()?;
    (!email.ends_with(NOREPLY)).then(|| email.to_owned())
}

fn claims(user: &Object, address: Option<String>) -> Claims {
    let mut claims = Claims::default();
    let named = [
        (Claim::Name, "name"),
        (Claim::PreferredUsername, "login"),
        (Claim::Picture, "avatar_url"),
        (Claim::Profile, "html_url"),
    ];
    for (claim, name) in named {
        claims.insert(claim, user.get(name).cloned().unwrap_or_default());
    }
    if let Some(address) = address {
        claims.insert(Claim::Email, json!(address));
        claims.insert(Claim::EmailVerified, json!(true));
    }
    claims
}
