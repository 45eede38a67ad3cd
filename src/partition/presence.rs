//! An account that is there: read from its head, neither blocked nor deleted.

use serde::{Serialize, de::DeserializeOwned};

use super::{At, Codec, Head, Life, Living};
use crate::{
    flow::Agreement,
    seal::Lock,
    store::{Backend, Guard, Partition, Put, RecordKey, StoreError, Stored, Version},
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

impl Codec {
    /// Reads a head. `None`: blocked or deleted.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for one that does not open.
    pub fn open_head(&self, home: HomeId, stored: &Stored) -> Result<Head, StoreError> {
        self.open_lasting("head", &Partition::home(home), &RecordKey::head(), &stored.value)
            .map_err(|_| StoreError::Corrupt("a head does not open"))
    }

    /// Reads the head of a partition as it is now.
    ///
    /// # Errors
    /// The store's own, and as [`Codec::open_head`].
    pub async fn read_head(&self, store: &dyn Backend, home: HomeId) -> Result<Option<(Head, Version)>, StoreError> {
        let stored = store.read(&Partition::home(home), &[RecordKey::head()]).await?.pop().flatten();
        stored.map(|stored| Ok((self.open_head(home, &stored)?, stored.version))).transpose()
    }

    /// The record of a head, in a fresh version.
    pub fn put_head(&self, home: HomeId, head: &Head) -> Put {
        self.put_lasting("head", &Partition::home(home), RecordKey::head(), head, None)
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

    /// A record of this life that the account's own key opens, in a fresh version.
    pub(super) fn put_own<T: Serialize>(
        &self,
        who: &Presence,
        part: &'static str,
        key: RecordKey,
        content: &T,
        expires: Option<Timestamp>,
    ) -> Put {
        let at = At { part, partition: &who.partition(), key: &key, life: &who.life };
        let value = self.seal(at, Lock::Key(&who.living.account_key), content);
        Put { version: self.version(), value, expires, due: None, key }
    }

    /// Opens what [`Codec::put_own`] made for the same place; `None` if it belongs to another life.
    pub(super) fn open_own<T: DeserializeOwned>(
        &self,
        who: &Presence,
        part: &'static str,
        key: &RecordKey,
        sealed: &[u8],
    ) -> Option<T> {
        let at = At { part, partition: &who.partition(), key, life: &who.life };
        self.open(at, Lock::Key(&who.living.account_key), sealed).ok()
    }

    /// Reads what an account agreed to; `None` if it was sealed in another life.
    pub fn open_agreement(&self, who: &Presence, app: &AppId, stored: &Stored) -> Option<Agreement> {
        self.open_own(who, "consent", &RecordKey::consent(app), &stored.value)
    }

    /// The same together with what guards it.
    pub fn agreed(&self, who: &Presence, app: &AppId, stored: Option<&Stored>) -> Agreed {
        Agreed {
            agreement: stored.and_then(|stored| self.open_agreement(who, app, stored)),
            record: Guard::as_read(RecordKey::consent(app), stored.map(|stored| stored.version)),
        }
    }

    /// The record of an agreement, in a fresh version.
    pub fn put_agreement(&self, who: &Presence, app: &AppId, agreement: &Agreement, expires: Timestamp) -> Put {
        self.put_own(who, "consent", RecordKey::consent(app), agreement, Some(expires))
    }
}
