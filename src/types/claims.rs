//! Claims: what can be said about a person (OpenID Connect Core, section 5.1), and the values that were said.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A claim that an app may ask for: the standard claims of OpenID Connect Core 5.1, and `groups`.
/// `sub` is not among them: it is always given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named as OpenID Connect Core 5.1 defines it")]
pub enum Claim {
    Name,
    GivenName,
    FamilyName,
    MiddleName,
    Nickname,
    PreferredUsername,
    Profile,
    Picture,
    Website,
    Email,
    EmailVerified,
    Gender,
    Birthdate,
    Zoneinfo,
    Locale,
    PhoneNumber,
    PhoneNumberVerified,
    Address,
    UpdatedAt,
    Groups,
}

impl Claim {
    /// All of them, in the order of the standard.
    pub const ALL: [Self; 20] = [
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::MiddleName,
        Self::Nickname,
        Self::PreferredUsername,
        Self::Profile,
        Self::Picture,
        Self::Website,
        Self::Email,
        Self::EmailVerified,
        Self::Gender,
        Self::Birthdate,
        Self::Zoneinfo,
        Self::Locale,
        Self::PhoneNumber,
        Self::PhoneNumberVerified,
        Self::Address,
        Self::UpdatedAt,
        Self::Groups,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::MiddleName => "middle_name",
            Self::Nickname => "nickname",
            Self::PreferredUsername => "preferred_username",
            Self::Profile => "profile",
            Self::Picture => "picture",
            Self::Website => "website",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Gender => "gender",
            Self::Birthdate => "birthdate",
            Self::Zoneinfo => "zoneinfo",
            Self::Locale => "locale",
            Self::PhoneNumber => "phone_number",
            Self::PhoneNumberVerified => "phone_number_verified",
            Self::Address => "address",
            Self::UpdatedAt => "updated_at",
            Self::Groups => "groups",
        }
    }

    /// The claim that says whether this one was verified; it goes where this one goes.
    pub const fn companion(self) -> Option<Self> {
        match self {
            Self::Email => Some(Self::EmailVerified),
            Self::PhoneNumber => Some(Self::PhoneNumberVerified),
            _ => None,
        }
    }

    /// Whether `value` has the JSON type that OpenID Connect Core 5.1 gives this claim; a provider's value
    /// that has not is dropped, never converted (`"true"` is not a verified address).
    pub fn fits(self, value: &Value) -> bool {
        match self {
            Self::EmailVerified | Self::PhoneNumberVerified => value.is_boolean(),
            Self::UpdatedAt => value.is_u64(),
            Self::Address => value.as_object().is_some_and(|fields| fields.values().all(Value::is_string)),
            Self::Groups => value.as_array().is_some_and(|groups| groups.iter().all(Value::is_string)),
            _ => value.as_str().is_some_and(|text| !text.is_empty()),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Claim {
    type Err = UnknownClaim;

    fn from_str(text: &str) -> Result<Self, UnknownClaim> {
        Self::ALL.into_iter().find(|claim| claim.as_str() == text).ok_or(UnknownClaim)
    }
}

/// No claim has that name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a standard claim of OpenID Connect Core 5.1, nor `groups`")]
pub struct UnknownClaim;

/// The most bytes that one claim may have as JSON; what is longer is dropped at the door.
const MAX_VALUE: usize = 4096;

/// Values of claims about one person. Holds only values that [fit](Claim::fits), each of bounded size.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Claims(BTreeMap<Claim, Value>);

impl Claims {
    /// Keeps `value` for `claim` if it fits, in type and in size; says whether it did.
    pub fn insert(&mut self, claim: Claim, value: Value) -> bool {
        let keeps = claim.fits(&value) && value.to_string().len() <= MAX_VALUE;
        if keeps {
            self.0.insert(claim, value);
        }
        keeps
    }

    /// The value of `claim`.
    pub fn get(&self, claim: Claim) -> Option<&Value> {
        self.0.get(&claim)
    }

    /// The value of `claim`, where it is text.
    pub fn text(&self, claim: Claim) -> Option<&str> {
        self.get(claim).and_then(Value::as_str)
    }

    /// Takes `claim` out.
    pub fn remove(&mut self, claim: Claim) {
        self.0.remove(&claim);
    }

    /// All, in the order of the standard.
    pub fn iter(&self) -> impl Iterator<Item = (Claim, &Value)> {
        self.0.iter().map(|(claim, value)| (*claim, value))
    }

    /// Only those for which `keep` says so.
    pub fn filtered(&self, keep: impl Fn(Claim) -> bool) -> Self {
        Self(self.0.iter().filter(|(claim, _)| keep(**claim)).map(|(claim, value)| (*claim, value.clone())).collect())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Claims {
    /// Names only: values are personal and have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys().map(|claim| claim.as_str())).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_boolean_true_verifies_an_address() {
        for odd in [json!("true"), json!(1), json!("1"), json!([]), json!({}), json!(null)] {
            assert!(!Claims::default().insert(Claim::EmailVerified, odd.clone()), "{odd}");
        }
        assert!(Claims::default().insert(Claim::EmailVerified, json!(true)));
    }

    #[test]
    fn values_of_the_wrong_type_or_size_are_dropped() {
        let mut claims = Claims::default();
        assert!(!claims.insert(Claim::Name, json!(7)));
        assert!(!claims.insert(Claim::Name, json!("")));
        assert!(!claims.insert(Claim::Name, json!("x".repeat(5000))));
        assert!(claims.insert(Claim::Name, json!("Ada")));
        assert_eq!(format!("{claims:?}"), r#"{"name"}"#);
    }

    #[test]
    fn names_round_trip() {
        for claim in Claim::ALL {
            assert_eq!(claim.as_str().parse(), Ok(claim));
            assert_eq!(serde_json::to_value(claim).unwrap(), json!(claim.as_str()));
        }
        assert_eq!("sub".parse::<Claim>(), Err(UnknownClaim));
    }
}
