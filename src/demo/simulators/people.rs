//! The example people. Each provider dresses the same cast in its own subjects, addresses and gaps.

use serde_json::{Map, Value};

/// One person to pick.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// What the form and the control endpoint call them.
    pub(crate) handle: &'static str,
    /// The provider's subject.
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    /// What is special about them, for the page.
    pub(crate) note: &'static str,
    /// Claims that this provider alone has.
    pub(crate) extra: Map<String, Value>,
}

impl Person {
    fn new(handle: &'static str, given_name: &str, family_name: &str) -> Self {
        Self {
            handle,
            subject: String::new(),
            name: format!("{given_name} {family_name}"),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            email: None,
            email_verified: false,
            note: "",
            extra: Map::new(),
        }
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    pub(crate) fn email(mut self, email: &str, verified: bool) -> Self {
        self.email = Some(email.to_owned());
        self.email_verified = verified;
        self
    }

    pub(crate) fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(claim.to_owned(), value.into());
        self
    }

    /// A text among the provider's own claims; empty when there is none.
    pub(crate) fn text(&self, claim: &str) -> &str {
        self.extra.get(claim).and_then(Value::as_str).unwrap_or_default()
    }

    /// For the round picture beside the name.
    pub(crate) fn initial(&self) -> String {
        self.name.chars().take(1).collect()
    }
}

/// An ordinary person.
pub(crate) fn ada() -> Person {
    Person::new("ada", "Ada", "Lovelace")
}

/// The person with something missing or hidden.
pub(crate) fn grace() -> Person {
    Person::new("grace", "Grace", "Hopper")
}

/// The person whose address nobody verified.
pub(crate) fn alan() -> Person {
    Person::new("alan", "Alan", "Turing")
}

/// A name that is written from right to left.
pub(crate) fn fatima() -> Person {
    Person::new("fatima", "فاطمة", "الفهرية").note("a name from right to left")
}

/// A name of 200 characters.
pub(crate) fn maximiliana() -> Person {
    let given: String = "Maximiliana Wilhelmina ".repeat(9).chars().take(184).collect();
    Person::new("maximiliana", given.trim_end(), "von Hohenstaufen").note("a name of 200 characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_name_has_200_characters() {
        assert_eq!(maximiliana().name.chars().count(), 200);
    }
}
