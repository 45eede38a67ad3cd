//! Claims that are asked for one by one (OpenID Connect Core, section 5.5), beside those that a scope asks for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Claim;

/// What is asked for, and where it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// In the ID token.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub id_token: BTreeSet<Claim>,
    /// At UserInfo.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub userinfo: BTreeSet<Claim>,
    /// Whether the ID token is to say how the person was authenticated (`acr`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acr: bool,
}

impl ClaimsRequest {
    /// Whether it asks for `claim`, wherever it is to be.
    pub fn asks(&self, claim: Claim) -> bool {
        self.id_token.contains(&claim) || self.userinfo.contains(&claim)
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
