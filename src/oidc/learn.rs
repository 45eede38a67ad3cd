//! What is kept of what a provider said when somebody came back from it: of groups those that rules name.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    flow::Learned,
    types::{Claim, Claims, access::Group},
    upstream::{Held, Identity},
    web::House,
};

/// The claims to keep, and what rules may ask of this person. Groups count if they were asked for; the domain that the
/// provider vouches for counts as one.
pub(super) fn from(house: &House, held: &Held, identity: &Identity) -> (Claims, Learned) {
    let said = identity.claims.get(Claim::Groups).and_then(Value::as_array).into_iter().flatten();
    let mut theirs: BTreeSet<&str> = said.filter_map(Value::as_str).collect();
    theirs.extend(identity.hosted_domain.as_deref().into_iter().chain(identity.groups.iter().map(String::as_str)));
    let directory = house.directory();
    let named = directory.named_groups(&identity.provider).filter(|_| held.groups);
    let asked: BTreeSet<Group> = named.cloned().collect();
    let groups: BTreeSet<Group> = asked.iter().filter(|group| theirs.contains(group.name.as_str())).cloned().collect();
    let mut known = identity.claims.clone();
    known.remove(Claim::Groups);
    if !asked.is_empty() {
        let names = groups.iter().map(|group| group.name.clone().into()).collect();
        known.insert(Claim::Groups, Value::Array(names));
    }
    (known, Learned { asked, groups, at: house.clock.now() })
}
