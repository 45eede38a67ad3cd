//! cargo add jsonwebtoken --features aws_lc_rs; cargo add reqwest --features json; cargo add serde --features derive;
//! cargo add tokio

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// What a service learns from an access token.
#[derive(Debug, serde::Deserialize)]
pub struct Access {
    /// The person, as the app knows them.
    pub sub: String,
    /// The app that the token was given to.
    pub client_id: String,
    cnf: Option<serde::de::IgnoredAny>,
}

/// Checks access tokens. Make one, and share it.
pub struct Verifier {
    /// After this time keys are fetched again.
    pub fresh: Duration,
    /// For an unknown name they are fetched no more often than this.
    pub cool_down: Duration,
    http: reqwest::Client,
    jwks: String,
    rules: Validation,
    keys: Mutex<Option<(Instant, JwkSet)>>,
}

impl Verifier {
    /// `audience` is the client id of the app, or the address of your service.
    pub fn new(http: reqwest::Client, issuer: &str, audience: &str) -> Self {
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[audience]);
        rules.leeway = 5; // seconds
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        let (fresh, cool_down) = (Duration::from_secs(300), Duration::from_secs(30));
        Self { fresh, cool_down, http, jwks: format!("{issuer}/jwks"), rules, keys: Mutex::new(None) }
    }

    /// What the token says, or why it is not to be believed.
    pub async fn verify(&self, token: &str) -> Result<Access, Box<dyn std::error::Error>> {
        let header = decode_header(token)?;
        if header.typ.as_deref() != Some("at+jwt") {
            return Err("not an access token".into());
        }
        let key = self.key(header.kid.as_deref().ok_or("no kid")?).await?;
        let access = decode::<Access>(token, &key, &self.rules)?.claims;
        if access.cnf.is_some() {
            return Err("good only with a DPoP proof".into()); // RFC 9449, section 7.1
        }
        Ok(access)
    }

    /// Keys are fetched when they are old, and for an unknown name: not more than twice a minute, whoever asks.
    async fn key(&self, kid: &str) -> Result<DecodingKey, Box<dyn std::error::Error>> {
        let mut kept = self.keys.lock().await;
        let due = kept.as_ref().is_none_or(|(at, keys)| {
            let limit = if keys.find(kid).is_some() { self.fresh } else { self.cool_down };
            at.elapsed() > limit
        });
        if due {
            let keys = match (self.fetch().await, kept.take()) {
                (Ok(keys), _) | (Err(_), Some((_, keys))) => keys, // an outage changes nothing for keys that are known
                (Err(error), None) => return Err(error.into()),
            };
            *kept = Some((Instant::now(), keys));
        }
        let known = kept.as_ref().and_then(|(_, keys)| keys.find(kid)).ok_or("unknown key")?;
        Ok(DecodingKey::from_jwk(known)?)
    }

    async fn fetch(&self) -> reqwest::Result<JwkSet> {
        let answer = self.http.get(&self.jwks).timeout(Duration::from_secs(5)).send().await?;
        answer.error_for_status()?.json().await
    }
}
