//! Parameters as OAuth wants them (RFC 6749, sections 3.1 and 3.2): none twice, an empty one counts as absent,
//! unknown ones are ignored.

use std::collections::{BTreeMap, btree_map::Entry};

use actix_web::HttpRequest;
use serde_json::Value;
use url::form_urlencoded;

use super::errors::{PageError, Problem};

/// The most parameters that are read.
const MAX_COUNT: usize = 64;
/// The most bytes of a query or a form.
pub const MAX_BYTES: usize = 16 * 1024;

/// The parameters of a query or a form.
#[derive(Clone, Default)]
pub struct Params(BTreeMap<String, Given>);

#[derive(Clone)]
enum Given {
    Once(String),
    Repeated(Vec<String>),
}

impl Given {
    fn add(&mut self, value: String) {
        match self {
            Self::Once(first) => *self = Self::Repeated(vec![std::mem::take(first), value]),
            Self::Repeated(values) => values.push(value),
        }
    }
}

/// A parameter that came more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} came more than once")]
pub struct Repeated(pub &'static str);

/// More than any honest request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many parameters")]
pub struct TooMany;

impl Params {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`TooMany`] past the bounds.
    pub fn parse(encoded: &[u8]) -> Result<Self, TooMany> {
        if encoded.len() > MAX_BYTES {
            return Err(TooMany);
        }
        let mut params = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if params.len() >= MAX_COUNT {
                return Err(TooMany);
            }
            let value = value.into_owned();
            match params.entry(name.into_owned()) {
                Entry::Vacant(entry) => _ = entry.insert(Given::Once(value)),
                Entry::Occupied(mut entry) => entry.get_mut().add(value),
            }
        }
        Ok(Self(params))
    }

    /// From the members of a JSON object, each as it would stand in a form: a list is a parameter that comes more than
    /// once, an object is its own text, and `null` is absent. Nothing is dropped that somebody relies on.
    ///
    /// # Errors
    /// [`TooMany`] past the bounds.
    pub fn of_members(members: impl IntoIterator<Item = (String, Value)>) -> Result<Self, TooMany> {
        let mut params = BTreeMap::new();
        for (name, value) in members {
            if params.len() >= MAX_COUNT {
                return Err(TooMany);
            }
            let mut values = match value {
                Value::Null => continue,
                Value::Array(values) => values.into_iter().map(text).collect(),
                value => vec![text(value)],
            };
            let given = if values.len() == 1 { values.pop().map(Given::Once) } else { None };
            params.insert(name, given.unwrap_or(Given::Repeated(values)));
        }
        Ok(Self(params))
    }

    /// The value of a parameter; `None` when it is absent or empty.
    ///
    /// # Errors
    /// [`Repeated`] if it came more than once, even with the same value.
    pub fn get(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Given::Once(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            Some(Given::Repeated(_)) => Err(Repeated(name)),
        }
    }

    /// All values of a parameter that may come more than once, but for empty ones.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = match self.0.get(name) {
            None => &[],
            Some(Given::Once(value)) => std::slice::from_ref(value),
            Some(Given::Repeated(values)) => values.as_slice(),
        };
        values.iter().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a parameter came at all, empty or repeated.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of all that came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The names of all that came more than once.
    pub fn repeated(&self) -> impl Iterator<Item = &str> {
        let several = self.0.iter().filter(|(_, given)| matches!(given, Given::Repeated(_)));
        several.map(|(name, _)| name.as_str())
    }

    /// A copy of a parameter's value.
    ///
    /// # Errors
    /// As [`Params::get`].
    pub fn owned(&self, name: &'static str) -> Result<Option<String>, Repeated> {
        Ok(self.get(name)?.map(str::to_owned))
    }
}

fn text(value: Value) -> String {
    if let Value::String(text) = value { text } else { value.to_string() }
}

/// Which page of a list is asked for, by the parameter `page`; the first where none is named.
///
/// # Errors
/// [`Problem::NotFound`] for what is no number of a page.
pub fn page(request: &HttpRequest) -> Result<usize, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let Some(number) = params.get("page").map_err(|_| Problem::BadRequest)? else { return Ok(1) };
    let number: u16 = number.parse().map_err(|_| Problem::NotFound)?;
    if number == 0 { Err(Problem::NotFound.into()) } else { Ok(usize::from(number)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_is_absent_and_twice_is_an_error() {
        let params = Params::parse(b"a=1&b=&c=1&c=1&d=%20x+y&=z").unwrap();
        assert_eq!(params.get("a"), Ok(Some("1")));
        assert_eq!((params.get("b"), params.get("x")), (Ok(None), Ok(None)));
        assert!(params.has("b") && !params.has("x"));
        assert_eq!(params.get("c"), Err(Repeated("c")));
        assert_eq!(params.all("c").collect::<Vec<_>>(), ["1", "1"]);
        assert_eq!((params.all("a").count(), params.all("b").count(), params.all("x").count()), (1, 0, 0));
        assert_eq!(params.get("d"), Ok(Some(" x y")));
    }

    #[test]
    fn members_are_what_they_would_be_in_a_form() {
        let object = serde_json::json!({
            "text": "a", "none": null, "number": 600, "flag": true, "object": {"b": 1}, "one": ["c"], "two": ["d", "e"],
            "no": [], "deep": [["f"]],
        });
        let Value::Object(object) = object else { unreachable!() };
        let params = Params::of_members(object).unwrap();
        let get = |name| params.get(name).unwrap();
        assert_eq!(
            (get("text"), get("none"), get("number"), get("flag")),
            (Some("a"), None, Some("600"), Some("true"))
        );
        assert_eq!((get("object"), get("one"), get("deep")), (Some("{\"b\":1}"), Some("c"), Some("[\"f\"]")));
        assert_eq!((params.get("two"), params.get("no")), (Err(Repeated("two")), Err(Repeated("no"))));
        assert_eq!(params.all("two").collect::<Vec<_>>(), ["d", "e"]);
        assert!(!params.has("none"));
        let many = (0..=MAX_COUNT).map(|n| (n.to_string(), Value::from("x")));
        assert!(Params::of_members(many).is_err());
    }

    #[test]
    fn there_is_an_end() {
        let many = (0..100).map(|n| format!("p{n}=x")).collect::<Vec<_>>().join("&");
        assert!(Params::parse(many.as_bytes()).is_err());
        assert!(Params::parse(&vec![b'a'; MAX_BYTES + 1]).is_err());
    }

    proptest! {
        #[test]
        fn what_a_browser_encodes_comes_back(value in "\\PC{1,50}") {
            let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("v", &value).finish();
            let params = Params::parse(encoded.as_bytes()).unwrap();
            prop_assert_eq!(params.get("v"), Ok(Some(value.as_str())));
        }
    }
}
