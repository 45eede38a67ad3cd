//! Which sessions live, for whoever needs to know no more than that.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{At, Codec, Presence, Stamp, listing};
use crate::{
    seal::Lock,
    store::{Backend, Entry, Kind, StoreError},
    types::ids::RandomId,
};

/// A record whose first part the master opens.
#[derive(Deserialize)]
struct Headed {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
}

/// What of that part decides.
#[derive(Deserialize)]
struct Stamped {
    stamp: Stamp,
}

/// The sessions of an account that neither a sign-out nor a new stamp ended.
///
/// # Errors
/// The store's own.
pub async fn living_sessions(
    store: &dyn Backend,
    codec: &Codec,
    who: &Presence,
) -> Result<BTreeSet<RandomId>, StoreError> {
    let entries = listing::all(store, &who.partition(), Kind::Session).await?;
    let lives = |entry: &Entry| {
        let headed: Headed = rmp_serde::from_slice(&entry.stored.value).ok()?;
        let at = At { part: "session header", partition: &entry.partition, key: &entry.key, life: &who.life };
        let stamped: Stamped = codec.open(at, Lock::Master, &headed.header).ok()?;
        (stamped.stamp == who.living.stamp).then(|| entry.key.id())?
    };
    Ok(entries.iter().filter_map(lives).collect())
}
