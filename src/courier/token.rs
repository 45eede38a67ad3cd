//! A letter as its app reads it: a security event token (RFC 8417, as SSF 1.0 profiles it) or a logout token (OpenID
//! Connect Back-Channel Logout 1.0, section 2.4), signed when it goes out.

use serde_json::{Map, Value, json};

use crate::{
    keyring::{Keyring, TokenType},
    outbox::{Letter, News},
    partition::By,
    types::{App, Claim, Timestamp, urls::Issuer},
};

/// How long a logout token is good. The standard says two minutes at most; there is nothing to wait for.
const LOGOUT_LIVES: std::time::Duration = std::time::Duration::from_secs(120);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// There are no keys yet.
    #[error("there are no signing keys yet")]
    NotReady,
    /// The library said so.
    #[error(transparent)]
    Sign(#[from] crate::keyring::SignError),
}

/// Signs a letter with the algorithm that its app expects of ID tokens.
///
/// # Errors
/// [`SetError`]; then it may go out later.
pub fn sign(letter: &Letter, app: &App, issuer: &Issuer, keys: &Keyring, now: Timestamp) -> Result<String, SetError> {
    let signer = keys.current(app.id_token_alg).ok_or(SetError::NotReady)?;
    let (typ, claims) = match letter.news {
        News::LogOut => (TokenType::Logout, logout(letter, issuer, now)),
        _ => (TokenType::SecurityEvent, event(letter, issuer, now)),
    };
    Ok(signer.sign(typ, claims.to_string().as_bytes())?)
}

fn logout(letter: &Letter, issuer: &Issuer, now: Timestamp) -> Value {
    let mut claims = json!({
        "iss": issuer.as_str(),
        "aud": letter.app.as_str(),
        "iat": now.as_secs(),
        "exp": now.plus(LOGOUT_LIVES).as_secs(),
        "jti": letter.id.to_string(),
        "sub": letter.subject.as_str(),
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    if let (Some(session), Some(claims)) = (&letter.session, claims.as_object_mut()) {
        claims.insert("sid".into(), session.as_str().into());
    }
    claims
}

/// Without `sub` and `exp`, which an SSF event must not have.
fn event(letter: &Letter, issuer: &Issuer, now: Timestamp) -> Value {
    let (kind, content) = content(letter);
    json!({
        "iss": issuer.as_str(),
        "aud": letter.app.as_str(),
        "iat": now.as_secs(),
        "jti": letter.id.to_string(),
        "sub_id": subject(letter, issuer),
        "events": { kind: content },
    })
}

/// The person, or one session of theirs (RFC 9493; SSF 1.0, complex subjects), as this app alone knows them.
fn subject(letter: &Letter, issuer: &Issuer) -> Value {
    let user = json!({ "format": "iss_sub", "iss": issuer.as_str(), "sub": letter.subject.as_str() });
    match &letter.session {
        None => user,
        Some(id) => json!({ "format": "complex", "user": user, "session": { "format": "opaque", "id": id } }),
    }
}

fn content(letter: &Letter) -> (&'static str, Value) {
    let at = letter.at.as_secs();
    match &letter.news {
        News::Purged => ("https://schemas.openid.net/secevent/risc/event-type/account-purged", json!({})),
        News::Revoked { by } => (
            "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
            json!({ "event_timestamp": at, "initiating_entity": entity(*by) }),
        ),
        News::Changed { on, off } => {
            // What is seen no longer has no value. What is seen from now on has one, which only a token carries.
            let claims: Map<String, Value> = off.iter().map(|claim| (claim.as_str().to_owned(), Value::Null)).collect();
            let granted: Vec<&str> = on.iter().copied().map(Claim::as_str).collect();
            (
                "https://schemas.openid.net/secevent/caep/event-type/token-claims-change",
                json!({ "event_timestamp": at, "initiating_entity": "user", "claims": claims, "granted": granted }),
            )
        }
        News::Withdrawn | News::LogOut => {
            ("urn:vestibule:event-type:consent-withdrawn", json!({ "event_timestamp": at }))
        }
    }
}

const fn entity(by: By) -> &'static str {
    match by {
        By::User => "user",
        By::Admin => "admin",
        By::Policy => "policy",
    }
}
