//! What an authorization request asks for.

use super::{fault::Fault, params::Params};
use crate::types::{Timestamp, bytes};

/// A PKCE challenge (RFC 7636, section 4.3).
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) s256: bool,
}

impl Challenge {
    /// Whether `verifier` is the one that it was made of (RFC 7636, section 4.6).
    pub(crate) fn fits(&self, verifier: &str) -> bool {
        let made =
            if self.s256 { bytes::to_base64url(&bytes::sha256(verifier.as_bytes())) } else { verifier.to_owned() };
        bytes::constant_time_eq(made.as_bytes(), self.value.as_bytes())
    }
}

/// An authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) response_type: String,
    pub(crate) response_mode: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) prompt: Vec<String>,
    /// Microsoft's tenant, from the path; empty elsewhere.
    pub(crate) tenant: String,
}

impl Asked {
    /// From the query. Scopes may be separated by commas, too: Facebook and GitHub take both.
    pub(crate) fn from(params: &Params, tenant: &str) -> Self {
        let own = |name| params.get(name).map(str::to_owned);
        let list = |name| -> Vec<String> {
            let text = params.get(name).unwrap_or_default();
            text.split([' ', ',']).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        Self {
            client_id: params.text("client_id"),
            redirect_uri: params.text("redirect_uri"),
            response_type: params.text("response_type"),
            response_mode: own("response_mode"),
            state: own("state"),
            scopes: list("scope"),
            nonce: own("nonce"),
            challenge: own("code_challenge")
                .map(|value| Challenge { value, s256: params.get("code_challenge_method") == Some("S256") }),
            prompt: list("prompt"),
            tenant: tenant.to_owned(),
        }
    }

    /// Whether the request asks for this scope.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }

    /// Whether this `prompt` is among those asked for.
    pub(crate) fn prompts(&self, prompt: &str) -> bool {
        self.prompt.iter().any(|asked| asked == prompt)
    }
}

/// What a person granted: what a code, and then an access token, stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Whose: a place in the list of people.
    pub(crate) person: &'static str,
    pub(crate) asked: Asked,
    /// The scopes that were granted, which may be fewer than asked for.
    pub(crate) scopes: Vec<String>,
    /// When the person agreed, which is also when they signed in.
    pub(crate) at: Timestamp,
    /// What shall go wrong with this login.
    pub(crate) fault: Option<Fault>,
    /// Whether this is the first time that the person comes to this app.
    pub(crate) first: bool,
}

impl Grant {
    /// Whether this scope was granted.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_rfc_7636_appendix_b() {
        let challenge = Challenge { value: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(), s256: true };
        assert!(challenge.fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    }
}
