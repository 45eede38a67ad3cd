//! Addresses that an app names of itself, which nobody looked at before.

use serde_json::{Map, Value};
use url::Url;

use crate::{config::NotRegistered, egress::Egress, types::urls::is_loopback};

/// What an app may name beside the ways back to it.
const NAMES: [&str; 6] = ["client_uri", "policy_uri", "tos_uri", "logo_uri", "jwks_uri", "sector_identifier_uri"];

/// Every address that we, or people by our word, may be led to is one on the web: not here, not in a private network.
///
/// # Errors
/// The first that is none.
pub fn are_public(egress: &Egress, said: &Map<String, Value>) -> Result<(), NotRegistered> {
    for name in NAMES {
        let Some(value) = said.get(name).filter(|value| !value.is_null()) else { continue };
        let url = value.as_str().and_then(|text| Url::parse(text).ok()).filter(|url| url.scheme() == "https");
        let is_public = |url: &Url| egress.admit(url).is_ok() && !url.host().is_some_and(|host| is_loopback(&host));
        if !url.is_some_and(|url| is_public(&url)) {
            return Err(NotRegistered::because(format!("{name} is not a public https address")));
        }
    }
    Ok(())
}
