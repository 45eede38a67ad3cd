//! What Sign in with Apple tells of a person: a signed token whose `events` is JSON in a text.

use serde::Deserialize;
use serde_json::Value;

use crate::upstream::{
    UpstreamSubject,
    jws::{self, LEEWAY, Parts},
    notice::{self, Fault, News, Notice, REMEMBERED, Unheard, Word, malformed},
    oidc::OidcProvider,
};

/// The one event of a notification.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    sub: String,
}

impl OidcProvider {
    /// Verifies a notification.
    pub(in crate::upstream) async fn notification(&self, payload: &str) -> Result<Notice, Unheard> {
        let parts = Parts::split(payload).ok_or(malformed("not a signed token"))?;
        parts.verify(&self.keys, self.alg, &["jwt"]).await?;
        let (claims, now) = (&parts.claims, self.clock.now());
        let endpoints = self.endpoints.get().await.map_err(Unheard::Unavailable)?;
        if claims.get("iss").and_then(Value::as_str) != Some(&*endpoints.issuer) {
            return Err(Fault::InvalidIssuer.because("it is of another issuer"));
        }
        notice::check_audience(claims, &self.registration.client_id)?;
        let issued = notice::issued(claims, now, REMEMBERED)?;
        if jws::time(claims, "exp").map_err(malformed)?.is_some_and(|expires| now >= expires.plus(LEEWAY)) {
            return Err(malformed("it has expired"));
        }
        let jti = notice::jti(claims)?;
        let name = notice::name(&[b"apple", self.about.namespace.as_bytes(), jti.as_bytes()]);
        Ok(Notice { name, issued, news: vec![news(claims.get("events"))?] })
    }
}

fn news(events: Option<&Value>) -> Result<News, Unheard> {
    let event: Option<Event> = match events {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(object @ Value::Object(_)) => serde_json::from_value(object.clone()).ok(),
        _ => None,
    };
    let Event { kind, sub } = event.ok_or(malformed("no events"))?;
    let word = match kind.as_str() {
        "consent-revoked" => Word::AccessRevoked,
        // Apple's page has the one, its messages the other.
        "account-delete" | "account-deleted" => Word::Gone,
        "email-disabled" => Word::MailOff,
        "email-enabled" => Word::MailOn,
        _ => return Ok(News { whom: None, word: Word::Other }),
    };
    Ok(News { whom: Some(UpstreamSubject::new(sub).ok_or(malformed("no subject"))?), word })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_json_in_a_text() {
        let said = |events: Value| news(Some(&events)).map(|news| news.word);
        let text = |kind: &str| json!(format!(r#"{{"type":"{kind}","sub":"000.a.1","event_time":1611765847700}}"#));
        assert_eq!(said(text("consent-revoked")), Ok(Word::AccessRevoked));
        assert_eq!(said(text("account-delete")), Ok(Word::Gone));
        assert_eq!(said(text("account-deleted")), Ok(Word::Gone));
        assert_eq!(said(text("something-new")), Ok(Word::Other));
        assert_eq!(said(json!({ "type": "email-enabled", "sub": "000.a.1" })), Ok(Word::MailOn));
        for broken in [json!("{"), json!([]), json!(7), json!("{\"type\":\"consent-revoked\"}"), json!({ "sub": "1" })]
        {
            assert!(said(broken.clone()).is_err(), "{broken}");
        }
        assert!(news(None).is_err());
    }
}
