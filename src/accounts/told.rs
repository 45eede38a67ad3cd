//! What a provider's word changes of an account, beside its sessions and grants, which are for the caller to end.

use super::{Accounts, Unlinked};
use crate::{
    partition::{Deed, Head, Origin, Presence, ProviderWord, StatusCode, races},
    store::{Commit, Guard, Outcome, StoreError},
    types::{
        ProviderId, Timestamp,
        ids::{IdentityId, RandomId},
    },
};

/// Whoever is behind an identity, whether or not the provider warned of it.
#[derive(Debug)]
pub enum Behind {
    /// This account.
    Somebody(Box<Presence>),
    /// This one, which the operator has blocked. It can be deleted, and stays blocked then.
    Blocked(Box<Presence>),
    /// Nobody, or somebody whose account began after the moment in question.
    Nobody,
}

/// What a provider said of somebody, for the history.
#[derive(Clone, Debug)]
pub struct Saying {
    /// Names it: the same however often it is said.
    pub id: RandomId,
    /// When the provider said so.
    pub at: Timestamp,
    /// Who.
    pub provider: ProviderId,
    /// What.
    pub word: ProviderWord,
}

/// What came of giving up what is known through one way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parted {
    /// It was the only way: the account was deleted.
    Deleted,
    /// The way is gone, and the account goes on by others.
    Unlinked,
    /// There was nothing left to do.
    Gone,
}

/// What clocks that differ are allowed.
const LEEWAY: std::time::Duration = std::time::Duration::from_secs(60);

impl Accounts {
    /// Who was behind an identity at a moment, and still is: what was said before an account began is not about it,
    /// though it be heard late, as when the store was lost or a life was deleted in between.
    ///
    /// # Errors
    /// The store's own.
    pub async fn behind(&self, identity: IdentityId, at: Timestamp) -> Result<Behind, StoreError> {
        let found = self.found(identity).await?;
        Ok(match found.who.filter(|who| who.living.since <= at.plus(LEEWAY)) {
            Some(who) if found.blocked => Behind::Blocked(Box::new(who)),
            Some(who) => Behind::Somebody(Box::new(who)),
            None => Behind::Nobody,
        })
    }

    /// Writes down what a provider said, once however often it is called, and renews the head, so that whoever comes in
    /// at this very moment looks again.
    ///
    /// # Errors
    /// The store's own.
    pub async fn said(&self, who: &Presence, saying: &Saying) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let Some(who) = self.again(who).await? else { return Ok(()) };
            let deed = Deed::ProviderSaid { provider: saying.provider.clone(), word: saying.word };
            let line = self.chronicle.line_at(&who, saying.at, saying.id, deed);
            let written = self.store.read(&who.partition(), std::slice::from_ref(&line.key)).await?.pop().flatten();
            if written.is_some() {
                return Ok(());
            }
            let head = Head { life: who.life.clone(), blocked: false, living: Some(who.living.clone()) };
            let guards = vec![Guard::Absent(line.key.clone()), who.unchanged()];
            let puts = vec![self.codec.put_head(who.home, &head), line];
            if self.store.commit(&who.partition(), Commit { guards, puts, deletes: vec![] }).await?
                == Outcome::Committed
            {
                return Ok(());
            }
        }
        Err(races::too_many())
    }

    /// Gives up what is known through one way to sign in, since the person, or its provider, wants that gone: the whole
    /// account where it is the only way, else that way alone. What else the person linked was their own choice, and is
    /// not the provider's to end. `code` opens the page that shows how far it is.
    ///
    /// # Errors
    /// The store's own; then it may be asked for again, with the same code.
    pub async fn part(
        &self,
        who: &Presence,
        identity: IdentityId,
        origin: Origin,
        code: &StatusCode,
    ) -> Result<Parted, StoreError> {
        for _ in 0..races::TRIES {
            let Some((head, _)) = self.head(who.home).await? else { return Ok(Parted::Gone) };
            let ways = head.living.filter(|_| head.life == who.life).map_or(0, |living| living.identities.len());
            if ways == 0 {
                return Ok(Parted::Gone);
            }
            if ways == 1 {
                return Ok(match self.delete(who, origin, code).await? {
                    super::Deleted::Done => Parted::Deleted,
                    super::Deleted::Gone => Parted::Gone,
                });
            }
            self.open_status(origin.clone().into(), code, super::delete::Of::OneWay).await?;
            match self.unlink(who, identity).await? {
                Unlinked::Done => return Ok(Parted::Unlinked),
                Unlinked::NotHere | Unlinked::Changed => return Ok(Parted::Gone),
                // The others were removed at this moment.
                Unlinked::LastWay => {}
            }
        }
        Err(races::too_many())
    }
}
