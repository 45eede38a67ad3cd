//! Names of things. The side is always in the type: an app is never taken for a provider.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{bytes, document_url};

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")]
pub struct BadName;

/// A name as sections of the configuration have it: `[A-Za-z0-9._-]{1,64}`.
fn is_section_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

macro_rules! section_name {
    ($(#[$doc:meta])* $name:ident $(, or $other:path)?) => {
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
                (is_section_name(text) $(|| $other(text))?).then(|| Self(text.into())).ok_or(BadName)
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
    /// An app's name on the wire: its `client_id` towards us (RFC 6749, section 2.2). A section of the configuration, or
    /// the address of a document that describes the app.
    AppId, or document_url::is_one
}

/// What stands before an address that was made part of another name; no section begins so.
const ENCODED: char = '~';

impl AppId {
    /// Whether it is the address of a document (Client ID Metadata Document).
    pub fn is_document(&self) -> bool {
        self.0.starts_with(document_url::SCHEME)
    }

    /// The host, and the port if it is unusual, of the document that the app is named after.
    pub fn document_host(&self) -> Option<String> {
        document_url::host(self.as_str()).filter(|_| self.is_document())
    }

    /// As it stands inside another name, such as a record's or a path: an address in base64url, so that it separates
    /// nothing there; any other id as it is.
    pub fn as_part(&self) -> Cow<'_, str> {
        if self.is_document() {
            return format!("{ENCODED}{}", bytes::to_base64url(self.0.as_bytes())).into();
        }
        self.as_str().into()
    }

    /// The id that [`AppId::as_part`] made this of.
    ///
    /// # Errors
    /// [`BadName`] for what it never makes.
    pub fn from_part(part: &str) -> Result<Self, BadName> {
        let Some(encoded) = part.strip_prefix(ENCODED) else {
            return part.parse().ok().filter(|id: &Self| !id.is_document()).ok_or(BadName);
        };
        let text = bytes::from_base64url(encoded).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(BadName)?;
        text.parse().ok().filter(Self::is_document).ok_or(BadName)
    }
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
    fn an_address_of_a_document_is_a_name_that_separates_nothing_inside_another() {
        let id: AppId = "https://a.test:8443/app.json?v={}:1".parse().unwrap();
        assert!(id.is_document() && !"notes".parse::<AppId>().unwrap().is_document());
        assert_eq!(id.document_host().as_deref(), Some("a.test:8443"));
        let part = id.as_part().into_owned();
        assert!(part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"~_-".contains(&byte)), "{part}");
        assert_eq!(AppId::from_part(&part), Ok(id));
        assert_eq!(AppId::from_part("notes").map(|id| id.as_part().into_owned()), Ok("notes".to_owned()));
        for bad in ["https://a.test/x", "~bm90ZXM", "~", "~!", ""] {
            assert_eq!(AppId::from_part(bad), Err(BadName), "{bad:?}");
        }
        assert!("https://a.test/x".parse::<ProviderId>().is_err());
    }

    #[test]
    fn random_ids_round_trip_and_refuse_other_lengths() {
        let id = RandomId::new([9; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("AAAA".parse::<RandomId>().is_err());
    }
}
