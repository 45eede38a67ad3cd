//! What an operator, or a provider's warning, shuts.

use super::Accounts;
use crate::{
    partition::{Alias, By, Cause, Deed, Head, Life, Presence, Stamp, Standing, Target, Way, races, way},
    store::{Commit, Guard, Outcome, Partition, RecordKey, StoreError},
    types::ids::{HomeId, IdentityId},
};

/// Whoever an identity leads to, for those who have to answer or to delete: a block hides nobody from that.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account, if there is one.
    pub who: Option<Presence>,
    /// Whether nobody comes in.
    pub blocked: bool,
    /// Whether the provider warned of this identity.
    pub locked: bool,
}

impl Accounts {
    /// Finds out who is behind an identity. Never asked for a login: [`Accounts::resolve`] is.
    ///
    /// # Errors
    /// The store's own.
    pub async fn found(&self, identity: IdentityId) -> Result<Found, StoreError> {
        let way = way(&*self.store, &self.codec, identity).await?;
        let (blocked, locked) = (matches!(way.standing, Standing::Blocked), way.is_locked());
        if let Standing::Here(who) = way.standing {
            return Ok(Found { who: Some(*who), blocked, locked });
        }
        for home in way.homes() {
            let Some((head, version)) = self.head(home).await? else { continue };
            let there = self.codec.presence(home, Head { blocked: false, ..head }, version);
            if let Some(who) = there.filter(|there| there.opens_with(identity)) {
                return Ok(Found { who: Some(who), blocked, locked });
            }
        }
        Ok(Found { who: None, blocked, locked })
    }

    /// Blocks whoever an identity leads to, or would lead to: every session ends, nothing goes out, nobody comes in,
    /// by whichever way, also after a deletion.
    ///
    /// # Errors
    /// The store's own; then it may be asked for again.
    pub async fn block(&self, identity: IdentityId) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let way = way(&*self.store, &self.codec, identity).await?;
            match &way.standing {
                Standing::Here(who) => {
                    // The other ways first: whoever comes by one of them must not find its own partition open.
                    for other in &who.living.identities {
                        let own = self.way(other.identity).await?.own_home();
                        if own != who.home {
                            self.set_blocked(own, true).await?;
                        }
                    }
                    if self.shut(who).await? {
                        return Ok(());
                    }
                }
                Standing::Nobody { home, .. } => return self.set_blocked(*home, true).await,
                Standing::Blocked | Standing::Locked => return Ok(()),
            }
        }
        Err(races::too_many())
    }

    async fn shut(&self, who: &Presence) -> Result<bool, StoreError> {
        let mut living = who.living.clone();
        living.stamp = Stamp::generate(self.codec.sealer().random());
        let head = Head { life: who.life.clone(), blocked: true, living: Some(living) };
        let told = self.announce(who, Cause::SignedOutEverywhere { by: By::Admin }).await?;
        let puts = vec![self.codec.put_head(who.home, &head), self.chronicle.line(who, Deed::Blocked), told];
        let commit = Commit { guards: vec![who.unchanged()], puts, deletes: vec![] };
        Ok(self.store.commit(&who.partition(), commit).await? == Outcome::Committed)
    }

    /// Lifts a block. Sessions do not come back; what an app may do while the person is away does.
    ///
    /// # Errors
    /// As [`Accounts::block`].
    pub async fn unblock(&self, identity: IdentityId) -> Result<(), StoreError> {
        for home in self.way(identity).await?.homes() {
            if let Some((Head { living: Some(living), .. }, _)) = self.head(home).await? {
                // An account that the identity does not open is blocked for itself.
                if !living.identities.iter().any(|way| way.identity == identity) {
                    continue;
                }
                for other in living.identities {
                    self.set_blocked(self.way(other.identity).await?.own_home(), false).await?;
                }
            }
            self.set_blocked(home, false).await?;
        }
        if let Standing::Here(who) = self.resolve(identity).await? {
            self.note(&who, Deed::Unblocked).await?;
        }
        Ok(())
    }

    async fn way(&self, identity: IdentityId) -> Result<Way, StoreError> {
        way(&*self.store, &self.codec, identity).await
    }

    async fn set_blocked(&self, home: HomeId, blocked: bool) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let (head, version) = self.head(home).await?.unzip();
            let guard = Guard::as_read(RecordKey::head(), version);
            let head = head.unwrap_or(Head { life: Life::none(), blocked: false, living: None });
            if head.blocked == blocked {
                return Ok(());
            }
            let head = Head { blocked, ..head };
            let commit = Commit { guards: vec![guard], puts: vec![self.codec.put_head(home, &head)], deletes: vec![] };
            if self.store.commit(&Partition::home(home), commit).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }

    /// Shuts one way to sign in, or opens it again, as its provider says. The account's other ways go on; its sessions
    /// are for the caller to end.
    ///
    /// # Errors
    /// As [`Accounts::block`].
    pub async fn lock(&self, identity: IdentityId, locked: bool) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let way = way(&*self.store, &self.codec, identity).await?;
            if way.is_locked() == locked {
                return Ok(());
            }
            let alias = way.alias.clone().unwrap_or_else(|| Alias::new(Target::Own, locked));
            let own = Partition::identity(identity);
            let puts = vec![self.codec.put_alias(identity, &Alias { locked, ..alias })];
            let guards = way.own_guards();
            if self.store.commit(&own, Commit { guards, puts, deletes: vec![] }).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }
}
