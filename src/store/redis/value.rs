//! A record as Redis holds it: format (1 byte), version (16), when it ends (8, big-endian milliseconds, 0 for
//! never), value. `record.lua` reads the same.
//!
//! The end stands in the record, though Redis keeps a time to live of its own: so every instance judges by its
//! own clock, as with the other store, and Redis only cleans up.

use crate::{
    store::{Put, StoreError, Stored, Version},
    types::Timestamp,
};

const FORMAT: u8 = 1;

/// Later than this is never: beyond it neither a sorted set's score nor Redis' own clock is exact.
const HORIZON: u64 = 1 << 52;

/// When a put record ends, as far as Redis can say.
pub(super) fn end(put: &Put) -> Option<Timestamp> {
    put.expires.filter(|at| at.as_millis() < HORIZON).map(|at| at.max(Timestamp::from_millis(1)))
}

pub(super) fn encode(put: &Put) -> Vec<u8> {
    let ends = end(put).map_or(0, Timestamp::as_millis);
    let mut bytes = Vec::with_capacity(25 + put.value.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&put.version);
    bytes.extend_from_slice(&ends.to_be_bytes());
    bytes.extend_from_slice(&put.value);
    bytes
}

/// # Errors
/// [`StoreError::Corrupt`] for what [`encode`] did not make.
pub(super) fn decode(bytes: Vec<u8>) -> Result<Stored, StoreError> {
    split(bytes).ok_or_else(foreign)
}

pub(super) const fn foreign() -> StoreError {
    StoreError::Corrupt("a value under one of our keys that we did not write")
}

/// The value stays where it was read to, which is cheaper than a copy: records are read at every request.
fn split(mut bytes: Vec<u8>) -> Option<Stored> {
    let (&format, rest) = bytes.split_first()?;
    let (&version, rest): (&Version, _) = rest.split_first_chunk()?;
    let (&ends, value) = rest.split_first_chunk()?;
    let (ends, begins) = (u64::from_be_bytes(ends), bytes.len() - value.len());
    let expires = (ends > 0).then_some(Timestamp::from_millis(ends));
    bytes.drain(..begins);
    (format == FORMAT).then_some(Stored { version, value: bytes, expires })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::RecordKey;

    proptest! {
        #[test]
        fn what_is_written_is_read(version: [u8; 16], value: Vec<u8>, expires in proptest::option::of(1..HORIZON)) {
            let expires = expires.map(Timestamp::from_millis);
            let put = Put { key: RecordKey::head(), version, value: value.clone(), expires, due: None };
            prop_assert_eq!(decode(encode(&put)).unwrap(), Stored { version, value, expires });
        }

        #[test]
        fn foreign_bytes_are_refused(mut bytes: Vec<u8>) {
            if let Some(first) = bytes.first_mut().filter(|first| **first == FORMAT) {
                *first = 0;
            }
            let short = bytes.get(..24).unwrap_or(&bytes).to_vec();
            prop_assert!(decode(short).is_err());
            prop_assert!(decode(bytes).is_err());
        }
    }
}
