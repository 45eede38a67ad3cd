//! Letters that an app fetches itself (RFC 8936).

use super::{Held, Letter, Outbox};
use crate::{
    store::{Partition, RecordKey, StoreError},
    types::{AppId, ids::RandomId},
};

impl Outbox {
    /// What waits for an app, at most `most`, and whether there is more.
    ///
    /// # Errors
    /// The store's own.
    pub async fn mailbox(&self, app: &AppId, most: usize) -> Result<(Vec<Letter>, bool), StoreError> {
        let start = RecordKey::mailbox_start(app);
        let mut letters = self.page_of_mailbox(app, &start, most.saturating_add(1)).await?;
        let more = letters.len() > most;
        letters.truncate(most);
        Ok((letters.into_iter().map(|held| held.what).collect(), more))
    }

    /// The letter of that name in an app's own mailbox; another app's is none.
    ///
    /// # Errors
    /// The store's own.
    pub async fn in_mailbox(&self, app: &AppId, id: RandomId) -> Result<Option<Held<Letter>>, StoreError> {
        let (partition, key) = (Partition::mailbox(app), RecordKey::mailbox(app, id));
        let stored = self.store.read(&partition, std::slice::from_ref(&key)).await?.pop().flatten();
        let entry = stored.map(|stored| crate::store::Entry { partition, key, stored });
        Ok(entry.and_then(|entry| self.open(entry)))
    }
}
