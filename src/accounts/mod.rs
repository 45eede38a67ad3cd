//! Whole accounts: what was written down about one for its person, and what changes all of it at once.

use std::sync::Arc;

use crate::{
    partition::{Chronicle, Codec, Deed, Line, Presence, Receipt, Served, Standing, listing, resolve},
    store::{Backend, Commit, Entry, Kind, Outcome, StoreError},
    types::{AppId, ids::IdentityId},
};

/// Finds and changes whole accounts.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<dyn Backend>,
    codec: Codec,
    chronicle: Chronicle,
}

impl Accounts {
    /// On a store, with what seals, and what writes history.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, chronicle: Chronicle) -> Self {
        Self { store, codec, chronicle }
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
        let puts = vec![self.chronicle.line(who, deed)];
        let commit = Commit { guards: vec![who.unchanged()], puts, deletes: vec![] };
        // A conflict means that the account changed under it; then it matters no more.
        let _either_way: Outcome = self.store.commit(&who.partition(), commit).await?;
        Ok(())
    }

    /// What happened to the account, the latest last.
    ///
    /// # Errors
    /// The store's own.
    pub async fn history(&self, who: &Presence) -> Result<Vec<Line>, StoreError> {
        let entries = self.list(who, Kind::History).await?;
        Ok(entries.iter().filter_map(|entry| self.codec.open_line(who, entry)).collect())
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
}
