//! Which tokens have verified, so that one that comes again costs a hash in place of a signature.
//!
//! A table belongs to one version of the ring: what another version verified counts for nothing, so a key that is gone
//! takes its tokens with it. It says one thing alone, that these bytes carry a good signature of the key that they name.
//! Type, issuer, audience and time are read anew from the token each time.

use std::sync::{Mutex, PoisonError};

use crate::types::bytes;

/// How many locks there are, so that threads seldom meet at one.
const SHARDS: usize = 16;
/// How many tokens each shard remembers; 65,536 in all, two MiB when it is full.
const SLOTS: usize = 4096;

/// SHA-256 of a compact token with its signature: nobody makes another of the same, and what is kept opens nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Print([u8; 32]);

impl Print {
    pub(super) fn of(token: &str) -> Self {
        Self(bytes::sha256(token.as_bytes()))
    }

    /// Its shard, and its slot there.
    fn place(self) -> (usize, usize) {
        let [shard, high, low, ..] = self.0;
        (usize::from(shard) % SHARDS, usize::from(u16::from_be_bytes([high, low])) % SLOTS)
    }
}

/// A table with one slot for each place: a newcomer takes the slot of who was there.
pub(super) struct Verified([Mutex<Vec<[u8; 32]>>; SHARDS]);

impl Verified {
    /// An empty one. Memory is taken as tokens come: untouched zeros cost nothing, and no token hashes to zeros.
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(vec![[0; 32]; SLOTS])))
    }

    /// Whether that token has verified before.
    pub(super) fn knows(&self, print: Print) -> bool {
        self.slot(print, |slot| *slot == print.0)
    }

    /// Remembers that it has.
    pub(super) fn remember(&self, print: Print) {
        self.slot(print, |slot| *slot = print.0);
    }

    fn slot<T: Default>(&self, print: Print, with: impl FnOnce(&mut [u8; 32]) -> T) -> T {
        let (shard, slot) = print.place();
        let Some(shard) = self.0.get(shard) else { return T::default() };
        // A slot is copied whole or not at all, so that a thread that died left nothing half done.
        let mut slots = shard.lock().unwrap_or_else(PoisonError::into_inner);
        slots.get_mut(slot).map(with).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_what_it_was_told_and_is_bounded() {
        let table = Verified::new();
        let prints: Vec<Print> = (0..3 * SHARDS * SLOTS).map(|n| Print::of(&n.to_string())).collect();
        assert!(!prints.iter().any(|print| table.knows(*print)));
        for print in &prints {
            table.remember(*print);
            assert!(table.knows(*print));
        }
        let known = prints.iter().filter(|print| table.knows(**print)).count();
        let room: usize = table.0.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert_eq!(room, SHARDS * SLOTS);
        assert!(known <= room && known > room / 2, "{known} of {room}");
    }

    #[test]
    fn a_neighbour_in_the_same_slot_is_another_token() {
        let (table, print) = (Verified::new(), Print::of("a"));
        table.remember(print);
        let mut other = print;
        other.0[31] ^= 1;
        assert_eq!(other.place(), print.place());
        assert!(table.knows(print) && !table.knows(other));
        table.remember(other);
        assert!(!table.knows(print) && table.knows(other));
    }
}
