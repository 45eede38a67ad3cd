//! GitLab, gitlab.com or an own instance. The profile, and `groups` with the full paths of somebody's groups and subgroups
//! (`acme/ops`), are in UserInfo alone, unasked: who reads them keeps those that rules name.

use super::{BuildError, Parts};
use crate::upstream::{
    metadata::Issuers,
    oidc::{OidcProvider, Quirks},
};

/// Where GitLab lists them. `groups_direct`, in the ID token, leaves out what is inherited.
const GROUPS: &str = "groups";

pub(super) fn provider(parts: Parts<'_>, issuer: &str) -> Result<OidcProvider, BuildError> {
    let provider = parts.discovered("gitlab", issuer, Quirks::none(Issuers::Exact(issuer.to_owned())))?;
    let groups_claim = provider.groups_claim.or_else(|| Some(GROUPS.to_owned()));
    Ok(OidcProvider { groups_claim, ..provider })
}
