//! Scopes (RFC 6749, section 3.3; OpenID Connect Core, section 5.4).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Claim;

/// One scope value that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named as the standard names it")]
pub enum ScopeValue {
    Openid,
    Profile,
    Email,
    Address,
    Phone,
    Groups,
    OfflineAccess,
}

impl ScopeValue {
    /// All of them, as discovery lists them.
    pub const ALL: [Self; 7] =
        [Self::Openid, Self::Profile, Self::Email, Self::Address, Self::Phone, Self::Groups, Self::OfflineAccess];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Groups => "groups",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// The scope that asks for `claim` (OpenID Connect Core, section 5.4).
    pub const fn of(claim: Claim) -> Self {
        match claim {
            Claim::Email | Claim::EmailVerified => Self::Email,
            Claim::PhoneNumber | Claim::PhoneNumberVerified => Self::Phone,
            Claim::Address => Self::Address,
            Claim::Groups => Self::Groups,
            _ => Self::Profile,
        }
    }
}

/// The scope of a request or a token: a set of the values that we know. Values that we do not know are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(std::collections::BTreeSet<ScopeValue>);

impl Scope {
    /// Reads a space-separated list, ignoring what is unknown.
    pub fn parse(text: &str) -> Self {
        let known = |name: &str| ScopeValue::ALL.into_iter().find(|value| value.as_str() == name);
        Self(text.split(' ').filter_map(known).collect())
    }

    /// Whether `value` is in it.
    pub fn has(&self, value: ScopeValue) -> bool {
        self.0.contains(&value)
    }

    /// Whether it asks for `claim`.
    pub fn asks(&self, claim: Claim) -> bool {
        self.has(ScopeValue::of(claim))
    }

    /// The same without `value`.
    #[must_use]
    pub fn without(mut self, value: ScopeValue) -> Self {
        self.0.remove(&value);
        self
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every value of this one is in `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(value.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_are_ignored_and_the_rest_keeps_one_order() {
        let scope = Scope::parse("email  bogus openid OPENID email");
        assert_eq!(scope.to_string(), "openid email");
        assert!(scope.asks(Claim::EmailVerified) && !scope.asks(Claim::Name));
    }
}
