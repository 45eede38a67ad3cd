//! The one way to read a section. A reader asks for the keys that it knows; what it never asked for is an unknown
//! key, reported when the section is dropped, so that no reader can forget it. A reader asks for all of its keys
//! before it gives up on any.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    path::Path,
};

use super::{
    environment::Environment,
    faults::{Fault, Place, quoted},
    raw::{Entry, Raw, Table},
    value::Value,
};

/// What all readers share.
pub(super) struct Context<'a> {
    /// For secrets that live there.
    pub env: &'a Environment,
    /// What relative paths are relative to: the folder of the file.
    pub base: &'a Path,
    /// Every mistake so far.
    pub faults: RefCell<Vec<Fault>>,
    /// Every key that a reader asked for, with `*` for names that the operator chooses.
    pub known: RefCell<BTreeSet<String>>,
}

impl<'a> Context<'a> {
    pub fn new(env: &'a Environment, base: &'a Path, faults: Vec<Fault>) -> Self {
        Self { env, base, faults: RefCell::new(faults), known: RefCell::default() }
    }

    pub fn fault(&self, place: &Place, path: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        let fault =
            Fault { place: place.clone(), path: path.to_owned(), problem: problem.into(), remedy: remedy.into() };
        self.faults.borrow_mut().push(fault);
    }
}

static EMPTY: Table = Table(Vec::new());

/// A table of the file, or the absence of one, which has no keys.
pub(super) struct Section<'a> {
    pub(super) cx: &'a Context<'a>,
    table: &'a Table,
    path: String,
    /// The path with `*` for names that the operator chooses.
    pattern: String,
    place: Place,
    asked: RefCell<BTreeSet<String>>,
    /// Keys that are required and not there, each with what to do about it.
    missing: RefCell<Vec<(String, String)>>,
    /// Whether its keys are not to be judged.
    forgiven: Cell<bool>,
    /// Whether nothing is missed in it: it is there, but broken or misspelt, which is mistake enough.
    excused: Cell<bool>,
}

impl<'a> Section<'a> {
    /// The file as a whole. What is missing from it belongs before its first section.
    pub const fn root(cx: &'a Context<'a>, table: &'a Table) -> Self {
        Self::new(cx, table, String::new(), String::new(), Place::Line(1))
    }

    pub(super) const fn new(
        cx: &'a Context<'a>,
        table: &'a Table,
        path: String,
        pattern: String,
        place: Place,
    ) -> Self {
        Self {
            cx,
            table,
            path,
            pattern,
            place,
            asked: RefCell::new(BTreeSet::new()),
            missing: RefCell::new(Vec::new()),
            forgiven: Cell::new(false),
            excused: Cell::new(false),
        }
    }

    /// The keys that stand in it.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.table.0.iter().map(|entry| entry.key.as_str())
    }

    /// Whether the file has `key`; does not count as asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// The value of `key`, if there is one.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.cx.known.borrow_mut().insert(join(&self.pattern, key));
        self.table.get(key).map(|entry| self.value(entry, key))
    }

    /// Whether `key` is on; `default` where it is not there.
    pub fn flag(&self, key: &str, default: bool) -> Option<bool> {
        self.get(key).map_or(Some(default), |value| value.flag())
    }

    /// The value of `key`; a mistake where there is none.
    pub fn required(&self, key: &str, remedy: &str) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.missing.borrow_mut().push((key.to_owned(), remedy.to_owned()));
        }
        value
    }

    /// The table `key`; one without keys where there is none.
    pub fn section(&self, key: &str) -> Section<'a> {
        self.get(key).and_then(|value| value.section()).unwrap_or_else(|| {
            let (path, pattern) = (join(&self.path, key), join(&self.pattern, key));
            let section = Section::new(self.cx, &EMPTY, path, pattern, self.place.clone());
            section.excused.set(self.has(key) || nearest(key, self.keys()).is_some());
            section
        })
    }

    /// Every entry of a table whose keys are names that the operator chooses, in the order of the file.
    pub fn entries(self) -> Vec<(&'a str, Value<'a>)> {
        self.forgive();
        self.table.0.iter().map(|entry| (entry.key.as_str(), self.value(entry, "*"))).collect()
    }

    /// Refuses `key`: the standard or the design knows it, but this build would not act on it.
    pub fn later(&self, key: &str) {
        self.refuse(key, "is known, but not in this build yet", "remove it");
    }

    /// Refuses `key` with a reason of its own.
    pub fn refuse(&self, key: &str, problem: &str, remedy: &str) {
        self.asked.borrow_mut().insert(key.to_owned());
        if let Some(entry) = self.table.get(key) {
            self.cx.fault(&entry.place, &join(&self.path, key), problem, remedy);
        }
    }

    /// Judges no key that was not asked for: a mistake that is recorded already leaves open which there may be.
    pub fn forgive(&self) {
        self.forgiven.set(true);
    }

    /// A mistake of the section as a whole.
    pub fn fault(&self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.cx.fault(&self.place, &self.path, problem, remedy);
    }

    fn value(&self, entry: &'a Entry, pattern: &str) -> Value<'a> {
        let place = match entry.node.value {
            // A table stands where its name stands.
            Raw::Table(_) => &entry.place,
            _ => &entry.node.place,
        };
        Value::new(self.cx, &entry.node, join(&self.path, &entry.key), join(&self.pattern, pattern), place.clone())
    }

    fn report_unknown(&self) {
        let asked = self.asked.borrow();
        for entry in self.table.0.iter().filter(|entry| !asked.contains(&entry.key)) {
            let near = nearest(&entry.key, asked.iter().map(String::as_str));
            // Misspelt is not missing, too.
            self.missing.borrow_mut().retain(|(key, _)| Some(key.as_str()) != near);
            let remedy = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "remove it; vestibule.example.toml has every setting with its meaning".into(),
            };
            self.cx.fault(&entry.place, &join(&self.path, &entry.key), "no such setting", remedy);
        }
    }

    fn report_missing(&self) {
        for (key, remedy) in self.missing.borrow().iter() {
            self.cx.fault(&self.place, &join(&self.path, key), "is missing", remedy);
        }
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        if !self.forgiven.get() {
            self.report_unknown();
        }
        if !self.excused.get() {
            self.report_missing();
        }
    }
}

/// `a.b`, with quotes around what TOML would quote.
fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) || key == "*";
    let key = if bare { key.chars().take(80).collect() } else { quoted(key) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The word among `known` that a near miss was meant to be.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    const CLOSE: f64 = 0.66;
    let word: String = word.chars().take(64).collect::<String>().to_ascii_lowercase().replace('-', "_");
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(&word, known), known))
        .filter(|(likeness, _)| *likeness >= CLOSE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
