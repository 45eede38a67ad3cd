//! Providers without ID tokens, by configuration: the subject and the claims are read from a document by JSON
//! pointers (RFC 6901), with a token that is proven to be issued for us before it identifies anyone (RFC 9700,
//! section 4.6).

use std::sync::Arc;

use async_trait::async_trait;
use oauth2::{IntrospectionUrl, RequestTokenError, TokenIntrospectionResponse};
use serde_json::Value;

use super::{
    About, Begin, Callback, Held, Identity, Provider, Started, UpstreamError, UpstreamSubject,
    answer::{self, Iss},
    authorize::{self, Request},
    client::{self, Client, Registration, Tokens},
    fetch, profile,
};
use crate::{
    config::{AudienceCheck, OAuth2Endpoints},
    egress::Egress,
    types::{Claim, Claims, Clock, Random},
};

/// A provider with endpoints and a mapping.
pub(super) struct OAuth2Provider {
    pub(super) about: About,
    pub(super) registration: Registration,
    pub(super) endpoints: OAuth2Endpoints,
    pub(super) scopes: Vec<String>,
    pub(super) groups_claim: Option<String>,
    pub(super) egress: Egress,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

#[async_trait]
impl Provider for OAuth2Provider {
    fn about(&self) -> &About {
        &self.about
    }

    async fn begin(&self, begin: &Begin) -> Result<Started, UpstreamError> {
        let request = Request::without_id_token(&self.about.id, self.scopes.clone(), authorize::standard(begin));
        Ok(request.start(&self.client()?, begin, self.clock.now(), &self.random))
    }

    async fn finish(&self, held: &Held, callback: &Callback) -> Result<Identity, UpstreamError> {
        // Without an announced issuer there is nothing to compare `iss` with; that each provider has a redirect URI
        // of its own is what keeps them apart.
        let code = answer::code(&self.about.id, held, callback, Iss::Optional)?;
        let client = self.client()?;
        let tokens = client::exchange(&client, &self.egress, code, held.verifier.as_deref()).await?;
        self.check_audience(client, &tokens).await?;
        let request = fetch::get(&self.endpoints.userinfo, Some(tokens.access().secret()))?;
        let document = Value::Object(fetch::object(&self.egress, "user document", request).await?);
        Ok(self.about.vouch(
            subject(document.pointer(&self.endpoints.subject))?,
            self.claims(&document),
            self.clock.now(),
        ))
    }
}

impl OAuth2Provider {
    fn client(&self) -> Result<Client, UpstreamError> {
        // Providers of this kind are older than the rule that the header comes first, and all take the body.
        self.registration.client(&self.endpoints.authorization, &self.endpoints.token, true, self.clock.now())
    }

    async fn check_audience(&self, client: Client, tokens: &Tokens) -> Result<(), UpstreamError> {
        let AudienceCheck::Introspection(at) = &self.endpoints.audience_check else {
            // The token came from the token endpoint for our own code, with our secret and our verifier.
            return Ok(());
        };
        let invalid = || UpstreamError::Invalid("introspection: not a token for us".into());
        let client = client.set_introspection_url(IntrospectionUrl::from_url(at.clone()));
        let said =
            client.introspect(tokens.access()).request_async(&self.egress).await.map_err(|error| match error {
                RequestTokenError::Request(error) => error.into(),
                _ => invalid(),
            })?;
        let us = self.registration.client_id.as_str();
        let named = said.client_id().map(|id| id.as_str() == us);
        let audience = said.aud().is_some_and(|all| all.iter().any(|one| one == us));
        if said.active() && named.unwrap_or(audience) { Ok(()) } else { Err(invalid()) }
    }

    fn claims(&self, document: &Value) -> Claims {
        let mut claims = Claims::default();
        for (claim, pointer) in &self.endpoints.claims {
            if let Some(value) = document.pointer(pointer) {
                claims.insert(*claim, value.clone());
            }
        }
        if let Some(groups) = self.groups_claim.as_ref().and_then(|name| document.get(name)) {
            claims.insert(Claim::Groups, groups.clone());
        }
        profile::tidy(&mut claims);
        claims
    }
}

/// A subject is text, or a whole number as GitHub has it. A fraction would not have one spelling.
pub(super) fn subject(value: Option<&Value>) -> Result<UpstreamSubject, UpstreamError> {
    let text = match value {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) if number.is_u64() => Some(number.to_string()),
        _ => None,
    };
    text.and_then(UpstreamSubject::new).ok_or_else(|| UpstreamError::Invalid("user document: no subject".into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_subject_has_one_spelling() {
        assert_eq!(subject(Some(&json!(1815121))).map(|s| s.expose().to_owned()), Ok("1815121".into()));
        assert_eq!(subject(Some(&json!("1815121"))).map(|s| s.expose().to_owned()), Ok("1815121".into()));
        for odd in [json!(1.5), json!(-1), json!(1e3), json!(true), json!(null), json!(""), json!([]), json!("a b")] {
            assert!(subject(Some(&odd)).is_err(), "{odd}");
        }
        assert!(subject(None).is_err());
    }
}
