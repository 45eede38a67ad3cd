//! Places: how many things of one kind an app may have at a time, counted without counting. Each thing takes a place of
//! its own, drawn by lot, which comes free by itself when the thing has expired; where a few draws find none that is
//! free, nearly all are taken.

use std::num::NonZeroU16;

use crate::{
    store::{Guard, Put, RecordKey},
    types::{Random, Timestamp, random},
};

/// How often a place is drawn before there is said to be none: while half of them are free, one in 256 is told so
/// wrongly.
pub const TRIES: usize = 8;

/// Draws one of `most` places: what takes it until `expires`, and what holds as long as nobody has it.
pub fn draw(random: &dyn Random, most: NonZeroU16, expires: Timestamp) -> (Guard, Put) {
    let key = RecordKey::place(u16::from_be_bytes(random::bytes(random)) % most);
    let version = random::bytes(random);
    let put = Put { key: key.clone(), version, value: Vec::new(), expires: Some(expires), due: None };
    (Guard::Absent(key), put)
}
