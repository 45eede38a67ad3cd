//! `[registration]`: whether apps may register themselves, and with what.

use super::{apps, section::Section};

/// `[registration]`. All of it is off unless it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// SHA-256 of the tokens with which an app may register itself (RFC 7591, section 3); nobody may without one.
    pub initial_access_tokens: Vec<[u8; 32]>,
    /// Whether an app may be named after a document of its own on the web (Client ID Metadata Document).
    pub client_id_documents: bool,
    /// The services that such an app, or one that registered itself, may name in `resource` (RFC 8707, section 2).
    pub audiences: Vec<String>,
}

impl Registration {
    /// Whether apps may register themselves.
    pub const fn is_open(&self) -> bool {
        !self.initial_access_tokens.is_empty()
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Registration> {
    let documents = section.flag("client_id_documents", false);
    let tokens = section.get("initial_access_token_sha256").map_or(Some(Vec::new()), |value| apps::hashes(&value));
    let audiences = apps::audiences::read(section, "audiences");
    Some(Registration { initial_access_tokens: tokens?, client_id_documents: documents?, audiences: audiences? })
}
