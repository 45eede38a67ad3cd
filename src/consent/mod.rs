//! Consent: what an account lets an app see. Written with the grants that rest on it; read here.

use std::sync::Arc;

use crate::{
    partition::{Agreed, Codec, Presence},
    store::{Backend, RecordKey, StoreError},
    types::AppId,
};

/// Finds agreements.
#[derive(Clone)]
pub struct Consents {
    store: Arc<dyn Backend>,
    codec: Codec,
}

impl Consents {
    /// On a store, with what seals.
    pub fn new(store: Arc<dyn Backend>, codec: Codec) -> Self {
        Self { store, codec }
    }

    /// What an account agreed to with an app.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, who: &Presence, app: &AppId) -> Result<Agreed, StoreError> {
        let stored = self.store.read(&who.partition(), &[RecordKey::consent(app)]).await?.pop().flatten();
        Ok(self.codec.agreed(who, app, stored.as_ref()))
    }
}
