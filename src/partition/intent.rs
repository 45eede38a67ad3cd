//! "Tell the apps": written in the commit that does what they must be told of, so that neither happens without the
//! other. Before it, in the outbox, a hint that the intent waits in this partition; after a crash in between the hint
//! finds nothing and is dropped. Any instance expands an intent into one message for each app.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Codec, Presence, Served, StatusCode};
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
        /// Which apps were given anything, and in which sessions; the records that say so open no more.
        apps: BTreeMap<AppId, BTreeSet<RandomId>>,
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
    /// The deletion of an account that `apps` know, and whose state the holder of `code` may follow.
    pub fn deleted(code: &StatusCode, apps: impl IntoIterator<Item = (AppId, Served)>) -> Self {
        let apps = apps.into_iter().map(|(app, served)| (app, served.sessions.into_keys().collect())).collect();
        Self::Deleted { status: code.hash(), apps }
    }
}

impl Intent {
    /// The part of the outbox where its hint is.
    pub fn shard(&self) -> u8 {
        let [first, ..] = self.case.as_bytes();
        first % crate::store::record::OUTBOX_SHARDS
    }
}

/// What no app has heard by then, none waits for any more.
pub const KEPT: std::time::Duration = std::time::Duration::from_secs(72 * 3600);

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
    let partition = Partition::outbox(intent.shard());
    let put = codec.put_hint(&partition, &Hint { case, home: intent.home, at, filed: false, looks: 0 }, at);
    let key = put.key.clone();
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
    /// Whether its messages are in the outbox, all of them. What is left to do then may be done twice.
    #[serde(default)]
    pub filed: bool,
    /// How often the intent was looked for and not there: the commit that it is in may still be on its way.
    #[serde(default)]
    pub looks: u32,
}

impl Codec {
    /// The record of a hint, in a fresh version, to be looked at from `due` on.
    pub fn put_hint(&self, partition: &Partition, hint: &Hint, due: Timestamp) -> Put {
        let (key, expires) = (RecordKey::hint(hint.case), Some(hint.at.plus(KEPT)));
        Put { due: Some(due), ..self.put_lasting("intent hint", partition, key, hint, expires) }
    }

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
