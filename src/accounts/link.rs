//! Ways to sign in: one more, one less. What apps call the person stays what it was.

use super::Accounts;
use crate::{
    partition::{Alias, Deed, Head, HeadIdentity, Presence, Standing, Target, Way, races, way},
    store::{Commit, Guard, Outcome, Partition, RecordKey, StoreError},
    types::ids::{HomeId, IdentityId},
};

/// The most ways into one account.
pub const MAX_WAYS: usize = 10;

/// What came of linking.
#[derive(Debug)]
pub enum Linked {
    /// The identity opens this account from now on.
    Done,
    /// It did already.
    AlreadyHere,
    /// It opens another account, or is blocked, or the provider warned of it.
    Elsewhere,
    /// The account has as many ways as one may have.
    TooMany,
    /// The account was deleted or blocked in between.
    Changed,
}

/// What came of unlinking.
#[derive(Debug)]
pub enum Unlinked {
    /// The identity opens this account no more. Its sessions are for the caller to end.
    Done,
    /// It is the only way in: deleting everything is another act.
    LastWay,
    /// It is no way into this account.
    NotHere,
    /// The account was deleted or blocked in between.
    Changed,
}

impl Accounts {
    /// Adds a way to sign in. The caller has proof that whoever is signed in is also that identity.
    ///
    /// The head first, then the alias: after a crash in between the identity opens what it opened before, and linking
    /// it again repairs that.
    ///
    /// # Errors
    /// The store's own; then it may be asked for again.
    pub async fn link(&self, who: &Presence, identity: HeadIdentity) -> Result<Linked, StoreError> {
        for _ in 0..races::TRIES {
            let way = way(&*self.store, &self.codec, identity.identity).await?;
            match &way.standing {
                Standing::Here(there) if there.account == who.account => return Ok(Linked::AlreadyHere),
                Standing::Nobody { .. } if !way.is_locked() => {}
                _ => return Ok(Linked::Elsewhere),
            }
            let Some(now) = self.again(who).await? else { return Ok(Linked::Changed) };
            let listed = now.opens_with(identity.identity);
            if !listed && now.living.identities.len() >= MAX_WAYS {
                return Ok(Linked::TooMany);
            }
            if !listed && !self.list_way(&now, &identity).await? {
                continue;
            }
            if self.lead(&way, identity.identity, now.home).await? {
                return Ok(Linked::Done);
            }
            // Somebody came in by it at this very moment: it opens their account.
            self.unlist(who, identity.identity, None).await?;
        }
        Err(races::too_many())
    }

    async fn list_way(&self, who: &Presence, identity: &HeadIdentity) -> Result<bool, StoreError> {
        let mut living = who.living.clone();
        living.identities.push(identity.clone());
        let head = Head { life: who.life.clone(), blocked: false, living: Some(living) };
        let line = self.chronicle.line(who, Deed::Linked { provider: identity.provider.clone() });
        let puts = vec![self.codec.put_head(who.home, &head), line];
        let commit = Commit { guards: vec![who.unchanged()], puts, deletes: vec![] };
        Ok(self.store.commit(&who.partition(), commit).await? == Outcome::Committed)
    }

    /// Lets an identity lead to `home`, unless somebody came in by it since `way` was read.
    async fn lead(&self, way: &Way, identity: IdentityId, home: HomeId) -> Result<bool, StoreError> {
        let own = Partition::identity(identity);
        let moved = way.alias.as_ref().and_then(Alias::moved);
        let alias = Alias { to: Target::Linked(home), locked: false, own: moved };
        let alias = self.codec.put_alias(identity, &alias);
        let commit = Commit { guards: way.own_guards(), puts: vec![alias], deletes: vec![] };
        if self.store.commit(&own, commit).await? == Outcome::Conflict {
            return Ok(false);
        }
        let Some(there) = moved else { return Ok(true) };
        // It led to a partition of its own until now. A first login there that is on its way must not succeed.
        let Standing::Nobody { home: at, life, head } = &way.standing else { return Ok(true) };
        let fence = Head { life: life.clone(), blocked: false, living: None };
        let commit =
            Commit { guards: vec![head.clone()], puts: vec![self.codec.put_head(*at, &fence)], deletes: vec![] };
        if *at != there || self.store.commit(&Partition::home(there), commit).await? == Outcome::Committed {
            return Ok(true);
        }
        let back = self.codec.put_alias(identity, &Alias::new(Target::Detached(there), false));
        races::write(&*self.store, &own, back).await?;
        Ok(false)
    }

    /// Takes a way to sign in away. Those who come by it later begin an account of their own.
    ///
    /// # Errors
    /// As [`Accounts::link`].
    pub async fn unlink(&self, who: &Presence, identity: IdentityId) -> Result<Unlinked, StoreError> {
        for _ in 0..races::TRIES {
            let Some(now) = self.again(who).await? else { return Ok(Unlinked::Changed) };
            let Some(listed) = now.living.identities.iter().find(|own| own.identity == identity) else {
                return Ok(Unlinked::NotHere);
            };
            if now.living.identities.len() == 1 {
                return Ok(Unlinked::LastWay);
            }
            let deed = Deed::Unlinked { provider: listed.provider.clone() };
            if self.unlist(&now, identity, Some(deed)).await? {
                return Ok(Unlinked::Done);
            }
        }
        Err(races::too_many())
    }

    /// Takes an identity out of the head. One that began this account leads to a partition with a random name from
    /// then on, since its own is taken.
    async fn unlist(&self, who: &Presence, identity: IdentityId, deed: Option<Deed>) -> Result<bool, StoreError> {
        let Some(now) = self.again(who).await? else { return Ok(true) };
        let way = way(&*self.store, &self.codec, identity).await?;
        let mut living = now.living.clone();
        living.identities.retain(|own| own.identity != identity);
        let head = Head { life: now.life.clone(), blocked: false, living: Some(living) };
        let mut puts = vec![self.codec.put_head(now.home, &head)];
        puts.extend(deed.map(|deed| self.chronicle.line(&now, deed)));
        let mut guards = vec![now.unchanged()];
        let began = identity.home() == now.home;
        let leads = way.alias.as_ref().map(|alias| alias.to);
        let locked = way.is_locked();
        if began || way.own_home() == now.home {
            let fresh = HomeId::generate(self.codec.sealer().random());
            let alias = self.codec.put_alias(identity, &Alias::new(Target::Detached(fresh), locked));
            if began {
                guards.push(way.alias_guard());
                puts.push(alias);
            } else {
                // Elsewhere, and first: until the head follows, it lists a way that leads away.
                races::write(&*self.store, &Partition::identity(identity), alias).await?;
            }
        }
        let commit = Commit { guards, puts, deletes: vec![] };
        if self.store.commit(&now.partition(), commit).await? == Outcome::Conflict {
            return Ok(false);
        }
        if leads == Some(Target::Linked(now.home)) {
            self.forget_alias(identity, now.home).await?;
        }
        Ok(true)
    }

    /// Removes the alias of an identity that led to `home`; void already, since the head lists it no more.
    pub(super) async fn forget_alias(&self, identity: IdentityId, home: HomeId) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let own = Partition::identity(identity);
            let stored = self.store.read(&own, &[RecordKey::identity()]).await?.pop().flatten();
            let Some(stored) = stored else { return Ok(()) };
            let alias = self.codec.open_alias(identity, &stored)?;
            if alias.to != Target::Linked(home) {
                return Ok(());
            }
            let guards = vec![Guard::Version(RecordKey::identity(), stored.version)];
            // What the provider warned of outlives the link, and so does that its first partition is another's.
            let commit = match (alias.own, alias.locked) {
                (None, false) => Commit { guards, puts: vec![], deletes: vec![RecordKey::identity()] },
                (moved, locked) => {
                    let own = Alias::new(moved.map_or(Target::Own, Target::Detached), locked);
                    Commit { guards, puts: vec![self.codec.put_alias(identity, &own)], deletes: vec![] }
                }
            };
            if self.store.commit(&own, commit).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }
}
