//! An account that is there: read from its head, neither blocked nor deleted.

use super::{At, Codec, Head, Life, Living};
use crate::{
    flow::Agreement,
    seal::Lock,
    store::{Guard, Partition, Put, RecordKey, StoreError, Stored, Version},
    types::{
        AppId, Timestamp,
        ids::{AccountId, HomeId},
    },
};

/// An account as one read of its head found it. Whatever is written on the strength of it guards
/// [`Presence::unchanged`], so that a deletion, a block or a sign-out everywhere in between wins.
#[derive(Clone, Debug)]
pub struct Presence {
    /// Its partition.
    pub home: HomeId,
    /// The present life.
    pub life: Life,
    /// What lives in it.
    pub living: Living,
    /// The account's pseudonym in this life.
    pub account: AccountId,
    version: Version,
}

impl Presence {
    /// Holds as long as the head is the one that was read.
    pub fn unchanged(&self) -> Guard {
        Guard::Version(RecordKey::head(), self.version)
    }

    /// The partition's name.
    pub fn partition(&self) -> Partition {
        Partition::home(self.home)
    }
}

/// What an account agreed to with an app, as one read found it. Whatever is written on the strength of it guards
/// [`Agreed::unchanged`], so that a pause or a disconnection in between wins.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The agreement, if there is one in this life.
    pub agreement: Option<Agreement>,
    record: Guard,
}

impl Agreed {
    /// Holds as long as the agreement is the one that was read, or there is still none.
    pub fn unchanged(&self) -> Guard {
        self.record.clone()
    }
}

const NO_LIFE: Life = Life::none();

impl Codec {
    /// Reads a head. `None`: blocked or deleted.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for one that does not open.
    pub fn open_head(&self, home: HomeId, stored: &Stored) -> Result<Head, StoreError> {
        let (partition, key) = (Partition::home(home), RecordKey::head());
        let at = At { part: "head", partition: &partition, key: &key, life: &NO_LIFE };
        self.open(at, Lock::Master, &stored.value).map_err(|_| StoreError::Corrupt("a head does not open"))
    }

    /// The record of a head, in a fresh version.
    pub fn put_head(&self, home: HomeId, head: &Head) -> Put {
        let (partition, key) = (Partition::home(home), RecordKey::head());
        let at = At { part: "head", partition: &partition, key: &key, life: &NO_LIFE };
        let value = self.seal(at, Lock::Master, head);
        Put { version: self.version(), value, expires: None, due: None, key }
    }

    /// The account behind a head that was read or just written in `version`; `None` if blocked or deleted.
    pub fn presence(&self, home: HomeId, head: Head, version: Version) -> Option<Presence> {
        head.open()?;
        let account = self.pseudonyms().account(home, head.life.as_bytes());
        Some(Presence { home, living: head.living?, life: head.life, account, version })
    }

    /// The same from what a read gave.
    ///
    /// # Errors
    /// As [`Codec::open_head`].
    pub fn find_presence(&self, home: HomeId, stored: Option<&Stored>) -> Result<Option<Presence>, StoreError> {
        let Some(stored) = stored else { return Ok(None) };
        Ok(self.presence(home, self.open_head(home, stored)?, stored.version))
    }

    /// Reads what an account agreed to; `None` if it was sealed in another life.
    pub fn open_agreement(&self, who: &Presence, app: &AppId, stored: &Stored) -> Option<Agreement> {
        let (partition, key) = (who.partition(), RecordKey::consent(app));
        let at = At { part: "consent", partition: &partition, key: &key, life: &who.life };
        self.open(at, Lock::Key(&who.living.account_key), &stored.value).ok()
    }

    /// The same together with what guards it.
    pub fn agreed(&self, who: &Presence, app: &AppId, stored: Option<&Stored>) -> Agreed {
        let key = RecordKey::consent(app);
        match stored {
            None => Agreed { agreement: None, record: Guard::Absent(key) },
            Some(stored) => {
                Agreed { agreement: self.open_agreement(who, app, stored), record: Guard::Version(key, stored.version) }
            }
        }
    }

    /// The record of an agreement, in a fresh version.
    pub fn put_agreement(&self, who: &Presence, app: &AppId, agreement: &Agreement, expires: Timestamp) -> Put {
        let (partition, key) = (who.partition(), RecordKey::consent(app));
        let at = At { part: "consent", partition: &partition, key: &key, life: &who.life };
        let value = self.seal(at, Lock::Key(&who.living.account_key), agreement);
        Put { version: self.version(), value, expires: Some(expires), due: None, key }
    }
}
