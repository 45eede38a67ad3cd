//! Where a provider's endpoints are: its discovery document (OpenID Connect Discovery, section 4), or a fixed list.
//! Only the members that a sign-in needs are read, so that an odd one elsewhere in the document locks nobody out.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{UpstreamError, cache::Cache, fetch};
use crate::{
    egress::Egress,
    types::{Clock, ProviderId},
};

/// What a sign-in needs of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Endpoints {
    pub(super) issuer: String,
    #[serde(rename = "authorization_endpoint")]
    pub(super) authorization: Url,
    #[serde(rename = "token_endpoint")]
    pub(super) token: Url,
    #[serde(rename = "userinfo_endpoint", default)]
    pub(super) userinfo: Option<Url>,
    #[serde(rename = "jwks_uri")]
    pub(super) jwks: Url,
    /// Where tokens are given back (RFC 7009; RFC 8414, section 2).
    #[serde(rename = "revocation_endpoint", default)]
    pub(super) revocation: Option<Url>,
    /// Whether every authorization response carries `iss` (RFC 9207, section 3).
    #[serde(rename = "authorization_response_iss_parameter_supported", default)]
    pub(super) iss_parameter: bool,
    #[serde(rename = "token_endpoint_auth_methods_supported", default)]
    auth_methods: Option<Vec<String>>,
    #[serde(rename = "scopes_supported", default)]
    scopes: Option<Vec<String>>,
}

impl Endpoints {
    /// Endpoints that are known without asking; `client_secret_post` there.
    pub(super) fn fixed(issuer: String, [authorization, token, jwks, revocation]: [Url; 4]) -> Self {
        Self {
            issuer,
            authorization,
            token,
            userinfo: None,
            jwks,
            revocation: Some(revocation),
            iss_parameter: false,
            auth_methods: Some(vec!["client_secret_post".to_owned()]),
            scopes: None,
        }
    }

    /// Whether the secret travels in the body: only where `client_secret_basic`, the default of the standard, is
    /// not offered (OpenID Connect Discovery, section 3).
    pub(super) fn secret_in_body(&self) -> bool {
        let offers = |method: &str| self.auth_methods.as_ref().is_some_and(|all| all.iter().any(|one| one == method));
        !offers("client_secret_basic") && offers("client_secret_post")
    }

    /// Whether the provider says that it knows `scope`.
    pub(super) fn knows_scope(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_some_and(|all| all.iter().any(|one| one == scope))
    }

    /// Refuses endpoints that may not be asked, or that carry what no endpoint has. Without a usable one for revocation
    /// people still sign in.
    fn checked(mut self, egress: &Egress) -> Result<Self, UpstreamError> {
        self.revocation = self.revocation.filter(|url| url.fragment().is_none() && egress.admit(url).is_ok());
        let all = [Some(&self.authorization), Some(&self.token), Some(&self.jwks), self.userinfo.as_ref()];
        for url in all.into_iter().flatten() {
            egress.admit(url).map_err(|error| UpstreamError::Invalid(format!("discovery: an endpoint: {error}")))?;
            if url.fragment().is_some() {
                return Err(UpstreamError::Invalid("discovery: an endpoint has a fragment".into()));
            }
        }
        Ok(self)
    }
}

/// Which issuers are this provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuers {
    /// One, byte for byte.
    Exact(String),
    /// One, which names itself differently in ID tokens at times.
    Alias(String, &'static str),
    /// One for each tenant of an authority; the placeholder `{tenantid}` stands for any.
    Tenants(String),
}

/// Microsoft's placeholder in the issuer of authorities that serve many tenants.
pub(super) const TENANT: &str = "{tenantid}";

impl Issuers {
    /// Whether a discovery document may name this issuer.
    fn in_discovery(&self, issuer: &str) -> bool {
        match self {
            Self::Exact(expected) | Self::Alias(expected, _) => issuer == expected,
            Self::Tenants(authority) => issuer
                .strip_prefix(authority.as_str())
                .and_then(|rest| rest.strip_prefix('/'))
                .and_then(|rest| rest.strip_suffix("/v2.0"))
                .is_some_and(|tenant| tenant == TENANT || is_guid(tenant)),
        }
    }

    /// Whether an ID token may name this issuer, given the one that discovery stated and its `tid`.
    pub(super) fn in_token(&self, discovered: &str, issuer: &str, tenant: Option<&str>) -> bool {
        match self {
            Self::Exact(_) => issuer == discovered,
            Self::Alias(_, alias) => issuer == discovered || issuer == *alias,
            // Also an authority of one tenant, whose issuer has no placeholder, speaks of no other.
            Self::Tenants(authority) => tenant.is_some_and(|tid| {
                is_guid(tid) && issuer == discovered.replace(TENANT, tid) && issuer == format!("{authority}/{tid}/v2.0")
            }),
        }
    }
}

/// Whether `text` has the form of a GUID.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The endpoints of a provider that has a discovery document at `issuer`.
pub(super) fn discovered(
    provider: &ProviderId,
    at: &str,
    issuers: Issuers,
    egress: &Egress,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<Cache<Endpoints>>, url::ParseError> {
    let document = Url::parse(&format!("{}/.well-known/openid-configuration", at.trim_end_matches('/')))?;
    let (provider, egress) = (provider.clone(), egress.clone());
    let known = Arc::new((document, issuers));
    Ok(Cache::new(
        clock.clone(),
        Box::new(move || {
            let (provider, egress, known) = (provider.clone(), egress.clone(), known.clone());
            Box::pin(async move {
                let read = read(&egress, &known.0, &known.1).await;
                read.inspect_err(|error| tracing::warn!(%provider, %error, "no usable discovery document"))
            })
        }),
    ))
}

/// The endpoints of a provider that need no asking.
pub(super) fn fixed(endpoints: Endpoints, clock: &Arc<dyn Clock>) -> Arc<Cache<Endpoints>> {
    Cache::new(
        clock.clone(),
        Box::new(move || {
            let endpoints = endpoints.clone();
            Box::pin(async move { Ok(endpoints) })
        }),
    )
}

async fn read(egress: &Egress, document: &Url, issuers: &Issuers) -> Result<Endpoints, UpstreamError> {
    let members = fetch::object(egress, "discovery", fetch::get(document, None)?).await?;
    let endpoints: Endpoints = serde_json::from_value(Value::Object(members))
        .map_err(|_| UpstreamError::Invalid("discovery: a member is missing or of a wrong type".into()))?;
    if !issuers.in_discovery(&endpoints.issuer) {
        return Err(UpstreamError::Invalid("discovery: another issuer".into()));
    }
    endpoints.checked(egress)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TID: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

    #[test]
    fn an_issuer_is_compared_byte_for_byte() {
        let exact = Issuers::Exact("https://op.example".into());
        for other in ["https://op.example/", "https://OP.example", "http://op.example", "", "https://op.example\n"] {
            assert!(!exact.in_discovery(other) && !exact.in_token("https://op.example", other, None), "{other}");
        }
        let google = Issuers::Alias("https://accounts.google.com".into(), "accounts.google.com");
        assert!(!google.in_discovery("accounts.google.com"));
        assert!(google.in_token("https://accounts.google.com", "accounts.google.com", None));
    }

    #[test]
    fn a_tenant_stands_for_itself_alone() {
        let microsoft = Issuers::Tenants("https://login.example".into());
        let template = "https://login.example/{tenantid}/v2.0";
        assert!(microsoft.in_discovery(template) && microsoft.in_discovery(&template.replace(TENANT, TID)));
        for other in
            ["https://login.example/v2.0", "https://login.example/x/v2.0", "https://evil.example/{tenantid}/v2.0"]
        {
            assert!(!microsoft.in_discovery(other), "{other}");
        }
        let of = |tid: &str| template.replace(TENANT, tid);
        let other = "bbbbcccc-1111-dddd-2222-eeee3333ffff";
        assert!(microsoft.in_token(template, &of(TID), Some(TID)));
        assert!(!microsoft.in_token(template, &of(TID), Some(other)), "iss of one tenant with tid of another");
        assert!(!microsoft.in_token(template, &of("common"), Some("common")));
        assert!(!microsoft.in_token(template, template, Some(TENANT)));
        assert!(!microsoft.in_token(template, &of(TID), None));
        assert!(!microsoft.in_token(&of(other), &of(TID), Some(TID)), "an authority of one tenant");
        assert!(microsoft.in_token(&of(TID), &of(TID), Some(TID)));
        assert!(!microsoft.in_token(&of(TID), &of(TID), Some(other)), "which speaks of another");
    }
}
