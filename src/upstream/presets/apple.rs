//! Sign in with Apple: the answer is posted across sites, the client secret is a token that we sign for each call, and
//! the name comes once, from the browser.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{BuildError, Parts, issuer};
use crate::{
    types::{Claim, Claims, ProviderId, SecretText, Timestamp},
    upstream::{
        Begin, UpstreamError,
        authorize::Parameter,
        client::{Credentials, Registration},
        jwks,
        metadata::{self, Endpoints, Issuers},
        oidc::{Documents, OidcProvider, Person, Quirks, Tells},
        profile,
    },
};

const ISSUER: &str = "https://appleid.apple.com";
/// How long a client secret lives: one call.
const SECRET_LIFE: Duration = Duration::from_secs(5 * 60);
/// The longest `user` that is looked at, in bytes.
const MAX_USER: usize = 4096;

/// The key that we sign client secrets with, and whose it is.
pub(super) struct SigningKey {
    key: EncodingKey,
    team_id: String,
    key_id: String,
}

impl SigningKey {
    pub(super) fn new(
        provider: &ProviderId,
        team_id: &str,
        key_id: &str,
        private_key: &SecretText,
    ) -> Result<Self, BuildError> {
        let bad = |_| BuildError::PrivateKey(provider.to_string());
        let key = EncodingKey::from_ec_pem(private_key.expose().as_bytes()).map_err(bad)?;
        let key = Self { key, team_id: team_id.to_owned(), key_id: key_id.to_owned() };
        // A key of another curve parses and then cannot sign: better to know at the start.
        key.secret("", "", Timestamp::default()).map_err(|_| BuildError::PrivateKey(provider.to_string()))?;
        Ok(key)
    }

    /// A client secret for one call.
    fn secret(&self, client_id: &str, audience: &str, now: Timestamp) -> Result<SecretText, UpstreamError> {
        let claims = ClientSecret {
            iss: &self.team_id,
            iat: now.as_secs(),
            exp: now.plus(SECRET_LIFE).as_secs(),
            aud: audience,
            sub: client_id,
        };
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map(SecretText::new)
            .map_err(|_| UpstreamError::Invalid("the client secret cannot be signed".into()))
    }
}

/// What a client secret says (Apple, "Creating a client secret").
#[derive(Serialize)]
struct ClientSecret<'a> {
    iss: &'a str,
    iat: u64,
    exp: u64,
    aud: &'a str,
    sub: &'a str,
}

pub(super) fn provider(parts: Parts<'_>, key: SigningKey, base: Option<&Url>) -> Result<OidcProvider, BuildError> {
    let at = |path: &str| parts.address(&format!("{ISSUER}{path}"), base);
    let issuer = issuer(ISSUER, base);
    let known = [at("/auth/authorize")?, at("/auth/token")?, at("/auth/keys")?, at("/auth/revoke")?];
    let endpoints = Endpoints::fixed(issuer.clone(), known);
    let endpoints = metadata::fixed(endpoints, &parts.clock);
    let quirks = Quirks {
        parameters,
        // It is there or not, and no request changes that.
        states_auth_time: false,
        tells: Tells::Notifications,
        // Not documented; the nonce binds the answer instead.
        pkce: false,
        read: Box::new(|documents| Ok(read(documents))),
        ..Quirks::none(Issuers::Exact(issuer.clone()))
    };
    let client_id = parts.config.client_id.clone();
    let mint = move |now| key.secret(&client_id, &issuer, now);
    let registration = Registration { credentials: Credentials::Minted(Box::new(mint)), ..parts.registration() };
    let keys = jwks::of(&endpoints, &parts.egress, &parts.clock);
    Ok(OidcProvider {
        about: parts.about("apple", true),
        registration,
        scopes: parts.scopes(&["openid", "name", "email"]),
        endpoints,
        keys,
        groups_claim: None,
        alg: parts.config.id_token_alg,
        quirks,
        egress: parts.egress.clone(),
        clock: Arc::clone(&parts.clock),
        random: Arc::clone(&parts.random),
    })
}

/// Neither `prompt` nor `max_age` is documented: Apple asks the person each time.
fn parameters(_: &Begin) -> Vec<Parameter> {
    Vec::new()
}

fn read(documents: &Documents<'_>) -> Person {
    let mut claims = documents.claims.clone();
    // Said as a boolean or as text.
    let said = documents.token.get("email_verified");
    let verified = said.is_some_and(|said| *said == Value::Bool(true) || said.as_str() == Some("true"));
    profile::set_email_verified(&mut claims, verified);
    if let Some(user) = &documents.callback.user {
        name(user, &mut claims);
    }
    Person { subject: documents.subject.clone(), claims, hosted_domain: None }
}

#[derive(Deserialize)]
struct User {
    name: Option<Name>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    first_name: Option<String>,
    last_name: Option<String>,
}

/// The name out of `user`, which comes at the first login only. Nobody signed it, so nothing else is taken from it:
/// its address least of all.
fn name(user: &str, claims: &mut Claims) {
    let parsed = (user.len() <= MAX_USER).then(|| serde_json::from_str::<User>(user).ok()).flatten();
    let Some(Name { first_name, last_name }) = parsed.and_then(|user| user.name) else { return };
    let tidy = |part: Option<String>| part.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
    let (first, last) = (tidy(first_name), tidy(last_name));
    let whole: Vec<&str> = [&first, &last].into_iter().flatten().map(String::as_str).collect();
    claims.insert(Claim::Name, Value::String(whole.join(" ")));
    claims.insert(Claim::GivenName, first.map_or(Value::Null, Value::String));
    claims.insert(Claim::FamilyName, last.map_or(Value::Null, Value::String));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(user: &str) -> Claims {
        let mut claims = Claims::default();
        name(user, &mut claims);
        claims
    }

    #[test]
    fn the_name_is_all_that_user_gives() {
        let claims = named(r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"evil@example.org"}"#);
        assert_eq!(claims.text(Claim::Name), Some("Ada Lovelace"));
        assert_eq!((claims.text(Claim::GivenName), claims.text(Claim::FamilyName)), (Some("Ada"), Some("Lovelace")));
        assert_eq!(claims.get(Claim::Email), None);
        assert_eq!(named(r#"{"name":{"firstName":" Ada "}}"#).text(Claim::Name), Some("Ada"));
    }

    #[test]
    fn a_broken_user_gives_no_name() {
        let long = format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "x".repeat(MAX_USER));
        for broken in ["", "{", "[]", r#"{"name":7}"#, r#"{"name":{"firstName":7}}"#, r#"{"name":{}}"#, &long] {
            assert!(named(broken).is_empty());
        }
    }
}
