//! `[registration]`: whether apps may register themselves, and with what.

use super::{apps, section::Section};

/// `[registration]`. All of it is off unless it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// SHA-256 of the tokens with which an app may register itself (RFC 7591, section 3); nobody may without one.
    pub initial_access_tokens: Vec<[u8; 32]>,
}

impl Registration {
    /// Whether apps may register themselves.
    pub const fn is_open(&self) -> bool {
        !self.initial_access_tokens.is_empty()
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Registration> {
    section.later("client_id_documents");
    let tokens = section.get("initial_access_token_sha256").map_or(Some(Vec::new()), |value| apps::hashes(&value));
    Some(Registration { initial_access_tokens: tokens? })
}
