//! Providers without peculiarities: any OpenID Provider, and any OAuth 2.0 provider with a user document.

use super::{BuildError, Parts};
use crate::{
    config::OAuth2Endpoints,
    upstream::{
        metadata::Issuers,
        oauth2::OAuth2Provider,
        oidc::{OidcProvider, Quirks},
    },
};

/// `kind = "oidc"`.
pub(super) fn oidc(parts: Parts<'_>, issuer: &str) -> Result<OidcProvider, BuildError> {
    parts.discovered("oidc", issuer, Quirks::none(Issuers::Exact(issuer.to_owned())))
}

/// `kind = "oauth2"`.
pub(super) fn oauth2(parts: Parts<'_>, endpoints: &OAuth2Endpoints) -> OAuth2Provider {
    OAuth2Provider {
        about: parts.about("oauth2", false),
        registration: parts.registration(),
        endpoints: endpoints.clone(),
        scopes: parts.scopes(&[]),
        groups_claim: parts.config.groups_claim.clone(),
        egress: parts.egress,
        clock: parts.clock,
        random: parts.random,
    }
}
