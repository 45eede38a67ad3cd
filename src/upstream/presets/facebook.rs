//! Facebook Login: OAuth 2.0 and the Graph API. Each call carries a proof of the app's secret, the token is asked about
//! before it identifies anyone, and an address, where there is one at all, is never a verified one.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{BuildError, Parts, facebook_notice};
use crate::{
    egress::Egress,
    types::{Claim, Claims, Clock, Random, SecretText, bytes::to_hex},
    upstream::{
        About, Begin, Callback, Form, Held, Identity, Message, Notice, Parting, Provider, Started, Unheard,
        UpstreamError, UpstreamSubject,
        answer::{self, Iss},
        authorize::{Parameter, Request, wants_login},
        client::{self, Client, Registration, Tokens},
        fetch::{self, Object},
        notice::Word,
        profile, revocation,
    },
};

/// The version of the Graph API unless the configuration names one; each lives for about two years.
const VERSION: &str = "v25.0";
const FIELDS: &str = "id,name,first_name,last_name,email,picture.width(256).height(256)";

pub(super) struct Facebook {
    about: About,
    registration: Registration,
    app_secret: Option<SecretText>,
    authorization: Url,
    token: Url,
    debug: Url,
    me: Url,
    permissions: Url,
    scopes: Vec<String>,
    egress: Egress,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Facebook {
    pub(super) fn new(parts: Parts<'_>, version: Option<&str>, base: Option<&Url>) -> Result<Self, BuildError> {
        let version = version.unwrap_or(VERSION);
        if !is_version(version) {
            return Err(BuildError::GraphVersion(parts.config.id.to_string()));
        }
        let graph = |path: &str| parts.address(&format!("https://graph.facebook.com{path}"), base);
        let dialog = format!("https://www.facebook.com/{version}/dialog/oauth");
        Ok(Self {
            about: parts.about("facebook", false),
            registration: parts.registration(),
            app_secret: parts.config.client_secret.clone(),
            authorization: parts.address(&dialog, base)?,
            token: graph(&format!("/{version}/oauth/access_token"))?,
            debug: graph("/debug_token")?,
            me: graph(&format!("/{version}/me"))?,
            permissions: graph(&format!("/{version}/me/permissions"))?,
            scopes: parts.scopes(&["public_profile", "email"]),
            egress: parts.egress,
            clock: parts.clock,
            random: parts.random,
        })
    }

    fn client(&self) -> Result<Client, UpstreamError> {
        self.registration.client(&self.authorization, &self.token, true, self.clock.now())
    }

    fn secret(&self) -> &str {
        self.app_secret.as_ref().map_or("", SecretText::expose)
    }

    /// Whom the token is for, once it is proven to be for our app (RFC 9700, section 4.6). Facebook takes the tokens
    /// of this call in the query alone, so they stand there, once, over TLS.
    async fn inspect(&self, token: &str) -> Result<String, UpstreamError> {
        let mut at = self.debug.clone();
        let app = format!("{}|{}", self.registration.client_id, self.secret());
        at.query_pairs_mut().append_pair("input_token", token).append_pair("access_token", &app);
        let answer = fetch::object(&self.egress, "debug_token", fetch::get(&at, None)?).await?;
        let data = answer.get("data");
        let of = |name: &str| data.and_then(|data| data.get(name));
        let foreign = || UpstreamError::Invalid("debug_token: not a token for our app".into());
        let ours = of("app_id").and_then(Value::as_str) == Some(&*self.registration.client_id);
        if of("is_valid") != Some(&Value::Bool(true)) || !ours {
            return Err(foreign());
        }
        of("user_id").and_then(Value::as_str).map(str::to_owned).ok_or_else(foreign)
    }

    async fn profile(&self, token: &str) -> Result<Object, UpstreamError> {
        let mut at = self.me.clone();
        at.query_pairs_mut().append_pair("fields", FIELDS).append_pair("appsecret_proof", &proof(self.secret(), token));
        fetch::object(&self.egress, "me", fetch::get(&at, Some(token))?).await
    }
}

impl Facebook {
    /// Who it is, and the token that said so.
    async fn sign_in(&self, held: &Held, callback: &Callback) -> Result<(Identity, Tokens), UpstreamError> {
        let code = answer::code(&self.about.id, held, callback, Iss::Optional)?;
        let tokens = client::exchange(&self.client()?, &self.egress, code, held.verifier.as_deref()).await?;
        let token = tokens.access().secret();
        let user = self.inspect(token).await?;
        let me = self.profile(token).await?;
        if me.get("id").and_then(Value::as_str) != Some(&*user) {
            return Err(UpstreamError::Invalid("me: another person than the token's".into()));
        }
        let subject = UpstreamSubject::new(user).ok_or_else(|| UpstreamError::Invalid("me: no subject".into()))?;
        Ok((self.about.vouch(subject, claims(&me), self.clock.now()), tokens))
    }
}

#[async_trait]
impl Provider for Facebook {
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

    /// Removes the whole app there, not this token alone.
    async fn revoke(&self, parting: Parting) -> Result<(), UpstreamError> {
        let mut at = self.permissions.clone();
        at.query_pairs_mut().append_pair("appsecret_proof", &proof(self.secret(), parting.token()));
        let mut request = fetch::get(&at, Some(parting.token()))?;
        *request.method_mut() = Method::DELETE;
        match fetch::json(&self.egress, "permissions", request).await? {
            (StatusCode::OK, said) if said.get("success") == Some(&Value::Bool(true)) => Ok(()),
            (status, said) => {
                let code = said.pointer("/error/code").and_then(Value::as_i64);
                Err(code.map_or_else(
                    || revocation::refused(status, &said),
                    |code| UpstreamError::Refused(format!("error {code}")),
                ))
            }
        }
    }

    fn tells(&self) -> &'static [Form] {
        &[Form::Deletion, Form::Deauthorization]
    }

    async fn hear(&self, message: Message<'_>) -> Result<Notice, Unheard> {
        let (kind, word) = match message.form {
            Form::Deletion => ("deletion", Word::Gone),
            Form::Deauthorization => ("deauthorize", Word::AccessRevoked),
            _ => return Err(Unheard::NotSpoken),
        };
        facebook_notice::verify(kind, word, message.text, self.secret(), &self.about.namespace, self.clock.now())
    }
}

fn parameters(begin: &Begin) -> Vec<Parameter> {
    // Any other wish (another account, a hint) has no parameter there.
    let fresh = wants_login(begin).then(|| ("auth_type", "reauthenticate".to_owned()));
    fresh.into_iter().collect()
}

fn is_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b))
}

/// `appsecret_proof`: lower-case hex of HMAC-SHA-256 over the token, keyed with the app's secret.
fn proof(secret: &str, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    to_hex(hmac::sign(&key, token.as_bytes()).as_ref())
}

fn claims(me: &Object) -> Claims {
    let mut claims = Claims::default();
    let named = [
        (Claim::Name, "name"),
        (Claim::GivenName, "first_name"),
        (Claim::FamilyName, "last_name"),
        (Claim::Email, "email"),
    ];
    for (claim, name) in named {
        claims.insert(claim, me.get(name).cloned().unwrap_or_default());
    }
    let picture = me.get("picture").and_then(|picture| picture.get("data"));
    let of = |name: &str| picture.and_then(|data| data.get(name));
    // A silhouette is Facebook's picture for people who have none.
    if of("is_silhouette") != Some(&json!(true)) {
        claims.insert(Claim::Picture, of("url").cloned().unwrap_or_default());
    }
    profile::set_email_verified(&mut claims, false);
    claims
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_has_its_known_value() {
        assert_eq!(
            proof("app-secret-0123", "EAAB-token-xyz"),
            "0a4d1b3ff5092228ac608b8312732058ea71b8b19702ca84ff01d104461db2c4"
        );
    }

    #[test]
    fn a_version_cannot_lead_elsewhere() {
        assert!(is_version("v25.0") && is_version("v9.1"));
        for odd in ["", "25.0", "v25", "v25.", "v.0", "v25.0/../me", "v2 5.0", "v9999.0"] {
            assert!(!is_version(odd), "{odd}");
        }
    }
}
