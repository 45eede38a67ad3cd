//! Whole accounts: what was written down about one for its person, and what changes all of it at once.
//!
//! The head decides: linking, unlinking, blocking and deleting are one commit of it each, and whatever else they do is
//! void without it, or can be done again.

mod block;
mod delete;
mod link;
mod sweep;
mod told;

use std::sync::Arc;

pub use block::Found;
pub use delete::{Asked, Deleted};
pub use link::{Linked, MAX_WAYS, Unlinked};
pub use told::{Behind, Parted, Saying};

use crate::{
    partition::{
        Cause, Chronicle, Codec, Deed, Head, Line, Presence, Receipt, Served, Standing, intent, listing, races, resolve,
    },
    store::{Backend, Commit, Entry, Kind, Outcome, Put, StoreError, Version},
    types::{
        AppId, Clock,
        ids::{HomeId, IdentityId},
    },
};

/// Finds and changes whole accounts.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    chronicle: Chronicle,
}

impl Accounts {
    /// On a store, with what seals, the time, and what writes history.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, clock: Arc<dyn Clock>, chronicle: Chronicle) -> Self {
        Self { store, codec, clock, chronicle }
    }

    /// How things stand with an identity.
    ///
    /// # Errors
    /// The store's own.
    pub async fn resolve(&self, identity: IdentityId) -> Result<Standing, StoreError> {
        resolve(&*self.store, &self.codec, identity).await
    }

    /// Writes a line of history about something that changes nothing else.
    ///
    /// # Errors
    /// The store's own.
    pub async fn note(&self, who: &Presence, deed: Deed) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let Some(who) = self.again(who).await? else { return Ok(()) };
            let puts = vec![self.chronicle.line(&who, deed.clone())];
            let commit = Commit { guards: vec![who.unchanged()], puts, deletes: vec![] };
            if self.store.commit(&who.partition(), commit).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }

    /// What happened to the account, the latest last.
    ///
    /// # Errors
    /// The store's own.
    pub async fn history(&self, who: &Presence) -> Result<Vec<Line>, StoreError> {
        let entries = self.list(who, Kind::History).await?;
        Ok(entries.iter().filter_map(|entry| self.codec.open_line(who, entry)).collect())
    }

    /// Of the same, the latest first, those after the first `skip`, and `count` at most; and whether there are more.
    /// Opens no others.
    ///
    /// # Errors
    /// The store's own.
    pub async fn latest(&self, who: &Presence, skip: usize, count: usize) -> Result<(Vec<Line>, bool), StoreError> {
        let entries = self.list(who, Kind::History).await?;
        let mut rest = entries.iter().rev().skip(skip);
        let lines = rest.by_ref().take(count).filter_map(|entry| self.codec.open_line(who, entry)).collect();
        Ok((lines, rest.next().is_some()))
    }

    /// What the person agreed to, the latest last.
    ///
    /// # Errors
    /// The store's own.
    pub async fn receipts(&self, who: &Presence) -> Result<Vec<Receipt>, StoreError> {
        let entries = self.list(who, Kind::Receipt).await?;
        Ok(entries.iter().filter_map(|entry| self.codec.open_receipt(who, entry)).collect())
    }

    /// What each app was given, by the apps' ids.
    ///
    /// # Errors
    /// The store's own.
    pub async fn served(&self, who: &Presence) -> Result<Vec<(AppId, Served)>, StoreError> {
        let entries = self.list(who, Kind::Served).await?;
        let open = |entry: &Entry| {
            let app = entry.key.app()?;
            let served = self.codec.open_served(who, &app, &entry.stored)?;
            Some((app, served))
        };
        Ok(entries.iter().filter_map(open).collect())
    }

    /// Every record of one kind that the partition has.
    async fn list(&self, who: &Presence, kind: Kind) -> Result<Vec<Entry>, StoreError> {
        listing::all(&*self.store, &who.partition(), kind).await
    }

    /// The same account as it is now; `None` if it was blocked or deleted since.
    async fn again(&self, who: &Presence) -> Result<Option<Presence>, StoreError> {
        let Some((head, version)) = self.head(who.home).await? else { return Ok(None) };
        Ok(self.codec.presence(who.home, head, version).filter(|now| now.account == who.account))
    }

    async fn head(&self, home: HomeId) -> Result<Option<(Head, Version)>, StoreError> {
        self.codec.read_head(&*self.store, home).await
    }

    /// What tells the apps, to be committed with what they must be told of.
    async fn announce(&self, who: &Presence, cause: Cause) -> Result<Put, StoreError> {
        intent::announce(&*self.store, &self.codec, who, cause, self.clock.now()).await
    }
}
