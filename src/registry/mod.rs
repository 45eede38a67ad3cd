//! Apps that registered themselves (RFC 7591), in the store. Each change writes the *edition*, too: every instance looks
//! whether it is the one that it knows, and reads all of them again if it is not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    config::{NotRegistered, registered},
    partition::{Codec, listing, races},
    store::{Backend, Commit, Guard, Kind, Outcome, Partition, RecordKey, StoreError, Version},
    types::{App, AppId, Timestamp},
};

/// How many apps may register themselves.
pub const MOST: u32 = 1000;

/// The part of a record that says so.
const APP: &str = "registered app";
const EDITION: &str = "edition of registered apps";

/// An app that registered itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// Its `client_id`.
    pub id: AppId,
    /// What it says of itself, as JSON.
    pub metadata: String,
    /// SHA-256 of its secret.
    pub secret: Option<[u8; 32]>,
    /// SHA-256 of the token by which it is managed (RFC 7592).
    pub token: [u8; 32],
    /// The sector that it proved to be of (OpenID Connect Core, section 8.1).
    pub sector: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

impl Registered {
    /// What it says of itself.
    pub fn said(&self) -> Map<String, Value> {
        serde_json::from_str(&self.metadata).unwrap_or_default()
    }

    /// The app, by the rules of today.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn app(&self) -> Result<App, NotRegistered> {
        registered(self.id.clone(), &self.said(), self.secret, self.sector.as_deref())
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Edition {
    apps: u32,
}

/// Which apps there are, as of one moment.
pub type EditionId = Option<Version>;

/// The registered apps.
#[derive(Clone)]
pub struct Registry {
    store: Arc<dyn Backend>,
    codec: Codec,
}

impl Registry {
    /// On a store.
    pub fn new(store: Arc<dyn Backend>, codec: Codec) -> Self {
        Self { store, codec }
    }

    /// The present edition.
    ///
    /// # Errors
    /// The store's own.
    pub async fn edition(&self) -> Result<EditionId, StoreError> {
        let read = self.store.read(&Partition::apps(), &[RecordKey::edition()]).await?.pop().flatten();
        Ok(read.map(|stored| stored.version))
    }

    /// All of them that can be read: one that does not open, as it is sealed with a master that is gone, takes no other with
    /// it.
    ///
    /// # Errors
    /// The store's own.
    pub async fn all(&self) -> Result<Vec<Registered>, StoreError> {
        let entries = listing::all(&*self.store, &Partition::apps(), Kind::App).await?;
        let apps = entries.iter().filter(|entry| entry.key != RecordKey::edition());
        let opened = apps.filter_map(|entry| {
            let app = self.open(&entry.key, &entry.stored.value);
            app.inspect_err(|error| tracing::warn!(app = entry.key.as_str(), %error, "left out")).ok()
        });
        Ok(opened.collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, id: &AppId) -> Result<Option<Registered>, StoreError> {
        let key = RecordKey::registered(id);
        let read = self.store.read(&Partition::apps(), std::slice::from_ref(&key)).await?.pop().flatten();
        read.map(|stored| self.open(&key, &stored.value)).transpose()
    }

    /// One more. `false`: there are too many.
    ///
    /// # Errors
    /// The store's own.
    pub async fn add(&self, app: &Registered) -> Result<bool, StoreError> {
        self.change(&app.id, |there, apps| (!there && apps < MOST).then(|| (Some(app.clone()), apps + 1))).await
    }

    /// The same app, saying something else. `false`: it is gone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn replace(&self, app: &Registered) -> Result<bool, StoreError> {
        self.change(&app.id, |there, apps| there.then(|| (Some(app.clone()), apps))).await
    }

    /// Takes one away. `false`: it was gone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn remove(&self, id: &AppId) -> Result<bool, StoreError> {
        self.change(id, |there, apps| there.then(|| (None, apps.saturating_sub(1)))).await
    }

    /// Changes one of them and the edition in one commit. `to` decides from whether it is there, and how many are.
    async fn change(
        &self,
        id: &AppId,
        to: impl Fn(bool, u32) -> Option<(Option<Registered>, u32)>,
    ) -> Result<bool, StoreError> {
        let (partition, keys) = (Partition::apps(), [RecordKey::edition(), RecordKey::registered(id)]);
        let [edition, key] = &keys;
        for _ in 0..races::TRIES {
            let mut read = self.store.read(&partition, &keys).await?.into_iter();
            let (before, there) = (read.next().flatten(), read.next().flatten());
            let apps = before.as_ref().map_or(Ok(0), |stored| {
                let opened: Result<Edition, _> = self.codec.open_lasting(EDITION, &partition, edition, &stored.value);
                opened.map(|edition| edition.apps).map_err(|_| StoreError::Corrupt("an edition does not open"))
            })?;
            let Some((app, apps)) = to(there.is_some(), apps) else { return Ok(false) };
            let guards = vec![
                Guard::as_read(edition.clone(), before.map(|stored| stored.version)),
                Guard::as_read(key.clone(), there.map(|stored| stored.version)),
            ];
            let mut puts = vec![self.codec.put_lasting(EDITION, &partition, edition.clone(), &Edition { apps }, None)];
            let mut deletes = vec![];
            match app {
                Some(app) => puts.push(self.codec.put_lasting(APP, &partition, key.clone(), &app, None)),
                None => deletes.push(key.clone()),
            }
            if self.store.commit(&partition, Commit { guards, puts, deletes }).await? == Outcome::Committed {
                return Ok(true);
            }
        }
        Err(races::too_many())
    }

    fn open(&self, key: &RecordKey, value: &[u8]) -> Result<Registered, StoreError> {
        self.codec
            .open_lasting(APP, &Partition::apps(), key, value)
            .map_err(|_| StoreError::Corrupt("a registered app does not open"))
    }
}
