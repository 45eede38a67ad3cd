//! What was opened before. Opening is a function of place, lock and sealed bytes alone, so its outcome may be kept under
//! a hash of all three: a record that changed, moved or belongs to somebody else hashes to another name. It is for
//! records that are read far more often than written, and that the master alone leads to; what only a browser or an app
//! opens is opened each time, so that memory holds it no longer than a request does.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::{Lock, Place, derive::length_prefixed};
use crate::types::bytes;

/// How many locks there are, so that threads seldom meet at one.
const SHARDS: usize = 16;
/// How many seals each shard keeps; 8,192 in all.
const SLOTS: usize = 512;
/// The longest content that is kept, in bytes.
const MAX: usize = 2048;

/// The name of a seal that is opened at a place with a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Print([u8; 32]);

impl Print {
    pub(super) fn of(place: Place<'_>, lock: Lock<'_>, sealed: &[u8]) -> Self {
        let lock: [&[u8]; 2] = match &lock {
            Lock::Master => [b"master", b""],
            Lock::MasterAnd(secret) => [b"master and", secret.expose()],
            Lock::Key(key) => [b"key", key.expose()],
        };
        let [lock, secret] = lock;
        let parts = [place.kind.as_bytes(), place.key, place.life, lock, secret, sealed];
        Self(bytes::sha256(&Zeroizing::new(length_prefixed(&parts))))
    }

    /// Its shard, and its slot there.
    fn at(self) -> (usize, usize) {
        let [shard, high, low, ..] = self.0;
        (usize::from(shard) % SHARDS, usize::from(u16::from_be_bytes([high, low])) % SLOTS)
    }
}

/// One slot.
type Slot = Option<Box<(Print, Zeroizing<Vec<u8>>)>>;

/// A table with one slot for each place: a newcomer takes the slot of who was there, which is wiped.
pub(super) struct Kept([Mutex<Vec<Slot>>; SHARDS]);

impl Kept {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new((0..SLOTS).map(|_| None).collect())))
    }

    /// What that seal holds, if it was kept.
    pub(super) fn get(&self, print: Print) -> Option<Zeroizing<Vec<u8>>> {
        self.slot(print, |slot| {
            let (name, plain) = &**slot.as_ref()?;
            (*name == print).then(|| plain.clone())
        })?
    }

    /// Keeps what it holds, unless that is long.
    pub(super) fn put(&self, print: Print, plain: &[u8]) {
        if plain.len() <= MAX {
            let new = Box::new((print, Zeroizing::new(plain.to_vec())));
            self.slot(print, |slot| *slot = Some(new));
        }
    }

    fn slot<T>(&self, print: Print, with: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        let (shard, slot) = print.at();
        // A slot is replaced whole, so that a thread that died left nothing half done.
        let mut slots = self.0.get(shard)?.lock().unwrap_or_else(PoisonError::into_inner);
        slots.get_mut(slot).map(with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Secret32;

    #[test]
    fn whatever_differs_has_another_name() {
        let (one, two) = (Secret32::new([1; 32]), Secret32::new([2; 32]));
        let place = Place { kind: "head", key: b"P h", life: b"l" };
        let names = [
            Print::of(place, Lock::Master, b"sealed"),
            Print::of(Place { kind: "consent", ..place }, Lock::Master, b"sealed"),
            Print::of(Place { key: b"Q h", ..place }, Lock::Master, b"sealed"),
            Print::of(Place { life: b"m", ..place }, Lock::Master, b"sealed"),
            Print::of(Place { key: b"P hl", life: b"", ..place }, Lock::Master, b"sealed"),
            Print::of(place, Lock::Key(&one), b"sealed"),
            Print::of(place, Lock::Key(&two), b"sealed"),
            Print::of(place, Lock::MasterAnd(&one), b"sealed"),
            Print::of(place, Lock::Master, b"sealee"),
        ];
        for (n, name) in names.iter().enumerate() {
            assert!(names.iter().skip(n + 1).all(|other| other != name), "{n}");
        }
    }

    #[test]
    fn it_is_bounded_and_gives_back_what_it_was_given() {
        let kept = Kept::new();
        let print = |n: usize| Print::of(Place::of("x", &n.to_be_bytes()), Lock::Master, b"");
        let many = 3 * SHARDS * SLOTS;
        for n in 0..many {
            assert!(kept.get(print(n)).is_none());
            kept.put(print(n), &n.to_be_bytes());
            assert_eq!(kept.get(print(n)).unwrap().as_slice(), n.to_be_bytes());
        }
        let still: Vec<usize> = (0..many).filter(|n| kept.get(print(*n)).is_some()).collect();
        assert!(still.len() <= SHARDS * SLOTS && still.len() > SHARDS * SLOTS / 2);
        assert!(still.iter().all(|n| kept.get(print(*n)).unwrap().as_slice() == n.to_be_bytes()));
        kept.put(print(many), &[0; MAX + 1]);
        assert!(kept.get(print(many)).is_none(), "too long");
    }
}
