//! Names of sections that the operator chooses: `[providers.X]`, `[apps.X]`.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use super::{section::Section, value::Value};

/// Every section below `section`, with its name parsed. Names are unique whatever the case, so that two cannot be
/// mistaken for each other; a section with a bad name is left out, after its mistake was recorded.
pub(super) fn sections<'a, N: FromStr<Err: Display>>(section: Section<'a>) -> Vec<(N, Section<'a>)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for (name, value) in section.entries() {
        let parsed = parse(name, &value, seen.get(&name.to_ascii_lowercase()).copied());
        seen.entry(name.to_ascii_lowercase()).or_insert(name);
        let Some(inner) = value.section() else { continue };
        match parsed {
            Some(parsed) => all.push((parsed, inner)),
            // Its keys are not judged: what it is meant to be is not known.
            None => inner.forgive(),
        }
    }
    all
}

fn parse<N: FromStr<Err: Display>>(name: &str, value: &Value<'_>, twin: Option<&str>) -> Option<N> {
    if let Some(twin) = twin {
        value.fault(
            format!("differs from `{twin}` in upper and lower case only"),
            "rename one of the two: names are unique whatever the case",
        );
        return None;
    }
    name.parse().map_err(|problem: N::Err| value.fault(problem.to_string(), "rename the section")).ok()
}
