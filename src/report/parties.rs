//! Who stands behind a provider: a business of its own, which learns that somebody signs in.

use serde::Serialize;

use crate::config::{ProviderConfig, ProviderKind};

/// Who a provider is, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Who.
    pub company: &'static str,
    /// Where data about a sign-in may go.
    pub countries: &'static str,
}

impl Party {
    /// Who stands behind a provider; `None` where only the operator knows.
    pub(super) fn behind(provider: &ProviderConfig) -> Option<Self> {
        let party = |company, countries| Some(Self { company, countries });
        match &provider.kind {
            // A simulator, or a server inside the house.
            kind if is_moved(kind) => None,
            ProviderKind::Google { .. } => party("Google Ireland Limited, Google LLC", "Ireland, United States"),
            ProviderKind::Facebook { .. } => {
                party("Meta Platforms Ireland Limited, Meta Platforms, Inc.", "Ireland, United States")
            }
            ProviderKind::Github { .. } => party("GitHub, Inc.", "United States"),
            ProviderKind::Microsoft { .. } => {
                party("Microsoft Ireland Operations Limited, Microsoft Corporation", "Ireland, United States")
            }
            ProviderKind::Apple { .. } => {
                party("Apple Distribution International Limited, Apple Inc.", "Ireland, United States")
            }
            ProviderKind::Gitlab { issuer } if issuer == "https://gitlab.com" => party("GitLab Inc.", "United States"),
            ProviderKind::Gitlab { .. } | ProviderKind::Oidc { .. } | ProviderKind::Oauth2(_) => None,
        }
    }
}

/// Whether a kind whose addresses are built in was given others.
const fn is_moved(kind: &ProviderKind) -> bool {
    match kind {
        ProviderKind::Google { base, .. }
        | ProviderKind::Facebook { base, .. }
        | ProviderKind::Github { base }
        | ProviderKind::Microsoft { base, .. }
        | ProviderKind::Apple { base, .. } => base.is_some(),
        ProviderKind::Gitlab { .. } | ProviderKind::Oidc { .. } | ProviderKind::Oauth2(_) => false,
    }
}
