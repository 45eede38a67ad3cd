//! The environment, as a value: whoever needs it takes it as a parameter, and tests make their own.

use std::{collections::BTreeMap, ffi::OsString};

/// Environment variables.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The one of this process.
    pub fn of_process() -> Self {
        std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value)).collect()
    }

    /// What `name` holds. `None` where it is not set, or is not text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|value| value.to_str())
    }

    /// Each variable whose name begins with `prefix`, whatever the case; the value is `None` where it is not text.
    pub(super) fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0
            .iter()
            .filter(move |(name, _)| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)))
            .map(|(name, value)| (name.as_str(), value.to_str()))
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
