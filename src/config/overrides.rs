//! `VESTIBULE__SECTION__KEY`: variables that override the file. Names ignore case, and `-` is `_`.

use std::collections::BTreeSet;

use super::{
    environment::Environment,
    faults::{Fault, Place},
    raw::{Entry, Node, Raw, Table, read_variable},
};

const PREFIX: &str = "VESTIBULE__";

/// Puts what the variables hold in the place of what the file says.
pub(super) fn apply(root: &mut Table, env: &Environment, faults: &mut Vec<Fault>) {
    let mut variables: Vec<_> = env
        .beginning_with(PREFIX)
        .map(|(name, value)| (name.split("__").skip(1).map(normal).collect::<Vec<_>>(), name, value))
        .collect();
    // A whole section comes before its keys, so that the more specific variable wins.
    variables.sort_by_key(|(path, name, _)| (path.len(), *name));
    let mut taken = BTreeSet::new();
    for (path, name, value) in variables {
        let outcome = match value {
            None => Err(Refused::NotText),
            Some(_) if !taken.insert(path.clone()) => Err(Refused::Twice),
            Some(value) => put(root, &path, read_variable(name, value)),
        };
        if let Err(refused) = outcome {
            faults.push(refused.fault(name, &path));
        }
    }
}

/// One spelling for names that count as the same.
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Why a variable overrides nothing.
enum Refused {
    NotText,
    NoName,
    Twice,
    Ambiguous,
    NotASection,
}

impl Refused {
    fn fault(self, variable: &str, path: &[String]) -> Fault {
        let (problem, remedy) = match self {
            Self::NotText => ("its value is not UTF-8", "write it in UTF-8"),
            Self::NoName => (
                "it names no setting",
                "write VESTIBULE__SECTION__KEY, such as VESTIBULE__LISTEN__HTTP, with two underscores between names",
            ),
            Self::Twice => ("another variable names the same setting", "keep one of the two: names ignore case"),
            Self::Ambiguous => {
                ("two sections of the file have that name, since `-` is `_` and case is ignored", "rename one of them")
            }
            Self::NotASection => (
                "it names a key inside a setting that is no table",
                "override the setting as a whole, or make it a table in the file",
            ),
        };
        Fault {
            place: Place::Variable(variable.to_owned()),
            path: path.join("."),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

fn put(table: &mut Table, path: &[String], node: Node) -> Result<(), Refused> {
    let [name, rest @ ..] = path else { return Err(Refused::NoName) };
    if name.is_empty() {
        return Err(Refused::NoName);
    }
    let mut named = table.0.iter().enumerate().filter(|(_, entry)| normal(&entry.key) == *name).map(|(at, _)| at);
    let found = named.next();
    if named.next().is_some() {
        return Err(Refused::Ambiguous);
    }
    let place = node.place.clone();
    match found.and_then(|at| table.0.get_mut(at)) {
        Some(entry) if rest.is_empty() => {
            entry.node = node;
            entry.place = place;
            Ok(())
        }
        Some(Entry { node: Node { value: Raw::Table(inner), .. }, .. }) => put(inner, rest, node),
        Some(_) => Err(Refused::NotASection),
        None if rest.is_empty() => {
            table.0.push(Entry { key: name.clone(), place, node });
            Ok(())
        }
        None => {
            let mut inner = Table::default();
            put(&mut inner, rest, node)?;
            let value = Raw::Table(inner);
            let node = Node { value, place: place.clone(), spelling: None };
            table.0.push(Entry { key: name.clone(), place, node });
            Ok(())
        }
    }
}
