//! Any OpenID Provider: the authorization code flow of OpenID Connect Core, section 3.1. What one provider does
//! differently is data ([`Quirks`]); the order of checks is the same for all.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    About, Begin, Callback, Form, Held, Identity, Message, Notice, Parting, Provider, Started, Unheard, UpstreamError,
    UpstreamSubject,
    answer::{self, Iss},
    authorize::{self, Parameter, Request},
    cache::Cache,
    client::{self, Registration, Tokens},
    fetch::{self, Object},
    id_token::{self, Expect, Verified},
    jwks::Keys,
    metadata::{Endpoints, Issuers, TENANT},
    presets::Risc,
    profile,
    revocation::{self, Manner},
};
use crate::{
    egress::Egress,
    types::{Claim, Claims, Clock, Random, jws::Alg},
};

/// What a provider does its own way.
pub(super) struct Quirks {
    /// Which issuers are this provider.
    pub(super) issuers: Issuers,
    /// The parameters of its authorization request.
    pub(super) parameters: fn(&Begin) -> Vec<Parameter>,
    /// Whether it states `auth_time` when asked by `max_age`, as the standard demands. One that does not is believed
    /// to have done as asked: the moment of the answer counts.
    pub(super) states_auth_time: bool,
    /// Whether it has PKCE.
    pub(super) pkce: bool,
    /// Who the verified documents are about.
    pub(super) read: Read,
    /// How it takes back what it gave.
    pub(super) revocation: Manner,
    /// In which form it tells us of people.
    pub(super) tells: Tells,
}

/// The forms in which providers of ID tokens tell us of people.
pub(super) enum Tells {
    /// Logout tokens, as the standard has them.
    Logout,
    /// Security Event Tokens (Google).
    SecurityEvents(Risc),
    /// Notifications (Apple).
    Notifications,
    /// Nothing at all.
    Nothing,
}

/// Reads a person from verified documents.
pub(super) type Read = Box<dyn Fn(&Documents<'_>) -> Result<Person, UpstreamError> + Send + Sync>;

/// What the provider said, verified, and what the browser brought along, which is not.
pub(super) struct Documents<'a> {
    /// The ID token's claims.
    pub(super) token: &'a Object,
    /// The ID token's subject.
    pub(super) subject: &'a UpstreamSubject,
    /// The claims of both documents, by the standard's rules.
    pub(super) claims: Claims,
    /// The authorization response.
    pub(super) callback: &'a Callback,
}

/// Who it is.
pub(super) struct Person {
    pub(super) subject: UpstreamSubject,
    pub(super) claims: Claims,
    pub(super) hosted_domain: Option<String>,
}

impl Quirks {
    /// A provider by the book.
    pub(super) fn none(issuers: Issuers) -> Self {
        Self {
            issuers,
            parameters: authorize::standard,
            states_auth_time: true,
            pkce: true,
            read: Box::new(|documents| {
                let subject = documents.subject.clone();
                Ok(Person { subject, claims: documents.claims.clone(), hosted_domain: None })
            }),
            revocation: Manner::Standard,
            tells: Tells::Logout,
        }
    }
}

/// A provider that issues ID tokens.
pub(super) struct OidcProvider {
    pub(super) about: About,
    pub(super) registration: Registration,
    pub(super) endpoints: Arc<Cache<Endpoints>>,
    pub(super) keys: Arc<Cache<Keys>>,
    pub(super) scopes: Vec<String>,
    pub(super) groups_claim: Option<String>,
    pub(super) alg: Alg,
    pub(super) quirks: Quirks,
    pub(super) egress: Egress,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

#[async_trait]
impl Provider for OidcProvider {
    fn about(&self) -> &About {
        &self.about
    }

    async fn begin(&self, begin: &Begin) -> Result<Started, UpstreamError> {
        let endpoints = self.endpoints.get().await?;
        let client = self.client(&endpoints)?;
        let mut scopes = self.scopes.clone();
        if begin.groups && endpoints.knows_scope("groups") && !scopes.iter().any(|scope| scope == "groups") {
            scopes.push("groups".into());
        }
        let mut parameters = (self.quirks.parameters)(begin);
        if self.about.form_post {
            parameters.push(("response_mode", "form_post".into()));
        }
        let request = Request {
            provider: &self.about.id,
            scopes,
            parameters,
            nonce: true,
            pkce: self.quirks.pkce,
            issuer: (!endpoints.issuer.contains(TENANT)).then(|| endpoints.issuer.clone()),
        };
        Ok(request.start(&client, begin, self.clock.now(), &self.random))
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
        let revocable = self.endpoints.get().await?.revocation.is_some();
        Ok((identity, revocable.then(|| tokens.parting())))
    }

    async fn revoke(&self, parting: Parting) -> Result<(), UpstreamError> {
        let endpoints = self.endpoints.get().await?;
        let Some(at) = &endpoints.revocation else { return Ok(()) };
        let client = (&self.registration, endpoints.secret_in_body(), self.clock.now());
        revocation::ask(&self.egress, at, self.quirks.revocation, client, &parting).await
    }

    fn tells(&self) -> &'static [Form] {
        match self.quirks.tells {
            Tells::Logout => &[Form::Logout],
            Tells::SecurityEvents(_) => &[Form::SecurityEvent],
            Tells::Notifications => &[Form::Notification],
            Tells::Nothing => &[],
        }
    }

    async fn hear(&self, message: Message<'_>) -> Result<Notice, Unheard> {
        match (message.form, &self.quirks.tells) {
            (Form::Logout, Tells::Logout) => self.logout_token(message.text).await,
            (Form::Notification, Tells::Notifications) => self.notification(message.text).await,
            (Form::SecurityEvent, Tells::SecurityEvents(risc)) => {
                risc.verify(message.text, &self.registration.client_id, &self.about.namespace, self.clock.now()).await
            }
            _ => Err(Unheard::NotSpoken),
        }
    }
}

impl OidcProvider {
    /// Who it is, and the tokens that said so.
    async fn sign_in(&self, held: &Held, callback: &Callback) -> Result<(Identity, Tokens), UpstreamError> {
        let endpoints = self.endpoints.get().await?;
        let iss = if endpoints.iss_parameter { Iss::Announced } else { Iss::Optional };
        let code = answer::code(&self.about.id, held, callback, iss)?;
        let client = self.client(&endpoints)?;
        let tokens = client::exchange(&client, &self.egress, code, held.verifier.as_deref()).await?;
        let verified = self.verify(&tokens, &endpoints, held).await?;
        let claims = self.claims(&tokens, &endpoints, &verified).await?;
        let documents = Documents { token: &verified.claims, subject: &verified.subject, claims, callback };
        let person = (self.quirks.read)(&documents)?;
        let auth_time = verified.auth_time.unwrap_or_else(|| self.clock.now());
        let identity = self.about.vouch(person.subject, person.claims, auth_time);
        Ok((Identity { hosted_domain: person.hosted_domain, ..identity }, tokens))
    }

    fn client(&self, endpoints: &Endpoints) -> Result<client::Client, UpstreamError> {
        let (authorization, token) = (&endpoints.authorization, &endpoints.token);
        self.registration.client(authorization, token, endpoints.secret_in_body(), self.clock.now())
    }

    async fn verify(&self, tokens: &Tokens, endpoints: &Endpoints, held: &Held) -> Result<Verified, UpstreamError> {
        let token = tokens.id_token().ok_or_else(|| UpstreamError::Invalid("token endpoint: no ID token".into()))?;
        let expect = Expect {
            alg: self.alg,
            client_id: &self.registration.client_id,
            issuers: &self.quirks.issuers,
            issuer: &endpoints.issuer,
            access_token: tokens.access().secret(),
            auth_time_promised: self.quirks.states_auth_time,
            now: self.clock.now(),
        };
        id_token::verify(token, &self.keys, &expect, held).await
    }

    /// The claims of the ID token, and those of UserInfo where it lacks something that our scopes promise.
    async fn claims(
        &self,
        tokens: &Tokens,
        endpoints: &Endpoints,
        verified: &Verified,
    ) -> Result<Claims, UpstreamError> {
        let mut claims = self.document(&verified.claims);
        let Some(at) = endpoints.userinfo.as_ref().filter(|_| self.lacks(&claims)) else { return Ok(claims) };
        let request = fetch::get(at, Some(tokens.access().secret()))?;
        let info = fetch::object(&self.egress, "UserInfo", request).await?;
        if info.get("sub").and_then(serde_json::Value::as_str) != Some(verified.subject.expose()) {
            return Err(UpstreamError::Invalid("UserInfo: another subject than the ID token's".into()));
        }
        profile::complete(&mut claims, &self.document(&info));
        Ok(claims)
    }

    fn document(&self, document: &Object) -> Claims {
        let mut claims = profile::standard(document);
        if let Some(groups) = self.groups_claim.as_ref().and_then(|name| document.get(name)) {
            claims.insert(Claim::Groups, groups.clone());
        }
        claims
    }

    fn lacks(&self, claims: &Claims) -> bool {
        let asked = |scope: &str| self.scopes.iter().any(|own| own == scope);
        (asked("profile") && claims.get(Claim::Name).is_none())
            || (asked("email") && claims.get(Claim::Email).is_none())
            || (self.groups_claim.is_some() && claims.get(Claim::Groups).is_none())
    }
}
