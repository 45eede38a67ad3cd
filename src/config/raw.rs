//! The file as it stands: a tree of values, each with its place. Nothing is judged here but the syntax.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::faults::{Fault, Place};

/// A value and where it stands.
pub(super) struct Node {
    pub value: Raw,
    pub place: Place,
    /// As the variable spelled it, where one did: `123` is as good a text there as `"123"`.
    pub spelling: Option<String>,
}

/// What TOML knows, as far as a setting may be it.
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
    /// A date or a broken number: no setting is one.
    Other(&'static str),
}

impl Raw {
    /// In words, for messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// Keys with their values, in the order of the file.
#[derive(Default)]
pub(super) struct Table(pub Vec<Entry>);

/// A key, where it stands, and its value.
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

impl Table {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}

/// Reads a file. Keys that come twice are reported one by one, and the rest of the file is still read; any other
/// fault of syntax ends the reading, since what follows would be guesswork.
pub(super) fn read_file(text: &str, faults: &mut Vec<Fault>) -> Option<Table> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let place = |error: &toml::de::Error| Place::Line(lines.at(start(error)));
    // The library's own display would show the line, and with it a secret that stands there.
    if let Some(error) = errors.iter().filter(|error| error.message() != DUPLICATE).min_by_key(|error| start(error)) {
        faults.push(Fault {
            place: place(error),
            path: String::new(),
            problem: format!("not TOML: {}", error.message()),
            remedy: "see https://toml.io for how it is written; text stands in double quotes".into(),
        });
        return None;
    }
    faults.extend(errors.iter().map(|error| Fault {
        place: place(error),
        path: String::new(),
        problem: "this key or section is there already".into(),
        remedy: "keep one of the two".into(),
    }));
    Some(table_of(table.get_ref(), &|offset| Place::Line(lines.at(offset))))
}

/// What the library says of a key that comes twice.
const DUPLICATE: &str = "duplicate key";

/// Reads what a variable holds: TOML, or else the text as it is.
pub(super) fn read_variable(name: &str, text: &str) -> Node {
    let place = |_| Place::Variable(name.to_owned());
    let mut node = match DeValue::parse(text) {
        Ok(value) => node_of(&value, &place),
        Err(_) => Node { value: Raw::Text(text.to_owned()), place: place(0), spelling: None },
    };
    node.spelling = Some(text.to_owned());
    node
}

fn node_of(value: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Place) -> Node {
    let raw = match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other("a number too large"), Raw::Integer)
        }
        DeValue::Float(_) => Raw::Other("a number with a point"),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| node_of(item, place)).collect()),
        DeValue::Table(table) => Raw::Table(table_of(table, place)),
    };
    Node { value: raw, place: place(value.span().start), spelling: None }
}

fn table_of(table: &DeTable<'_>, place: &dyn Fn(usize) -> Place) -> Table {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    Table(
        entries
            .into_iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().clone().into_owned(),
                place: place(key.span().start),
                node: node_of(value, place),
            })
            .collect(),
    )
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line, counted from one, of a byte.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax_faults(text: &str) -> (bool, Vec<Fault>) {
        let mut faults = Vec::new();
        let read = read_file(text, &mut faults).is_some();
        (read, faults)
    }

    #[test]
    fn values_and_keys_know_their_line() {
        let table = read_file("a = 1\n[b.c]\nd = [\n  'x',\n  'y',\n]\n", &mut Vec::new()).unwrap();
        let Raw::Table(b) = &table.get("b").unwrap().node.value else { panic!() };
        let c = b.get("c").unwrap();
        assert_eq!(c.place, Place::Line(2));
        let Raw::Table(c) = &c.node.value else { panic!() };
        let Raw::List(items) = &c.get("d").unwrap().node.value else { panic!() };
        assert_eq!(items[1].place, Place::Line(5));
    }

    #[test]
    fn a_fault_of_syntax_is_one_fault_and_shows_no_text() {
        let (read, faults) = syntax_faults("issuer = 'x'\nmaster = hunter2\nmore = = 1\n");
        assert!(!read);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].place, Place::Line(2));
        assert!(!faults[0].problem.contains("hunter2"));
    }

    #[test]
    fn keys_that_come_twice_do_not_hide_the_rest() {
        let (read, faults) = syntax_faults("a = 1\na = 2\n[t]\nb = 1\n[t]\n");
        assert!(read);
        assert_eq!(faults.iter().map(|f| f.place.clone()).collect::<Vec<_>>(), [Place::Line(2), Place::Line(5)]);
    }

    #[test]
    fn a_variable_holds_toml_or_text() {
        let kind = |text| read_variable("V", text).value.kind();
        for text in ["127.0.0.1:8080", "https://a.test", "5m", "", "a b", "\"open", "'x' y", "1 2", "x\ny = 1"] {
            assert_eq!(kind(text), "text", "{text}");
        }
        for (text, expected) in
            [("'x'", "text"), ("true", "true or false"), ("['a']", "a list"), ("{ a = 1 }", "a table")]
        {
            assert_eq!(kind(text), expected);
        }
    }
}
