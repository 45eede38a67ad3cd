//! Our own structs, sealed: MessagePack with names, so that a field can be added and an old record still reads.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Lock, OpenError, Place, Sealer};

/// As much as nearly all need: a buffer that grows leaves what it held lying in memory.
const USUAL: usize = 1024;

impl Sealer {
    /// Seals `value` for `place`; `None` for what does not serialise, which our own plain structs all do.
    pub fn seal_value<T: Serialize>(&self, place: Place<'_>, lock: Lock<'_>, value: &T) -> Option<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(USUAL));
        rmp_serde::encode::write_named(&mut *plain, value).ok()?;
        Some(self.seal(place, lock, &plain))
    }

    /// Opens what [`Sealer::seal_value`] made for the same place and lock.
    ///
    /// # Errors
    /// [`OpenError`] for anything else, and for another type of value.
    pub fn open_value<T: DeserializeOwned>(
        &self,
        place: Place<'_>,
        lock: Lock<'_>,
        sealed: &[u8],
    ) -> Result<T, OpenError> {
        rmp_serde::from_slice(&self.open(place, lock, sealed)?).map_err(|_| OpenError)
    }
}
