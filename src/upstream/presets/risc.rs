//! Google's Cross-Account Protection: Security Event Tokens (RFC 8417) about people who signed in with Google, in the
//! profile of RISC as it was before its final version. They tell of what has happened, so they do not expire.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    egress::Egress,
    types::{Clock, jws::Alg},
    upstream::{
        UpstreamError, UpstreamSubject,
        cache::Cache,
        fetch::{self, Object},
        jwks::{self, Keys},
        jws::Parts,
        notice::{self, Fault, News, Notice, REMEMBERED, Unheard, Word, malformed},
    },
};

/// Where Google says who sends events and with which keys, below its issuer.
const CONFIGURATION: &str = "/.well-known/risc-configuration";
/// What every type of event begins with.
const EVENTS: &str = "https://schemas.openid.net/secevent/";
/// The most events in one token; there should be one (RFC 8417, section 2).
const MAX_EVENTS: usize = 8;
/// The longest `state` of a trial that reaches the log.
const MAX_STATE: usize = 100;

/// What verifies the tokens.
pub(in crate::upstream) struct Risc {
    sender: Arc<Cache<Sender>>,
    keys: Arc<Cache<Keys>>,
}

/// Who sends them.
#[derive(Deserialize)]
struct Sender {
    issuer: String,
    jwks_uri: Url,
}

/// Google writes its issuer with and without a slash at its end.
fn bare(issuer: &str) -> &str {
    issuer.strip_suffix('/').unwrap_or(issuer)
}

impl Risc {
    /// For what Google at `issuer` sends.
    pub(super) fn new(issuer: &str, egress: &Egress, clock: &Arc<dyn Clock>) -> Result<Self, url::ParseError> {
        let at = Arc::new((Url::parse(&format!("{issuer}{CONFIGURATION}"))?, issuer.to_owned()));
        let from = egress.clone();
        let sender = Cache::new(
            clock.clone(),
            Box::new(move || {
                let (at, egress) = (at.clone(), from.clone());
                Box::pin(async move { read(&egress, &at.0, &at.1).await })
            }),
        );
        let keys = jwks::named_by(&sender, |sender| &sender.jwks_uri, egress, clock);
        Ok(Self { sender, keys })
    }

    /// Verifies one for `client_id`, about subjects of `namespace`.
    pub(in crate::upstream) async fn verify(
        &self,
        token: &str,
        client_id: &str,
        namespace: &str,
        now: crate::types::Timestamp,
    ) -> Result<Notice, Unheard> {
        let parts = Parts::split(token).ok_or(malformed("not a signed token"))?;
        parts.verify(&self.keys, Alg::RS256, &["secevent+jwt", "jwt"]).await?;
        let claims = &parts.claims;
        let sender = self.sender.get().await.map_err(Unheard::Unavailable)?;
        let ours = bare(&sender.issuer);
        if claims.get("iss").and_then(Value::as_str).map(bare) != Some(ours) {
            return Err(Fault::InvalidIssuer.because("it is of another issuer"));
        }
        notice::check_audience(claims, client_id)?;
        let issued = notice::issued(claims, now, REMEMBERED)?;
        let jti = notice::jti(claims)?;
        let name = notice::name(&[b"risc", namespace.as_bytes(), ours.as_bytes(), jti.as_bytes()]);
        Ok(Notice { name, issued, news: news(claims, ours)? })
    }
}

async fn read(egress: &Egress, at: &Url, issuer: &str) -> Result<Sender, UpstreamError> {
    let document = fetch::object(egress, "risc-configuration", fetch::get(at, None)?).await?;
    let invalid = |what: &str| UpstreamError::Invalid(format!("risc-configuration: {what}"));
    let sender: Sender = serde_json::from_value(Value::Object(document))
        .map_err(|_| invalid("a member is missing or of a wrong type"))?;
    if bare(&sender.issuer) != bare(issuer) {
        return Err(invalid("another issuer"));
    }
    egress.admit(&sender.jwks_uri).map_err(|error| invalid(&format!("jwks_uri: {error}")))?;
    Ok(sender)
}

fn news(claims: &Object, issuer: &str) -> Result<Vec<News>, Unheard> {
    let events =
        claims.get("events").and_then(Value::as_object).filter(|events| (1..=MAX_EVENTS).contains(&events.len()));
    let events = events.ok_or(malformed("no events"))?;
    events.iter().map(|(kind, event)| one(kind, event, claims, issuer)).collect()
}

fn one(kind: &str, event: &Value, claims: &Object, issuer: &str) -> Result<News, Unheard> {
    let event = event.as_object().ok_or(malformed("an event that is none"))?;
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let word = match kind.strip_prefix(EVENTS).unwrap_or_default() {
        "risc/event-type/sessions-revoked" => Word::SessionsRevoked,
        "oauth/event-type/tokens-revoked" => Word::AccessRevoked,
        "risc/event-type/account-disabled" => Word::Disabled { hijacked: text("reason") == Some("hijacking") },
        "risc/event-type/account-enabled" => Word::Enabled,
        "risc/event-type/account-purged" => Word::Gone,
        "risc/event-type/account-credential-change-required" => Word::CredentialChange,
        // Its subject is a refresh token, of which none is asked for and none kept.
        "oauth/event-type/token-revoked" => return Ok(News { whom: None, word: Word::TokenRevoked }),
        "risc/event-type/verification" => {
            let state = text("state").unwrap_or_default().chars().take(MAX_STATE).collect();
            return Ok(News { whom: None, word: Word::Trial(state) });
        }
        _ => return Ok(News { whom: None, word: Word::Other }),
    };
    Ok(News { whom: Some(whom(event, claims, issuer)?), word })
}

/// Whom an event is about: `sub_id` of the token (RFC 9493), or `subject` of the event, where older transmitters have
/// it. Where both are, they must agree.
fn whom(event: &Object, claims: &Object, issuer: &str) -> Result<UpstreamSubject, Unheard> {
    let mut found = None;
    for member in [claims.get("sub_id"), event.get("subject")].into_iter().flatten() {
        let text = |name: &str| member.get(name).and_then(Value::as_str);
        let format = text("format").or_else(|| text("subject_type")).unwrap_or_default();
        if !matches!(format, "iss_sub" | "iss-sub" | "id_token_claims" | "id-token-claims") {
            return Err(malformed("a subject of another format"));
        }
        if text("iss").map(bare) != Some(issuer) {
            return Err(malformed("a subject of another issuer"));
        }
        let subject = notice::subject(member.get("sub"))?;
        if found.as_ref().is_some_and(|other| *other != subject) {
            return Err(malformed("two subjects"));
        }
        found = Some(subject);
    }
    found.ok_or(malformed("no subject"))
}
