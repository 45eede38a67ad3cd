//! Looking for something in bytes, however it may be written down.

use std::collections::HashMap;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use vestibule::types::bytes;

/// Shorter texts are in random bytes by chance.
const SHORTEST: usize = 6;

/// What must not be found, with what it is.
#[derive(Clone, Debug)]
pub struct Needle {
    pub what: String,
    pub value: Vec<u8>,
}

impl Needle {
    pub fn new(what: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref().to_vec();
        assert!(value.len() >= SHORTEST, "{what} is too short to be looked for");
        Self { what: what.to_owned(), value }
    }

    /// The value in every way that a program may write it.
    fn spellings(&self) -> Vec<(&'static str, Vec<u8>)> {
        let hex = bytes::to_hex(&self.value);
        let mut all =
            vec![("plain", self.value.clone()), ("upper-case hex", hex.to_uppercase().into()), ("hex", hex.into())];
        for before in 0..3 {
            all.push(("base64", STANDARD_NO_PAD.encode(within(before, &self.value)).into()));
            all.push(("base64url", URL_SAFE_NO_PAD.encode(within(before, &self.value)).into()));
            for (_, encoded) in all.iter_mut().rev().take(2) {
                *encoded = certain(before, self.value.len(), encoded).to_vec();
            }
        }
        if let Ok(text) = std::str::from_utf8(&self.value) {
            all.push(("UTF-16, little end first", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
            all.push(("UTF-16, big end first", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
            let encoded: String = url::form_urlencoded::byte_serialize(&self.value).collect();
            all.push(("in a form", encoded.into()));
            let escaped = |c: char| {
                if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }
            };
            all.push(("in JSON", text.chars().map(escaped).collect::<String>().into()));
        }
        all
    }
}

/// The value after so many other bytes.
fn within(before: usize, value: &[u8]) -> Vec<u8> {
    [&[0; 3][..before], value].concat()
}

/// The characters of an encoding that depend on nothing but the value.
fn certain(before: usize, len: usize, encoded: &[u8]) -> &[u8] {
    &encoded[(before * 8).div_ceil(6)..(before + len) * 8 / 6]
}

/// Bytes to look into.
pub struct Haystack<'a> {
    bytes: &'a [u8],
    places: HashMap<&'a [u8], Vec<usize>>,
}

impl<'a> Haystack<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, window) in bytes.windows(SHORTEST).enumerate() {
            // What is the same over and over, as empty pages are, is nobody's name.
            if window.iter().any(|byte| *byte != 0) {
                places.entry(window).or_default().push(place);
            }
        }
        Self { bytes, places }
    }

    /// How `needle` is written in here, if it is.
    pub fn find(&self, needle: &Needle) -> Option<&'static str> {
        let holds = |spelling: &[u8]| {
            let places = self.places.get(&spelling[..SHORTEST]);
            places.is_some_and(|places| places.iter().any(|place| self.bytes[*place..].starts_with(spelling)))
        };
        needle.spellings().into_iter().find(|(_, spelling)| holds(spelling)).map(|(how, _)| how)
    }
}

#[test]
fn a_needle_is_found_however_it_is_written() {
    let needle = Needle::new("a name", "Ada Lovelace");
    for before in 0..4 {
        for hay in [
            STANDARD_NO_PAD.encode([&b"Mrs."[..before], b"Ada Lovelace", b" of London"].concat()),
            URL_SAFE_NO_PAD.encode([&b"\xff\xfe\xfd\xfc"[..before], b"Ada Lovelace"].concat()),
            format!("x{}", bytes::to_hex(b"a Ada Lovelace")),
            "...name=Ada+Lovelace&".into(),
        ] {
            assert!(Haystack::new(hay.as_bytes()).find(&needle).is_some(), "{hay}");
        }
    }
    assert!(Haystack::new("Ada Byron, Countess of Lovelace".as_bytes()).find(&needle).is_none());
    let fatima = Needle::new("a name", "فاطمة");
    assert_eq!(Haystack::new(br#"{"name":"\u0641\u0627\u0637\u0645\u0629"}"#).find(&fatima), Some("in JSON"));
}
