//! Every record of one kind that a partition has, page by page.

use crate::store::{Backend, Entry, Kind, Partition, StoreError};

/// How many records one page has.
const PAGE: usize = 200;

/// Reads all of them, in the order of their names.
///
/// # Errors
/// The store's own.
pub async fn all(store: &dyn Backend, partition: &Partition, kind: Kind) -> Result<Vec<Entry>, StoreError> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map(|entry| entry.key.clone());
        let page = store.list(partition, kind, after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE;
        entries.extend(page);
        if is_last {
            return Ok(entries);
        }
    }
}
