//! What belongs to earlier lives opens no more, and goes. It may crash at any point, and be done again by anyone.

use serde::Deserialize;

use super::Accounts;
use crate::{
    partition::{At, Head, listing, races},
    seal::Lock,
    store::{Commit, Entry, Guard, Kind, Outcome, Partition, RecordKey, StoreError},
    types::ids::HomeId,
};

/// What hangs on a life. Heads, aliases and intents do not.
const OF_A_LIFE: [Kind; 7] =
    [Kind::Session, Kind::Gate, Kind::Grant, Kind::Consent, Kind::Served, Kind::History, Kind::Receipt];
/// How many records go in one commit.
const BATCH: usize = 100;

/// A record whose header the master opens: sessions, passes of the gate, and grants.
#[derive(Deserialize)]
struct Headed {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
}

impl Accounts {
    /// Removes what belongs to earlier lives of a partition, and never anything of the present one, though it begin at
    /// this moment. Says how many records went.
    ///
    /// # Errors
    /// The store's own.
    pub async fn sweep(&self, home: HomeId) -> Result<usize, StoreError> {
        let mut swept = 0;
        for kind in OF_A_LIFE {
            swept += self.sweep_kind(home, kind).await?;
        }
        Ok(swept)
    }

    async fn sweep_kind(&self, home: HomeId, kind: Kind) -> Result<usize, StoreError> {
        let partition = Partition::home(home);
        for _ in 0..races::TRIES {
            let head = self.head(home).await?;
            let entries = listing::all(&*self.store, &partition, kind).await?;
            let lives = |entry: &Entry| head.as_ref().is_some_and(|(head, _)| self.is_of(head, kind, entry));
            let dead: Vec<Entry> = entries.into_iter().filter(|entry| !lives(entry)).collect();
            let guard = Guard::as_read(RecordKey::head(), head.as_ref().map(|(_, version)| *version));
            let mut outcome = Outcome::Committed;
            for batch in dead.chunks(BATCH) {
                outcome = self.remove(&partition, &guard, batch).await?;
                if outcome == Outcome::Conflict {
                    break;
                }
            }
            if outcome == Outcome::Committed {
                return Ok(dead.len());
            }
        }
        Err(races::too_many())
    }

    async fn remove(&self, partition: &Partition, head: &Guard, batch: &[Entry]) -> Result<Outcome, StoreError> {
        let guards = batch.iter().map(|entry| Guard::Version(entry.key.clone(), entry.stored.version));
        let guards = std::iter::once(head.clone()).chain(guards).collect();
        let deletes = batch.iter().map(|entry| entry.key.clone()).collect();
        self.store.commit(partition, Commit { guards, puts: vec![], deletes }).await
    }

    /// Whether a record is of the life that the head has now. That the account is blocked ends no life.
    fn is_of(&self, head: &Head, kind: Kind, entry: &Entry) -> bool {
        let Some(living) = &head.living else { return false };
        let account_key = || Lock::Key(&living.account_key);
        let opens = |part: &'static str, lock: Lock<'_>, sealed: &[u8]| {
            let at = At { part, partition: &entry.partition, key: &entry.key, life: &head.life };
            self.codec.opens(at, lock, sealed)
        };
        let header = |part| {
            let headed: Option<Headed> = rmp_serde::from_slice(&entry.stored.value).ok();
            headed.is_some_and(|headed| opens(part, Lock::Master, &headed.header))
        };
        match kind {
            Kind::Session => header("session header"),
            Kind::Gate => header("gate header"),
            Kind::Grant => header("grant header"),
            Kind::Consent => opens("consent", account_key(), &entry.stored.value),
            Kind::Served => opens("served", account_key(), &entry.stored.value),
            Kind::History => opens("history", account_key(), &entry.stored.value),
            Kind::Receipt => opens("receipt", account_key(), &entry.stored.value),
            _ => true,
        }
    }
}
