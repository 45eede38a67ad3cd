//! The `prompt` parameter (OpenID Connect Core, section 3.1.2.1).

use serde::{Deserialize, Serialize};

/// What the app asks to be shown to the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Show nothing; fail where something would have to be shown.
    pub none: bool,
    /// Sign in anew, whatever session there is.
    pub login: bool,
    /// Ask for consent, whatever was agreed before.
    pub consent: bool,
    /// Let the person choose an account at the provider.
    pub select_account: bool,
}

/// `none` together with another value: `invalid_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prompt=none stands alone")]
pub struct NoneWithOthers;

impl Prompt {
    /// Reads the space-separated list. Unknown values (and `create`, which needs nothing here) are ignored.
    ///
    /// # Errors
    /// [`NoneWithOthers`] when `none` comes with any other value, known or not.
    pub fn parse(text: &str) -> Result<Self, NoneWithOthers> {
        let mut prompt = Self::default();
        let mut count = 0;
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            count += 1;
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => {}
            }
        }
        if prompt.none && count > 1 { Err(NoneWithOthers) } else { Ok(prompt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone() {
        assert_eq!(Prompt::parse("none login"), Err(NoneWithOthers));
        assert_eq!(Prompt::parse("none whatever"), Err(NoneWithOthers));
        assert!(Prompt::parse("none").unwrap().none);
        let both = Prompt::parse("login consent").unwrap();
        assert!(both.login && both.consent && !both.none);
    }
}
