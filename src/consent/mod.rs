//! Consent: what an account lets an app see. It begins with the grants that rest on it; it is found, changed and
//! withdrawn here. What is decided here holds for the next token, and for UserInfo at once.

mod act;

use std::{sync::Arc, time::Duration};

use crate::{
    flow::Agreement,
    partition::{Agreed, Chronicle, Codec, Presence, listing},
    store::{Backend, Kind, RecordKey, StoreError},
    types::{AppId, Clock},
};

pub use act::Changed;

/// Finds agreements, and changes them for the person.
#[derive(Clone)]
pub struct Consents {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    chronicle: Chronicle,
    keep: Duration,
}

impl Consents {
    /// On a store, with what seals, the time, what writes history, and how long an agreement lives on which nothing
    /// is issued.
    pub fn new(
        store: Arc<dyn Backend>,
        codec: Codec,
        clock: Arc<dyn Clock>,
        chronicle: Chronicle,
        keep: Duration,
    ) -> Self {
        Self { store, codec, clock, chronicle, keep }
    }

    /// What an account agreed to with an app.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, who: &Presence, app: &AppId) -> Result<Agreed, StoreError> {
        let stored = self.store.read(&who.partition(), &[RecordKey::consent(app)]).await?.pop().flatten();
        Ok(self.codec.agreed(who, app, stored.as_ref()))
    }

    /// Everything that an account agreed to, by the apps' ids: also with apps that are registered no more.
    ///
    /// # Errors
    /// The store's own.
    pub async fn list(&self, who: &Presence) -> Result<Vec<(AppId, Agreement)>, StoreError> {
        let entries = listing::all(&*self.store, &who.partition(), Kind::Consent).await?;
        let open = |entry: &crate::store::Entry| {
            let app = entry.key.app()?;
            let agreement = self.codec.open_agreement(who, &app, &entry.stored)?;
            Some((app, agreement))
        };
        Ok(entries.iter().filter_map(open).collect())
    }
}
