//! What waits, for operators and meters.

use serde::Serialize;

use super::{Held, Letter, Outbox};
use crate::{
    partition::listing,
    store::{Kind, Partition, StoreError},
    types::{AppId, Timestamp},
};

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// How many letters, and intents that are not letters yet.
    pub waiting: u64,
    /// Since when the oldest does.
    pub oldest: Option<Timestamp>,
}

/// One letter as an operator sees it: nothing of whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Its name, as the app knows it.
    pub id: String,
    /// For whom.
    pub app: AppId,
    /// What happened.
    pub event: &'static str,
    /// Whether the app fetches it itself.
    pub fetched: bool,
    /// When it happened (RFC 3339).
    pub since: String,
    /// How often it was sent in vain.
    pub attempts: u32,
    /// When it is sent next, or, of one that is fetched, given up (RFC 3339).
    pub next: String,
}

impl Outbox {
    /// Counts what waits.
    ///
    /// # Errors
    /// The store's own.
    pub async fn overview(&self) -> Result<Overview, StoreError> {
        let mut overview = Overview::default();
        for shard in Self::shards() {
            for entry in listing::all(&*self.store, &Partition::outbox(shard), Kind::Outbox).await? {
                let hint = self.codec.open_hint(&entry).map(|hint| hint.at);
                let Some(at) = hint.or_else(|| self.open(entry).map(|held| held.what.at)) else { continue };
                overview.waiting += 1;
                overview.oldest = Some(overview.oldest.map_or(at, |oldest| oldest.min(at)));
            }
        }
        Ok(overview)
    }

    /// Every letter that waits, the oldest first.
    ///
    /// # Errors
    /// The store's own.
    pub async fn list(&self) -> Result<Vec<Waiting>, StoreError> {
        let mut letters = self.letters().await?;
        letters.sort_by_key(|held| (held.what.at, held.what.id));
        Ok(letters.iter().map(waiting).collect())
    }

    /// Makes every letter that is to be posted, or those of one app, due at once. Says how many. One that is being
    /// delivered at this moment is left to whoever does that.
    ///
    /// # Errors
    /// The store's own; some may be due already.
    pub async fn retry(&self, app: Option<&AppId>) -> Result<usize, StoreError> {
        let (mut count, now) = (0, self.clock.now());
        for mut held in self.letters().await? {
            let wanted = app.is_none_or(|app| held.what.app == *app) && !held.is_in_mailbox();
            if !wanted || held.what.next <= now {
                continue;
            }
            held.what.next = now;
            self.put_back(held).await?;
            count += 1;
        }
        self.bell.ring();
        Ok(count)
    }

    async fn letters(&self) -> Result<Vec<Held<Letter>>, StoreError> {
        let mut letters = Vec::new();
        for shard in Self::shards() {
            let entries = listing::all(&*self.store, &Partition::outbox(shard), Kind::Outbox).await?;
            letters.extend(entries.into_iter().filter_map(|entry| self.open(entry)));
        }
        Ok(letters)
    }
}

fn waiting(held: &Held<Letter>) -> Waiting {
    let (letter, fetched) = (&held.what, held.is_in_mailbox());
    Waiting {
        id: letter.id.to_string(),
        app: letter.app.clone(),
        event: letter.news.word(),
        fetched,
        since: letter.at.rfc3339(),
        attempts: letter.attempts,
        next: if fetched { letter.ends() } else { letter.next }.rfc3339(),
    }
}
