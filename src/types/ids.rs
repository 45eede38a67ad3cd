//! Names of things. The side is always in the type: an app is never taken for a provider.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::bytes;

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")]
pub struct BadName;

/// A name as sections of the configuration have it: `[A-Za-z0-9._-]{1,64}`.
fn is_section_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

macro_rules! section_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                is_section_name(text).then(|| Self(text.into())).ok_or(BadName)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

section_name! {
    /// An app's name on the wire: its `client_id` towards us (RFC 6749, section 2.2).
    AppId
}
section_name! {
    /// A provider's name: its section in the configuration.
    ProviderId
}

/// An opaque pseudonym of 32 bytes, shown as base64url.
macro_rules! pseudonym {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(with = "serde_bytes")] [u8; 32]);

        impl $name {
            /// From the bytes of a derivation.
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&bytes::to_base64url(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

pseudonym! {
    /// *I*: what stands for one subject of one provider; derived from the pepper, tells nothing without it.
    IdentityId
}
pseudonym! {
    /// An account in one of its lives.
    AccountId
}

impl HomeId {
    /// A partition with a random name, for an identity whose own is taken.
    pub fn generate(random: &dyn super::Random) -> Self {
        Self(super::random::bytes(random))
    }
}

impl FromStr for IdentityId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        bytes::from_base64url(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(BadName)
    }
}

impl IdentityId {
    /// *P*: the partition that this identity opens when it is an account's first.
    pub const fn home(self) -> HomeId {
        HomeId(self.0)
    }
}

pseudonym! {
    /// *P*: an account's home, the partition of all its records.
    HomeId
}

/// The random name of a record, an attempt or a flow: 16 bytes, shown as base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RandomId(#[serde(with = "serde_bytes")] [u8; 16]);

impl RandomId {
    /// A fresh one.
    pub fn generate(random: &dyn super::Random) -> Self {
        Self(super::random::bytes(random))
    }

    /// From bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for RandomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bytes::to_base64url(&self.0))
    }
}

impl fmt::Debug for RandomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RandomId({self})")
    }
}

impl FromStr for RandomId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        bytes::from_base64url(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(BadName)
    }
}

/// What one app (or sector) calls a person: `sub`, pairwise (OpenID Connect Core, section 8).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// From a derivation's text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// As it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!("notes.v2_x-1".parse::<AppId>().is_ok());
        for bad in ["", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
            assert_eq!(bad.parse::<AppId>(), Err(BadName), "{bad:?}");
        }
    }

    #[test]
    fn random_ids_round_trip_and_refuse_other_lengths() {
        let id = RandomId::new([9; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("AAAA".parse::<RandomId>().is_err());
    }
}
