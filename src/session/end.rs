//! Sessions end: at once, here and for whatever hangs on them, with a line of history and word for the apps in the same
//! commit.

use super::{Session, Sessions, record::Header};
use crate::{
    partition::{By, Cause, Deed, Head, Presence, Stamp, intent, races},
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::ids::{HomeId, IdentityId, RandomId},
};

impl Sessions {
    /// Ends a session that its own browser showed.
    ///
    /// # Errors
    /// The store's own; then nothing is known to have ended.
    pub async fn end(&self, session: &Session) -> Result<(), StoreError> {
        self.end_where(session.who.home, By::User, |id, _| id == session.id).await.map(drop)
    }

    /// Ends the session of that name; says whether there was one.
    ///
    /// # Errors
    /// As [`Sessions::end`].
    pub async fn end_one(&self, who: &Presence, id: RandomId, by: By) -> Result<bool, StoreError> {
        Ok(self.end_where(who.home, by, |other, _| other == id).await? > 0)
    }

    /// Ends every session but this; says how many.
    ///
    /// # Errors
    /// As [`Sessions::end`].
    pub async fn end_others(&self, session: &Session) -> Result<usize, StoreError> {
        self.end_where(session.who.home, By::User, |id, _| id != session.id).await
    }

    /// Ends every session that came through one way to sign in; says how many.
    ///
    /// # Errors
    /// As [`Sessions::end`].
    pub async fn end_through(&self, who: &Presence, identity: IdentityId, by: By) -> Result<usize, StoreError> {
        self.end_where(who.home, by, |_, header| header.identity == identity).await
    }

    /// Ends every session by a new stamp in the head: also those that begin at this moment.
    ///
    /// # Errors
    /// As [`Sessions::end`].
    pub async fn end_all(&self, who: &Presence, by: By) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let Some(who) = self.still(who.home).await? else { return Ok(()) };
            let mut living = who.living.clone();
            living.stamp = Stamp::generate(self.codec.sealer().random());
            let head = Head { life: who.life.clone(), blocked: false, living: Some(living) };
            let ended = self.living(&who).await?.into_iter().map(|(_, _, entry)| entry.key).collect();
            let puts = vec![self.codec.put_head(who.home, &head), self.chronicle.line(&who, Deed::SignedOutEverywhere)];
            if self.commit(&who, vec![], puts, ended, Cause::SignedOutEverywhere { by }).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }

    async fn end_where(
        &self,
        home: HomeId,
        by: By,
        ends: impl Fn(RandomId, &Header) -> bool,
    ) -> Result<usize, StoreError> {
        for _ in 0..races::TRIES {
            let Some(who) = self.still(home).await? else { return Ok(0) };
            let living = self.living(&who).await?;
            let ended: Vec<_> = living.into_iter().filter(|(id, header, _)| ends(*id, header)).collect();
            if ended.is_empty() {
                return Ok(0);
            }
            let guards = ended.iter().map(|(_, _, entry)| Guard::Version(entry.key.clone(), entry.stored.version));
            let keys = ended.iter().map(|(_, _, entry)| entry.key.clone()).collect();
            let cause = Cause::SignedOut { sessions: ended.iter().map(|(id, _, _)| *id).collect(), by };
            let line = self.chronicle.line(&who, Deed::SignedOut);
            if self.commit(&who, guards.collect(), vec![line], keys, cause).await? == Outcome::Committed {
                return Ok(ended.len());
            }
        }
        Err(races::too_many())
    }

    async fn commit(
        &self,
        who: &Presence,
        mut guards: Vec<Guard>,
        mut puts: Vec<Put>,
        deletes: Vec<RecordKey>,
        cause: Cause,
    ) -> Result<Outcome, StoreError> {
        puts.push(intent::announce(&*self.store, &self.codec, who, cause, self.clock.now()).await?);
        guards.push(who.unchanged());
        self.store.commit(&who.partition(), Commit { guards, puts, deletes }).await
    }

    /// The account as it is now, if it is neither blocked nor deleted.
    pub(super) async fn still(&self, home: HomeId) -> Result<Option<Presence>, StoreError> {
        let read = self.codec.read_head(&*self.store, home).await?;
        Ok(read.and_then(|(head, version)| self.codec.presence(home, head, version)))
    }
}
