//! What a login taught, as far as rules may ask for it. It grows stale, so its moment goes with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::access::Person;
use crate::types::{App, Claims, ProviderId, Timestamp, access::Group};

/// The groups of one person, of those that rules name, and when the provider was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The groups that the provider was asked for; of the others nothing is known.
    pub asked: BTreeSet<Group>,
    /// The groups among them that the person is in.
    pub groups: BTreeSet<Group>,
    /// When. The beginning of time for what was never asked: it is stale.
    pub at: Timestamp,
}

impl Learned {
    /// The part that the rules of `app` ask for; nothing for an app without rules.
    pub fn for_app(&self, app: &App) -> Option<Self> {
        app.access.as_ref()?;
        let named: BTreeSet<&Group> = app.named_groups().collect();
        let of = |groups: &BTreeSet<Group>| groups.iter().filter(|group| named.contains(group)).cloned().collect();
        Some(Self { asked: of(&self.asked), groups: of(&self.groups), at: self.at })
    }

    /// Somebody who came in through `provider`, as rules see them.
    pub const fn person<'a>(&'a self, provider: &'a ProviderId, known: &'a Claims) -> Person<'a> {
        Person { provider, known, asked: &self.asked, groups: &self.groups, learned: self.at }
    }
}
