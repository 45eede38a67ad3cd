//! What is known of a person, in words.

use serde_json::Value;

use super::Words;
use crate::types::{Claim, Timestamp};

impl Words<'_> {
    /// What a claim is about, such as "Your full name".
    pub fn about(&self, claim: &Claim) -> String {
        self.say(about(*claim))
    }

    /// The value of a claim as a person reads it.
    pub fn value(&self, claim: &Claim, value: &Value) -> String {
        match (claim, value) {
            (_, Value::Bool(true)) => self.say("value-yes"),
            (_, Value::Bool(false)) => self.say("value-no"),
            (Claim::UpdatedAt, Value::Number(seconds)) => {
                let at = Timestamp::from_secs(seconds.as_u64().unwrap_or_default()).rfc3339();
                at.split('T').next().unwrap_or_default().to_owned()
            }
            _ => plain(value),
        }
    }
}

/// The id of the text that says what a claim is about.
pub(super) const fn about(claim: Claim) -> &'static str {
    match claim {
        Claim::Name => "about-name",
        Claim::GivenName => "about-given-name",
        Claim::FamilyName => "about-family-name",
        Claim::MiddleName => "about-middle-name",
        Claim::Nickname => "about-nickname",
        Claim::PreferredUsername => "about-preferred-username",
        Claim::Profile => "about-profile",
        Claim::Picture => "about-picture",
        Claim::Website => "about-website",
        Claim::Email => "about-email",
        Claim::EmailVerified => "about-email-verified",
        Claim::Gender => "about-gender",
        Claim::Birthdate => "about-birthdate",
        Claim::Zoneinfo => "about-zoneinfo",
        Claim::Locale => "about-locale",
        Claim::PhoneNumber => "about-phone-number",
        Claim::PhoneNumberVerified => "about-phone-number-verified",
        Claim::Address => "about-address",
        Claim::UpdatedAt => "about-updated-at",
        Claim::Groups => "about-groups",
    }
}

/// Stands where an app has no picture: the first letter of its name.
pub(super) fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric());
    first.map(|c| c.to_uppercase().collect()).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter()),
        // An address (OpenID Connect Core, section 5.1.1).
        Value::Object(members) => match members.get("formatted").and_then(Value::as_str) {
            Some(formatted) => formatted.to_owned(),
            None => joined(members.values()),
        },
        other => other.to_string(),
    }
}

fn joined<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(plain).collect::<Vec<_>>().join(", ")
}
