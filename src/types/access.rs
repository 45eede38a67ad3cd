//! Who may use an app: rules in order, the first that fits decides, none means no.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{AppId, ProviderId, request_path::PathPrefix};

/// One member of an app's `access` list. All conditions that it names must hold; a condition that it does not name
/// always does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The start of the path, for the gate.
    pub path: Option<PathPrefix>,
    /// Methods, for the gate.
    pub methods: Option<Vec<String>>,
    /// Nobody needs to sign in.
    pub public: bool,
    /// Verified addresses.
    pub emails: Option<Vec<EmailPattern>>,
    /// Through whom people come in.
    pub providers: Option<Vec<ProviderId>>,
    /// Groups at a provider.
    pub groups: Option<Vec<Group>>,
    /// Machines, by their `client_id`.
    pub apps: Option<Vec<AppId>>,
}

impl Rule {
    /// Whether it says who may come in; one that does not takes anyone who signed in.
    pub const fn names_people(&self) -> bool {
        self.emails.is_some() || self.providers.is_some() || self.groups.is_some()
    }
}

/// A group as a provider names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Group {
    /// The provider's section.
    pub provider: ProviderId,
    /// Its name there.
    pub name: String,
}

/// Why a group was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a group is a provider's section, a colon and its name there")]
pub struct BadGroup;

impl FromStr for Group {
    type Err = BadGroup;

    fn from_str(text: &str) -> Result<Self, BadGroup> {
        let (provider, name) = text.split_once(':').ok_or(BadGroup)?;
        let plain = !name.trim().is_empty() && !name.chars().any(char::is_control);
        let provider = provider.parse().map_err(|_| BadGroup)?;
        plain.then(|| Self { provider, name: name.to_owned() }).ok_or(BadGroup)
    }
}

impl TryFrom<String> for Group {
    type Error = BadGroup;

    fn try_from(text: String) -> Result<Self, BadGroup> {
        text.parse()
    }
}

impl From<Group> for String {
    fn from(group: Group) -> Self {
        group.to_string()
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.name)
    }
}

/// Addresses: one (`a@b`), all of a domain (`*@b`), all of a domain and of those below it (`*@.b`). Compared in ASCII,
/// whatever the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailPattern {
    /// This one.
    One(Email),
    /// Every one of this domain.
    Domain(String),
    /// Every one of this domain and of every domain below it.
    WithSubdomains(String),
}

/// An address that has exactly one reading: one `@`, a plain local part, a domain of letters, digits, hyphens and dots.
/// Whatever else an address may be by RFC 5321 decides nothing here (a quoted local part may hold another `@`).
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    local: String,
    domain: String,
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a plain e-mail address, and none of *@domain and *@.domain")]
pub struct BadEmail;

impl FromStr for Email {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let (local, domain) = text.split_once('@').ok_or(BadEmail)?;
        let local_fits = (1..=64).contains(&local.len())
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte));
        if !local_fits || !is_domain(domain) {
            return Err(BadEmail);
        }
        Ok(Self { local: local.to_ascii_lowercase(), domain: domain.to_ascii_lowercase() })
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(…@{})", self.domain)
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

impl FromStr for EmailPattern {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let Some(domain) = text.strip_prefix("*@") else { return text.parse().map(Self::One) };
        let (below, domain) = domain.strip_prefix('.').map_or((false, domain), |domain| (true, domain));
        if !is_domain(domain) {
            return Err(BadEmail);
        }
        let domain = domain.to_ascii_lowercase();
        Ok(if below { Self::WithSubdomains(domain) } else { Self::Domain(domain) })
    }
}

impl fmt::Display for EmailPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(Email { local, domain }) => write!(f, "{local}@{domain}"),
            Self::Domain(domain) => write!(f, "*@{domain}"),
            Self::WithSubdomains(domain) => write!(f, "*@.{domain}"),
        }
    }
}

impl EmailPattern {
    /// Whether it means this address.
    pub fn matches(&self, email: &Email) -> bool {
        match self {
            Self::One(one) => one == email,
            Self::Domain(domain) => *domain == email.domain,
            Self::WithSubdomains(domain) => email
                .domain
                .strip_suffix(domain.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('.')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, email: &str) -> bool {
        let email = email.parse::<Email>();
        email.is_ok_and(|email| pattern.parse::<EmailPattern>().unwrap().matches(&email))
    }

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, email, fits) in [
            ("ada@example.org", "ada@example.org", true),
            ("Ada@Example.ORG", "ada@example.org", true),
            ("ada@example.org", "bob@example.org", false),
            ("*@example.com", "x@example.com", true),
            ("*@example.com", "x@sub.example.com", false),
            ("*@example.com", "x@evilexample.com", false),
            ("*@.example.com", "x@sub.example.com", true),
            ("*@.example.com", "x@a.b.example.com", true),
            ("*@.example.com", "x@example.com", true),
            ("*@.example.com", "x@evilexample.com", false),
        ] {
            assert_eq!(matches(pattern, email), fits, "{pattern} {email}");
        }
    }

    /// C-6: an address with two readings decides nothing.
    #[test]
    fn odd_addresses_fit_nothing() {
        for odd in [
            "a@evil.test@example.com",
            "\"a@evil.test\"@example.com",
            "a@example.com@evil.test",
            "a@example.com.",
            "a@.example.com",
            "a@example..com",
            "a@-example.com",
            "a @example.com",
            "a@example.com\n",
            "a@example.com ",
            "@example.com",
            "example.com",
            "a@[127.0.0.1]",
            "ä@example.com",
            "a@exämple.com",
            "a,b@example.com",
            "<a@example.com>",
            "a(comment)@example.com",
        ] {
            assert!(!matches("*@example.com", odd), "{odd}");
            assert!(!matches("*@.example.com", odd), "{odd}");
        }
    }

    #[test]
    fn faulty_patterns_are_refused() {
        for bad in ["", "*", "*@", "*@.", "@example.com", "a@", "*@*.com", "*@a b", "a*@example.com@"] {
            assert!(bad.parse::<EmailPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn groups_are_a_provider_and_a_name() {
        let group: Group = "github:acme/ops".parse().unwrap();
        assert_eq!((group.provider.as_str(), group.name.as_str()), ("github", "acme/ops"));
        assert_eq!("home:a:b".parse::<Group>().unwrap().name, "a:b");
        for bad in ["", "acme", ":x", "github:", "github: ", "git hub:x", "github:a\nb"] {
            assert_eq!(bad.parse::<Group>(), Err(BadGroup), "{bad:?}");
        }
    }
}
