//! What providers told us, remembered so that each message acts once, however often it comes. It is written down after
//! the act, before the answer: a message that was acted on and not written down comes again, and acting again changes
//! nothing more.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    partition::{Codec, races},
    store::{Backend, Commit, Guard, Outcome, Partition, RecordKey, StoreError, Stored},
    types::{Clock, Timestamp, bytes, ids::IdentityId},
};

/// How long a message is remembered: one that is older is refused by itself, a minute for clocks that differ granted.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600 + 60);

/// A message, or the last word about an identity.
#[derive(Debug, Serialize, Deserialize)]
struct Event {
    identity: Option<IdentityId>,
    at: Timestamp,
}

/// Remembers messages of providers.
#[derive(Clone)]
pub struct Heard {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
}

impl Heard {
    /// On a store, with what seals, and the time.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, clock: Arc<dyn Clock>) -> Self {
        Self { store, codec, clock }
    }

    /// Whether a message of this name was acted on.
    ///
    /// # Errors
    /// The store's own.
    pub async fn knows(&self, message: &[u8; 32]) -> Result<bool, StoreError> {
        let read = self.store.read(&Partition::event(message), &[RecordKey::event()]).await?;
        Ok(read.into_iter().flatten().next().is_some())
    }

    /// Writes down that a message was acted on, and whom it was about. `true` for whoever does so first.
    ///
    /// # Errors
    /// The store's own; then the provider must send it again.
    pub async fn keep(&self, message: &[u8; 32], identity: Option<IdentityId>) -> Result<bool, StoreError> {
        let (partition, event) = (Partition::event(message), Event { identity, at: self.clock.now() });
        let guards = vec![Guard::Absent(RecordKey::event())];
        Ok(self.write(&partition, guards, &event).await? == Outcome::Committed)
    }

    /// Whether nothing newer than `issued` was said of an identity being shut or open; takes note of it then. Messages
    /// may overtake each other, and the last word counts.
    ///
    /// # Errors
    /// The store's own.
    pub async fn is_last_word(&self, identity: IdentityId, issued: Timestamp) -> Result<bool, StoreError> {
        let partition = Partition::event(&bytes::sha256(&[b"last word".as_slice(), identity.as_bytes()].concat()));
        for _ in 0..races::TRIES {
            let stored = self.store.read(&partition, &[RecordKey::event()]).await?.pop().flatten();
            if let Some(stored) = &stored
                && self.open(&partition, stored)?.at > issued
            {
                return Ok(false);
            }
            let guards = vec![Guard::as_read(RecordKey::event(), stored.map(|stored| stored.version))];
            let event = Event { identity: Some(identity), at: issued };
            if self.write(&partition, guards, &event).await? == Outcome::Committed {
                return Ok(true);
            }
        }
        Err(races::too_many())
    }

    async fn write(&self, partition: &Partition, guards: Vec<Guard>, event: &Event) -> Result<Outcome, StoreError> {
        let expires = Some(self.clock.now().plus(KEPT));
        let put = self.codec.put_lasting("event", partition, RecordKey::event(), event, expires);
        self.store.commit(partition, Commit { guards, puts: vec![put], deletes: vec![] }).await
    }

    fn open(&self, partition: &Partition, stored: &Stored) -> Result<Event, StoreError> {
        self.codec
            .open_lasting("event", partition, &RecordKey::event(), &stored.value)
            .map_err(|_| StoreError::Corrupt("an event does not open"))
    }
}
