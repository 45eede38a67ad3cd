//! Devices without a browser (RFC 8628): a device shows a code, the person types it into a browser and decides there,
//! and the device fetches the answer.
//!
//! The browser that says yes does not know the device code; so what it says is sealed to a public key that was derived
//! from it ([`Mailbox`]), and lies in the store until the device comes for it. A copy of the store and the master opens
//! neither that nor the grant that it leads to.

mod poll;
mod record;
#[cfg(test)]
mod tests;

use std::{num::NonZeroU16, sync::Arc, time::Duration};

use serde_bytes::ByteBuf;

pub use poll::Polled;
use record::{DeviceCode, KIND, Record, State};

use crate::{
    partition::{Codec, places, races},
    seal::Mailbox,
    store::{Backend, Commit, Guard, Outcome, Partition, RecordKey, StoreError, Version},
    types::{AppId, Clock, Scope, Secret32, SecretText, Timestamp, ids::RandomId, user_code::UserCode},
};

/// How long a request waits for the person.
pub const LIVES: Duration = Duration::from_secs(600);

/// How many seconds a device waits between two questions (section 3.2).
pub const INTERVAL: u32 = 5;

/// How many requests one app may have at once.
pub const MOST: NonZeroU16 = NonZeroU16::new(1024).unwrap();

/// The requests of devices.
#[derive(Clone)]
pub struct Devices {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
}

/// What a device is told.
#[derive(Debug)]
pub struct Begun {
    /// For the device alone.
    pub device_code: SecretText,
    /// For the person to type.
    pub user_code: UserCode,
}

/// What a person finds behind a user code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which request: a code may come up again some day.
    pub id: RandomId,
    /// Who asks.
    pub app: AppId,
    /// For what.
    pub scope: Scope,
    /// Until when.
    pub expires: Timestamp,
}

/// What a person says.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Yes: what the device is to get.
    Approved(&'a SecretText),
    /// No.
    Declined,
}

impl Devices {
    /// On a store, with what seals, and the time.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, clock: Arc<dyn Clock>) -> Self {
        Self { store, codec, clock }
    }

    /// A request begins. `None`: the app has too many already.
    ///
    /// # Errors
    /// The store's own.
    pub async fn begin(&self, app: &AppId, scope: &Scope) -> Result<Option<Begun>, StoreError> {
        let expires = self.clock.now().plus(LIVES);
        if !self.take_place(app, expires).await? {
            return Ok(None);
        }
        let random = self.codec.sealer().random();
        let secret = Secret32::generate(random);
        let mailbox = Mailbox::of(&secret).ok_or(StoreError::Corrupt("a device's key cannot be made"))?;
        for _ in 0..races::TRIES {
            let user_code = UserCode::generate(random);
            let place = self.codec.pseudonyms().user_code(&user_code);
            let record = Record {
                id: RandomId::generate(random),
                app: app.clone(),
                scope: scope.clone(),
                mailbox: mailbox.clone(),
                expires,
                interval: INTERVAL,
                asked: None,
                state: State::Waiting,
            };
            let absent = Guard::Absent(RecordKey::device());
            if self.write(&place, absent, &record).await? == Outcome::Committed {
                let code = DeviceCode { place, app: app.clone(), secret };
                let device_code = SecretText::new(self.codec.sealer().hand_out(KIND, &code));
                return Ok(Some(Begun { device_code, user_code }));
            }
        }
        Err(races::too_many())
    }

    /// The request that a person typed the code of, while it waits for them.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, code: &UserCode) -> Result<Option<Waiting>, StoreError> {
        let found = self.read(&self.codec.pseudonyms().user_code(code)).await?;
        let waits = found.filter(|(record, _)| matches!(record.state, State::Waiting));
        Ok(waits.map(|(Record { id, app, scope, expires, .. }, _)| Waiting { id, app, scope, expires }))
    }

    /// Writes down what the person says to request `id`. `false`: it waits no longer, and nothing changed.
    ///
    /// # Errors
    /// The store's own.
    pub async fn decide(&self, code: &UserCode, id: RandomId, decision: Decision<'_>) -> Result<bool, StoreError> {
        let place = self.codec.pseudonyms().user_code(code);
        for _ in 0..races::TRIES {
            let Some((record, version)) = self.read(&place).await? else { return Ok(false) };
            if record.id != id || !matches!(record.state, State::Waiting) {
                return Ok(false);
            }
            let state = match decision {
                Decision::Declined => State::Declined,
                Decision::Approved(key) => {
                    let sealed = record.mailbox.seal(id.as_bytes(), key.expose().as_bytes());
                    State::Approved(ByteBuf::from(sealed.map_err(|_| StoreError::Corrupt("no mailbox"))?))
                }
            };
            let unchanged = Guard::Version(RecordKey::device(), version);
            if self.write(&place, unchanged, &Record { state, ..record }).await? == Outcome::Committed {
                return Ok(true);
            }
        }
        Err(races::too_many())
    }

    async fn read(&self, place: &[u8; 32]) -> Result<Option<(Record, Version)>, StoreError> {
        let partition = Partition::device(place);
        let Some(stored) = self.store.read(&partition, &[RecordKey::device()]).await?.pop().flatten() else {
            return Ok(None);
        };
        let record: Record = self
            .codec
            .open_lasting("device", &partition, &RecordKey::device(), &stored.value)
            .map_err(|_| StoreError::Corrupt("a device's request does not open"))?;
        Ok((self.clock.now() < record.expires).then_some((record, stored.version)))
    }

    async fn write(&self, place: &[u8; 32], guard: Guard, record: &Record) -> Result<Outcome, StoreError> {
        let partition = Partition::device(place);
        let put = self.codec.put_lasting("device", &partition, RecordKey::device(), record, Some(record.expires));
        self.store.commit(&partition, Commit { guards: vec![guard], puts: vec![put], deletes: vec![] }).await
    }

    /// Takes one of the places that an app has; it comes free by itself.
    async fn take_place(&self, app: &AppId, expires: Timestamp) -> Result<bool, StoreError> {
        let partition = Partition::device_places(app);
        for _ in 0..places::TRIES {
            let (free, put) = places::draw(self.codec.sealer().random(), MOST, expires);
            let commit = Commit { guards: vec![free], puts: vec![put], deletes: vec![] };
            if self.store.commit(&partition, commit).await? == Outcome::Committed {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
