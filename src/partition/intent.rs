//! "Tell the apps": written in the commit that does what they must be told of, so that neither happens without the
//! other. Before it, in the outbox, a hint that the intent waits in this partition; after a crash in between the hint
//! finds nothing and is dropped. Any instance expands an intent into one message for each app.

use serde::{Deserialize, Serialize};

use super::{Codec, Presence, StatusCode};
use crate::{
    store::{Backend, Commit, Entry, Guard, Outcome, Partition, Put, RecordKey, StoreError, Stored},
    types::{
        AppId, Claim, Timestamp,
        ids::{AccountId, HomeId, RandomId},
    },
};

/// What the apps must be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Names it.
    pub case: RandomId,
    /// The partition that it is in.
    pub home: HomeId,
    /// The account, from which each app's name for the person is derived; after a deletion nothing else knows it.
    pub account: AccountId,
    /// What happened.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The account was deleted: every app that was ever given anything hears of it.
    Deleted {
        /// The page that shows how far it is, by its code's hash.
        #[serde(with = "serde_bytes")]
        status: [u8; 32],
    },
    /// Some sessions ended: the apps that were given something in them hear of it.
    SignedOut {
        /// Which.
        sessions: Vec<RandomId>,
        /// Who did it.
        by: By,
    },
    /// All of them ended.
    SignedOutEverywhere {
        /// Who did it.
        by: By,
    },
    /// The person disconnected an app.
    Disconnected {
        /// Which.
        app: AppId,
    },
    /// The person changed what an app may see.
    Changed {
        /// Which app.
        app: AppId,
        /// What it may see from now on.
        on: Vec<Claim>,
        /// What it may see no longer.
        off: Vec<Claim>,
    },
}

/// Who brought something about (CAEP 1.0, `initiating_entity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// The person.
    User,
    /// The operator.
    Admin,
    /// A rule: a provider's warning, for one. Which one, no app learns.
    Policy,
}

impl Cause {
    /// The deletion of an account, whose state the holder of `code` may follow.
    pub fn deleted(code: &StatusCode) -> Self {
        Self::Deleted { status: code.hash() }
    }
}

impl Intent {
    /// The part of the outbox where its hint is.
    pub fn shard(&self) -> u8 {
        let [first, ..] = self.case.as_bytes();
        first % crate::store::record::OUTBOX_SHARDS
    }
}

/// What no instance has expanded by then, no app waits for any more.
const KEPT: std::time::Duration = std::time::Duration::from_secs(72 * 3600);

/// Leaves the hint that an intent is about to be written, and gives back the record to commit with the act itself.
///
/// # Errors
/// The store's own; then the act must not happen.
pub async fn announce(
    store: &dyn Backend,
    codec: &Codec,
    who: &Presence,
    cause: Cause,
    at: Timestamp,
) -> Result<Put, StoreError> {
    let case = RandomId::generate(codec.sealer().random());
    let intent = Intent { case, home: who.home, account: who.account, cause, at };
    let (partition, key) = (Partition::outbox(intent.shard()), RecordKey::hint(intent.case));
    let (hint, expires) = (Hint { case, home: intent.home, at }, Some(at.plus(KEPT)));
    let put = Put { due: Some(at), ..codec.put_lasting("intent hint", &partition, key.clone(), &hint, expires) };
    let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
    match store.commit(&partition, commit).await? {
        Outcome::Committed => Ok(codec.put_intent(&intent)),
        Outcome::Conflict => Err(super::races::too_many()),
    }
}

/// Where an intent waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Its case.
    pub case: RandomId,
    /// Its partition.
    pub home: HomeId,
    /// When it was announced.
    pub at: Timestamp,
}

impl Codec {
    fn put_intent(&self, intent: &Intent) -> Put {
        let (partition, expires) = (Partition::home(intent.home), Some(intent.at.plus(KEPT)));
        self.put_lasting("intent", &partition, RecordKey::intent(intent.case), intent, expires)
    }

    /// Reads an intent.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for one that does not open.
    pub fn open_intent(&self, home: HomeId, case: RandomId, stored: &Stored) -> Result<Intent, StoreError> {
        self.open_lasting("intent", &Partition::home(home), &RecordKey::intent(case), &stored.value)
            .map_err(|_| StoreError::Corrupt("an intent does not open"))
    }

    /// Reads a hint of the outbox; `None` if the entry is none.
    pub fn open_hint(&self, entry: &Entry) -> Option<Hint> {
        self.open_lasting("intent hint", &entry.partition, &entry.key, &entry.stored.value).ok()
    }
}
