//! What is wrong with a configuration: every mistake at once, each with its place and a way out.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line of it, counted from one.
    Line(usize),
    /// An environment variable that overrides the file.
    Variable(String),
}

/// One mistake. No secret is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// Which setting, as a dotted path; empty where none can be named.
    pub path: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// All mistakes of one configuration, in the order of the file. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    file: Option<PathBuf>,
    all: Vec<Fault>,
}

impl Faults {
    /// In the order of the file, variables last.
    pub(super) fn new(mut all: Vec<Fault>) -> Self {
        all.sort_by(|a, b| (&a.place, &a.path).cmp(&(&b.place, &b.path)));
        Self { file: None, all }
    }

    /// One that concerns the file as a whole.
    pub(super) fn of_file(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        let fault = Fault { place: Place::File, path: String::new(), problem: problem.into(), remedy: remedy.into() };
        Self { file: None, all: vec![fault] }
    }

    /// Names the file that they are in.
    #[must_use]
    pub(super) fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Fault> {
        self.all.iter()
    }

    /// How many.
    pub const fn count(&self) -> usize {
        self.all.len()
    }

    /// For programs: `{"ok": false, "file": …, "faults": [{"line", "variable", "path", "problem", "remedy"}]}`.
    pub fn to_json(&self) -> Json {
        let faults: Vec<Json> = self
            .iter()
            .map(|fault| {
                let (line, variable) = match &fault.place {
                    Place::File => (None, None),
                    Place::Line(line) => (Some(line), None),
                    Place::Variable(name) => (None, Some(name)),
                };
                json!({
                    "line": line,
                    "variable": variable,
                    "path": fault.path,
                    "problem": fault.problem,
                    "remedy": fault.remedy,
                })
            })
            .collect();
        json!({ "ok": false, "file": self.file, "faults": faults })
    }

    fn file_name(&self) -> String {
        self.file.as_deref().map_or_else(|| "the configuration".into(), |file| file.display().to_string())
    }
}

impl fmt::Display for Faults {
    /// A line for what is wrong and one for the way out, each mistake in the form `file:line: setting: problem` that
    /// terminals and editors can follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file_name();
        for fault in &self.all {
            match &fault.place {
                Place::File => write!(f, "{file}: ")?,
                Place::Line(line) => write!(f, "{file}:{line}: ")?,
                Place::Variable(name) => write!(f, "${name}: ")?,
            }
            if !fault.path.is_empty() {
                write!(f, "{}: ", fault.path)?;
            }
            writeln!(f, "{}\n    fix: {}", fault.problem, fault.remedy)?;
        }
        match self.count() {
            1 => write!(f, "1 mistake in {file}"),
            count => write!(f, "{count} mistakes in {file}"),
        }
    }
}

impl std::error::Error for Faults {}

/// How much of a setting is repeated in a message.
const ECHO: usize = 80;

/// A setting that is no secret, escaped and cut, to be repeated in a message.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(ECHO).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_escaped_and_cut() {
        assert_eq!(quoted("a\n\u{1b}[2J"), r#""a\n\u{1b}[2J""#);
        assert!(quoted(&"é".repeat(1000)).len() < 200);
    }

    #[test]
    fn they_read_in_the_order_of_the_file() {
        let fault = |place, path: &str| Fault { place, path: path.into(), problem: "p".into(), remedy: "r".into() };
        let faults = Faults::new(vec![
            fault(Place::Variable("VESTIBULE__X".into()), "x"),
            fault(Place::Line(10), "b"),
            fault(Place::Line(9), "a"),
        ])
        .in_file(Path::new("v.toml"));
        let text = "v.toml:9: a: p\n    fix: r\nv.toml:10: b: p\n    fix: r\n$VESTIBULE__X: x: p\n    fix: r\n3 mistakes in v.toml";
        assert_eq!(faults.to_string(), text);
        assert_eq!(faults.to_json()["faults"][0]["line"], 9);
        assert_eq!(faults.to_json()["faults"][2]["variable"], "VESTIBULE__X");
    }
}
