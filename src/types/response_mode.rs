//! How an authorization response travels (OAuth 2.0 Multiple Response Types 2.1; Form Post Response Mode).

use serde::{Deserialize, Serialize};

/// Where the parameters of the answer go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// Into the query of the redirect URI.
    #[default]
    Query,
    /// Into its fragment.
    Fragment,
    /// Into a form that the browser posts.
    FormPost,
    /// To the browser itself, which hands it to the page that asked (FedCM). No request names it.
    Browser,
}

impl ResponseMode {
    /// All of them, as discovery lists them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::Browser => "browser",
        }
    }

    /// By its name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}
