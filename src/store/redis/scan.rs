//! Walking all records: `SCAN` on one server, or on one primary of a cluster after the other. While slots of a
//! cluster are being moved, a record may move to where the walk has already been.

use std::collections::{BTreeMap, BTreeSet};

use redis::{RedisError, Value};

use super::{
    answer, keys,
    link::{Link, Question, Slot},
    unavailable, value,
};
use crate::store::{Cursor, Entry, StoreError};

/// Where the walk is: a primary, named by the first slot that it serves (0 for the only server), and Redis' own
/// cursor there.
struct Place {
    slot: Slot,
    cursor: u64,
}

impl Place {
    fn parse(cursor: &Cursor) -> Option<Self> {
        let (slot, cursor) = std::str::from_utf8(&cursor.0).ok()?.split_once(' ')?;
        Some(Self { slot: slot.parse().ok()?, cursor: cursor.parse().ok()? })
    }

    fn into_cursor(self) -> Cursor {
        Cursor(format!("{} {}", self.slot, self.cursor).into_bytes())
    }
}

pub(super) async fn page(link: &Link, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
    let primaries = if link.is_cluster() { primaries(link).await.map_err(unavailable)? } else { BTreeSet::default() };
    let place = if from.0.is_empty() {
        Place { slot: primaries.first().copied().unwrap_or_default(), cursor: 0 }
    } else {
        Place::parse(from).ok_or(StoreError::Corrupt("a cursor that was not made here"))?
    };
    let (cursor, keys) = names(link, &place, limit).await.map_err(unavailable)?;
    let entries = entries(link, place.slot, keys).await?;
    let next = if cursor == 0 {
        primaries.into_iter().find(|slot| *slot > place.slot).map(|slot| Place { slot, cursor: 0 })
    } else {
        Some(Place { cursor, ..place })
    };
    Ok((entries, next.map(Place::into_cursor)))
}

async fn names(link: &Link, place: &Place, limit: usize) -> Result<(u64, Vec<Vec<u8>>), RedisError> {
    let mut command = redis::cmd("SCAN");
    command.arg(place.cursor).arg("MATCH").arg(keys::ALL).arg("COUNT").arg(limit).arg("TYPE").arg("string");
    answer(link.ask_primary_again(&Question::Command(&command), place.slot).await?)
}

async fn entries(link: &Link, slot: Slot, names: Vec<Vec<u8>>) -> Result<Vec<Entry>, StoreError> {
    let names: Vec<_> = names.iter().filter_map(|name| keys::parse(name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut pipeline = redis::pipe();
    for (partition, key) in &names {
        pipeline.get(keys::record(partition, key));
    }
    let values = link.ask_primary_again(&Question::Pipeline(&pipeline), slot).await.map_err(unavailable)?;
    let values: Vec<Option<Vec<u8>>> = answer(values).map_err(unavailable)?;
    let mut entries = Vec::with_capacity(names.len());
    for ((partition, key), bytes) in names.into_iter().zip(values) {
        match bytes.map(value::decode) {
            Some(Ok(stored)) => entries.push(Entry { partition, key, stored }),
            // One foreign value must not keep the walk, and so the cleaning, from all others.
            Some(Err(error)) => tracing::warn!(%error, "a record was left out"),
            None => {}
        }
    }
    Ok(entries)
}

/// The first slot of each primary of a cluster, from `CLUSTER SLOTS`: first slot, last slot, primary, replicas …
async fn primaries(link: &Link) -> Result<BTreeSet<Slot>, RedisError> {
    let slots = link.ask_again(&Question::Command(redis::cmd("CLUSTER").arg("SLOTS"))).await?;
    let ranges: Vec<Vec<Value>> = answer(slots)?;
    let mut first_slots = BTreeMap::new();
    for range in ranges {
        let mut range = range.into_iter();
        let (Some(first), Some(Value::Array(primary))) = (range.next(), range.nth(1)) else { continue };
        let first: Slot = answer(first)?;
        // Address, port and id: what else stands there may differ from range to range.
        let primary: String = primary.iter().take(3).map(|part| format!("{part:?} ")).collect();
        first_slots.entry(primary).and_modify(|slot: &mut Slot| *slot = first.min(*slot)).or_insert(first);
    }
    Ok(first_slots.into_values().collect())
}
