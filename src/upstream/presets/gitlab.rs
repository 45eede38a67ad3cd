//! GitLab, gitlab.com or an own instance. Older versions put the profile in UserInfo alone, and `groups` comes unasked:
//! both are taken care of by the rules for everybody.

use super::{BuildError, Parts};
use crate::upstream::{
    metadata::Issuers,
    oidc::{OidcProvider, Quirks},
};

pub(super) fn provider(parts: Parts<'_>, issuer: &str) -> Result<OidcProvider, BuildError> {
    parts.discovered("gitlab", issuer, Quirks::none(Issuers::Exact(issuer.to_owned())))
}
