//! JSON that somebody else wrote and that decides something. Of two members with one name serde_json takes the last, other
//! readers the first: whoever looked a statement over, or built it from parts, may have seen another one than we do. So a
//! name that comes twice in one object, at any depth, makes the whole text none (RFC 7515, section 4; RFC 7519, section 4;
//! RFC 8259, section 4).

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// An object in which no name comes twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Members(pub Map<String, Value>);

impl Members {
    /// Reads a whole text; `None` for anything but such an object.
    pub fn read(text: &[u8]) -> Option<Map<String, Value>> {
        serde_json::from_slice(text).ok().map(|Self(members)| members)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Once)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(D::Error::custom("not an object")),
        }
    }
}

/// A value of any kind, by the same rule.
struct Kept(Value);

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once).map(Self)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Kept(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Kept(value))) = map.next_entry::<String, Kept>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_comes_twice_spoils_the_whole() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"\u0061":3}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[[{"b":{"c":null,"c":null}}]]}"#,
            r#"{"":0,"":0}"#,
        ] {
            assert_eq!(Members::read(twice.as_bytes()), None, "{twice}");
        }
        let alike = r#"{"a":{"a":1},"A":[{"a":2},{"a":3}]}"#;
        assert_eq!(
            Members::read(alike.as_bytes()),
            json!({ "a": { "a": 1 }, "A": [{ "a": 2 }, { "a": 3 }] }).as_object().cloned()
        );
    }

    /// Other encodings, marks, more than one value, no object, and what serde takes for one.
    #[test]
    fn whatever_is_not_one_object_is_none() {
        let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let deep = "{\"a\":".repeat(1000);
        for wrong in [
            "\u{feff}{}".as_bytes(),
            &utf16,
            b"{}{}",
            b"{} x",
            b"{}\0",
            b"",
            b"[]",
            b"[[\"a\",1]]",
            b"null",
            b"\"{}\"",
            b"{\"a\":NaN}",
            b"{\"a\":1e999}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\\ud800\"}",
            b"{a:1}",
            b"{\"a\":1,}",
            deep.as_bytes(),
        ] {
            assert_eq!(Members::read(wrong), None, "{}", String::from_utf8_lossy(wrong));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn everything_else_is_read_as_ever(text in "[{}\\[\\]:,\"a-c0-9.eE+ -]{0,40}", number: f64, whole: i64, big: u64, words in proptest::collection::vec(".*", 0..4)) {
            let plain = serde_json::from_str::<Map<String, Value>>(&text).ok();
            if let Some(ours) = Members::read(text.as_bytes()) {
                prop_assert_eq!(Some(ours), plain);
            }
            let value = json!({ "number": number, "whole": whole, "big": big, "words": words, "deep": { "none": null, "yes": true } });
            let written = value.to_string();
            let plain: Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(Members::read(written.as_bytes()).map(Value::Object), Some(plain));
        }
    }
}
