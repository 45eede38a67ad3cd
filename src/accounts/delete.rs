//! Leaving for good: one commit of the head, by which nothing of the life before opens any more.

use super::Accounts;
use crate::{
    partition::{Cause, Farewell, Origin, Presence, Status, StatusCode, races},
    store::{Commit, Guard, Outcome, Partition, RecordKey, StoreError},
};

/// What came of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// Nothing of the account opens any more; the apps are about to be told.
    Done,
    /// There was nothing left to delete.
    Gone,
}

/// Who asks for a deletion, and what came of it at the provider by which they showed who they are.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who.
    pub origin: Origin,
    /// `None` where nobody signed in for it.
    pub farewell: Option<Farewell>,
}

impl From<Origin> for Asked {
    fn from(origin: Origin) -> Self {
        Self { origin, farewell: None }
    }
}

/// What a status is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A whole account, whose apps are yet to be told.
    Everything,
    /// One way to sign in, which goes at once; the account goes on.
    OneWay,
    /// Nothing: there was nobody.
    Nobody,
}

impl Accounts {
    /// Deletes an account. `code` opens the page that shows how far it is.
    ///
    /// # Errors
    /// The store's own; then it may be asked for again, with the same code or another.
    pub async fn delete(
        &self,
        who: &Presence,
        asked: impl Into<Asked>,
        code: &StatusCode,
    ) -> Result<Deleted, StoreError> {
        self.open_status(asked.into(), code, Of::Everything).await?;
        for _ in 0..races::TRIES {
            let Some((head, version)) = self.head(who.home).await? else { return Ok(Deleted::Gone) };
            if head.life != who.life || head.living.is_none() {
                return Ok(Deleted::Gone);
            }
            // Whoever is given something from now on is found by the names of its records.
            let served = self.served(who).await?;
            let ways = head.living.as_ref().map(|living| living.identities.clone()).unwrap_or_default();
            let after = head.after_deletion(self.codec.sealer().random());
            let told = self.announce(who, Cause::deleted(code, served)).await?;
            let puts = vec![self.codec.put_head(who.home, &after), told];
            let guards = vec![Guard::Version(RecordKey::head(), version)];
            let commit = Commit { guards, puts, deletes: vec![] };
            if self.store.commit(&who.partition(), commit).await? == Outcome::Committed {
                for way in ways {
                    // Void already. What stays after a crash says nothing but that two pseudonyms were one person.
                    self.forget_alias(way.identity, who.home).await?;
                }
                return Ok(Deleted::Done);
            }
        }
        Err(races::too_many())
    }

    /// A status page for somebody of whom nothing is known; it looks like any other.
    ///
    /// # Errors
    /// The store's own.
    pub async fn nobody(&self, origin: Origin, code: &StatusCode) -> Result<(), StoreError> {
        self.open_status(origin.into(), code, Of::Nobody).await
    }

    pub(super) async fn open_status(&self, asked: Asked, code: &StatusCode, of: Of) -> Result<(), StoreError> {
        let now = self.clock.now();
        let status = Status {
            received: now,
            origin: asked.origin,
            gone: (of != Of::Everything).then_some(now),
            nobody: of == Of::Nobody,
            goes_on: of == Of::OneWay,
            farewell: asked.farewell,
            apps: std::collections::BTreeMap::new(),
        };
        let (partition, put) = self.codec.put_status(&code.hash(), &status);
        let guards = vec![Guard::Absent(RecordKey::status())];
        // One that is there already is of an earlier try with the same code.
        let _either_way = self.store.commit(&partition, Commit { guards, puts: vec![put], deletes: vec![] }).await?;
        Ok(())
    }

    /// How far a deletion has come; `None` for a code that is none of ours.
    ///
    /// # Errors
    /// The store's own.
    pub async fn status(&self, code: &StatusCode) -> Result<Option<Status>, StoreError> {
        let hash = code.hash();
        let stored = self.store.read(&Partition::status(&hash), &[RecordKey::status()]).await?.pop().flatten();
        stored.map(|stored| self.codec.open_status(&hash, &stored)).transpose()
    }
}
