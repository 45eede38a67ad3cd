//! One value on its way from the file to a finished type: each step either goes on or records a mistake.

use std::{fmt::Display, path::PathBuf, str::FromStr, time::Duration};

use super::{
    faults::{Place, quoted},
    raw::{Node, Raw},
    section::{Context, Section, nearest},
};

/// A value, where it stands, and what it is called.
#[derive(Clone)]
pub(super) struct Value<'a> {
    pub(super) cx: &'a Context<'a>,
    node: &'a Node,
    path: String,
    pattern: String,
    place: Place,
}

impl<'a> Value<'a> {
    pub const fn new(cx: &'a Context<'a>, node: &'a Node, path: String, pattern: String, place: Place) -> Self {
        Self { cx, node, path, pattern, place }
    }

    /// What it is, before it is anything.
    pub const fn raw(&self) -> &'a Raw {
        &self.node.value
    }

    /// A mistake in it.
    pub fn fault(&self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.cx.fault(&self.place, &self.path, problem, remedy);
    }

    fn not(&self, expected: &str, example: &str) {
        self.fault(format!("is {}, but should be {expected}", self.raw().kind()), format!("write it like {example}"));
    }

    /// Text that says something.
    pub fn text(&self) -> Option<&'a str> {
        let text = match (self.raw(), &self.node.spelling) {
            (Raw::Text(text), _) => text,
            (Raw::Integer(_) | Raw::Flag(_) | Raw::Other(_), Some(spelling)) => spelling,
            _ => {
                self.not("text", r#""…""#);
                return None;
            }
        };
        if text.trim().is_empty() {
            self.fault("is empty", "write something, or remove the line");
            return None;
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            self.fault("has a control character in it", "remove it");
            return None;
        }
        Some(text)
    }

    /// Text that is one of `words`, each standing for something.
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let list = words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            let remedy = nearest(text, words.iter().map(|(word, _)| *word)).map_or_else(
                || format!("write one of {list}"),
                |near| format!("did you mean \"{near}\"? It may be {list}"),
            );
            self.fault(format!("{} is not known here", quoted(text)), remedy);
        }
        found
    }

    /// Text that parses; what its type says of it is the problem.
    pub fn parsed<T: FromStr<Err: Display>>(&self, remedy: &str) -> Option<T> {
        let text = self.text()?;
        text.parse().map_err(|problem| self.fault(format!("{}: {problem}", quoted(text)), remedy)).ok()
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        match self.raw() {
            Raw::Flag(flag) => Some(*flag),
            _ => {
                self.not("true or false", "true");
                None
            }
        }
    }

    /// A whole number of seconds, as the registration standards write times.
    pub fn seconds(&self) -> Option<Duration> {
        match self.raw() {
            Raw::Integer(number) if *number >= 0 => u64::try_from(*number).ok().map(Duration::from_secs),
            Raw::Integer(_) => {
                self.fault("is less than zero", "write a number of seconds, such as 3600");
                None
            }
            _ => {
                self.not("a number of seconds", "3600");
                None
            }
        }
    }

    /// A duration such as `"5m"`; the number 0 needs no unit.
    pub fn duration(&self) -> Option<Duration> {
        const REMEDY: &str = r#"write a number and a unit (s, m, h, d), such as "5m""#;
        if let Raw::Integer(number) = self.raw() {
            if *number != 0 {
                self.fault("has no unit", REMEDY);
            }
            return (*number == 0).then_some(Duration::ZERO);
        }
        let text = self.text()?;
        humantime::parse_duration(text)
            .map_err(|_| self.fault(format!("{} is not a duration", quoted(text)), REMEDY))
            .ok()
    }

    /// The path of a file, relative to the configuration's folder.
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.cx.base.join(self.text()?);
        if !path.is_file() {
            self.fault(
                format!("there is no file {}", path.display()),
                "name a file; relative paths begin at this file's folder",
            );
            return None;
        }
        Some(path)
    }

    /// The path of a file to write, relative to the configuration's folder; `-` is standard output.
    pub fn output_file(&self) -> Option<PathBuf> {
        let text = self.text()?;
        Some(if text == "-" { PathBuf::from(text) } else { self.cx.base.join(text) })
    }

    /// The members of a list. A mistake, and none, where it is something else.
    pub fn items(&self) -> Option<Vec<Value<'a>>> {
        let Raw::List(items) = self.raw() else {
            self.not("a list", r#"["…", "…"]"#);
            return None;
        };
        let item = |(at, node): (usize, &'a Node)| {
            Self::new(self.cx, node, format!("{}[{at}]", self.path), self.pattern.clone(), node.place.clone())
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// The members of a list, each read by `read`. `None` if any of them could not be.
    pub fn list<T>(&self, read: impl Fn(&Value<'a>) -> Option<T>) -> Option<Vec<T>> {
        let read: Vec<Option<T>> = self.items()?.iter().map(read).collect();
        read.into_iter().collect()
    }

    /// As a table.
    pub fn section(&self) -> Option<Section<'a>> {
        match self.raw() {
            Raw::Table(table) => {
                let (path, pattern) = (self.path.clone(), self.pattern.clone());
                Some(Section::new(self.cx, table, path, pattern, self.place.clone()))
            }
            _ => {
                self.not("a table", "[section] with keys below, or { key = … }");
                None
            }
        }
    }
}
