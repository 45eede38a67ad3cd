//! A logout token: an OpenID Provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0,
//! sections 2.4 and 2.6).

use serde_json::Value;

use super::{
    jws::{self, LEEWAY, Parts},
    notice::{self, Fault, News, Notice, Unheard, Word, malformed},
    oidc::OidcProvider,
};

/// The one event that a logout token has.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old one may be: it comes at once.
const MAX_AGE: std::time::Duration = std::time::Duration::from_secs(10 * 60);

impl OidcProvider {
    /// Verifies a logout token. One that names a session and nobody's subject is refused: which of the provider's
    /// sessions a sign-in came from is not kept, and an answer that all is done would be a lie.
    pub(super) async fn logout_token(&self, token: &str) -> Result<Notice, Unheard> {
        let parts = Parts::split(token).ok_or(malformed("not a signed token"))?;
        parts.verify(&self.keys, self.alg, &["logout+jwt", "jwt"]).await?;
        let (claims, now) = (&parts.claims, self.clock.now());
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").unwrap_or_default();
        let endpoints = self.endpoints.get().await.map_err(Unheard::Unavailable)?;
        if !self.quirks.issuers.in_token(&endpoints.issuer, issuer, text("tid")) {
            return Err(Fault::InvalidIssuer.because("it is of another issuer"));
        }
        notice::check_audience(claims, &self.registration.client_id)?;
        let issued = notice::issued(claims, now, MAX_AGE.saturating_add(LEEWAY))?;
        // Required since the errata, and older providers leave it out; the age of `iat` bounds those.
        if jws::time(claims, "exp").map_err(malformed)?.is_some_and(|expires| now >= expires.plus(LEEWAY)) {
            return Err(malformed("it has expired"));
        }
        let events = claims.get("events").and_then(Value::as_object).ok_or(malformed("no events"))?;
        if !events.get(EVENT).is_some_and(Value::is_object) {
            return Err(malformed("it is of another event"));
        }
        // What an ID token has must not pass for an order to sign somebody out.
        if claims.contains_key("nonce") {
            return Err(malformed("it has a nonce"));
        }
        let subject = match claims.get("sub") {
            None if claims.contains_key("sid") => {
                return Err(malformed("a session alone, without sub, is not known here"));
            }
            sub => notice::subject(sub)?,
        };
        let name = notice::name(&[
            b"logout",
            self.about.namespace.as_bytes(),
            issuer.as_bytes(),
            notice::jti(claims)?.as_bytes(),
        ]);
        Ok(Notice { name, issued, news: vec![News { whom: Some(subject), word: Word::SessionsRevoked }] })
    }
}
