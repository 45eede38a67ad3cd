//! Walking all records: `SCAN` on one server, or on one primary of a cluster after the other. While slots of a
//! cluster are being moved, a record may move to where the walk has already been.

use std::collections::BTreeSet;

use redis::{RedisError, Value};

use super::{
    answer, keys,
    link::{Link, Node, Question},
    unavailable, value,
};
use crate::store::{Cursor, Entry, StoreError};

/// Where the walk is: a primary (empty text for the only server) and Redis' own cursor there.
struct Place {
    node: String,
    cursor: u64,
}

impl Place {
    fn parse(cursor: &Cursor) -> Option<Self> {
        let (node, cursor) = std::str::from_utf8(&cursor.0).ok()?.rsplit_once(' ')?;
        Some(Self { node: node.to_owned(), cursor: cursor.parse().ok()? })
    }

    fn into_cursor(self) -> Cursor {
        Cursor(format!("{} {}", self.node, self.cursor).into_bytes())
    }
}

pub(super) async fn page(link: &Link, from: &Cursor, limit: usize) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
    let nodes = if link.is_cluster() { primaries(link).await.map_err(unavailable)? } else { BTreeSet::default() };
    let place = if from.0.is_empty() {
        Place { node: nodes.first().cloned().unwrap_or_default(), cursor: 0 }
    } else {
        Place::parse(from).ok_or(StoreError::Corrupt("a cursor that was not made here"))?
    };
    let node = node(&place.node);
    let (cursor, keys) = names(link, node.as_ref(), place.cursor, limit).await.map_err(unavailable)?;
    let entries = entries(link, node.as_ref(), keys).await?;
    let next = if cursor == 0 {
        nodes.into_iter().find(|other| *other > place.node).map(|node| Place { node, cursor: 0 })
    } else {
        Some(Place { node: place.node, cursor })
    };
    Ok((entries, next.map(Place::into_cursor)))
}

fn node(address: &str) -> Option<Node> {
    let (host, port) = address.rsplit_once(':')?;
    Some(Node { host: host.to_owned(), port: port.parse().ok()? })
}

async fn names(link: &Link, node: Option<&Node>, cursor: u64, limit: usize) -> Result<(u64, Vec<Vec<u8>>), RedisError> {
    let mut command = redis::cmd("SCAN");
    command.arg(cursor).arg("MATCH").arg(keys::ALL).arg("COUNT").arg(limit).arg("TYPE").arg("string");
    answer(link.ask_node_again(&Question::Command(&command), node).await?)
}

async fn entries(link: &Link, node: Option<&Node>, names: Vec<Vec<u8>>) -> Result<Vec<Entry>, StoreError> {
    let names: Vec<_> = names.iter().filter_map(|name| keys::parse(name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut pipeline = redis::pipe();
    for (partition, key) in &names {
        pipeline.get(keys::record(partition, key));
    }
    let values = link.ask_node_again(&Question::Pipeline(&pipeline), node).await.map_err(unavailable)?;
    let values: Vec<Option<Vec<u8>>> = answer(values).map_err(unavailable)?;
    let mut entries = Vec::with_capacity(names.len());
    for ((partition, key), bytes) in names.into_iter().zip(values) {
        match bytes.as_deref().map(value::decode) {
            Some(Ok(stored)) => entries.push(Entry { partition, key, stored }),
            // One foreign value must not keep the walk, and so the cleaning, from all others.
            Some(Err(error)) => tracing::warn!(%error, "a record was left out"),
            None => {}
        }
    }
    Ok(entries)
}

/// The primaries of a cluster, `host:port`, from `CLUSTER SLOTS`: first slot, last slot, primary, replicas …
async fn primaries(link: &Link) -> Result<BTreeSet<String>, RedisError> {
    let slots = link.ask_again(&Question::Command(redis::cmd("CLUSTER").arg("SLOTS"))).await?;
    let ranges: Vec<Vec<Value>> = answer(slots)?;
    let primary = |range: Vec<Value>| {
        let Some(Value::Array(node)) = range.into_iter().nth(2) else { return None };
        let mut node = node.into_iter();
        let host: String = answer(node.next()?).ok()?;
        let port: u16 = answer(node.next()?).ok()?;
        Some(format!("{host}:{port}"))
    };
    Ok(ranges.into_iter().filter_map(primary).collect())
}
