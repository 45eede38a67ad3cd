//! Which account an identity opens.
//!
//! An identity opens the account of its own partition, unless an alias beside that head says otherwise: it was linked
//! to another account, or unlinked from the one that it began. The head has the last word: an alias to an account that
//! does not list the identity is void, so that linking, unlinking and deleting are one commit of a head each.

use serde::{Deserialize, Serialize};

use super::{Codec, Life, Presence};
use crate::{
    store::{Backend, Guard, Partition, Put, RecordKey, StoreError, Stored},
    types::ids::{HomeId, IdentityId},
};

/// What stands beside the head in an identity's own partition. Without one, the identity opens that head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// Where it leads.
    pub to: Target,
    /// Whether the provider warned of it: nobody comes in this way until it lifts that.
    pub locked: bool,
    /// The partition with a random name that is the identity's own, once the account that it began went on without it:
    /// where it leads when a link is void. Its first partition is not its own any more.
    #[serde(default)]
    pub own: Option<HomeId>,
}

impl Alias {
    /// A new one that leads nowhere else when it is void.
    pub const fn new(to: Target, locked: bool) -> Self {
        Self { to, locked, own: None }
    }

    /// The partition of its own, if it is another than its first.
    pub const fn moved(&self) -> Option<HomeId> {
        match self.to {
            Target::Detached(home) => Some(home),
            Target::Own | Target::Linked(_) => self.own,
        }
    }
}

/// Where an identity leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// To the account of its own partition.
    Own,
    /// To the account that it was linked to.
    Linked(HomeId),
    /// To a partition with a random name, since the account of its own goes on without it.
    Detached(HomeId),
}

/// How things stand with an identity.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It opens this account.
    Here(Box<Presence>),
    /// Nobody is there: a first login would begin the account here, in this life.
    Nobody {
        /// The partition.
        home: HomeId,
        /// The life that a deletion left, or the empty one.
        life: Life,
        /// Holds as long as nobody is there.
        head: Guard,
    },
    /// The operator has blocked the account.
    Blocked,
    /// The provider warned of this identity.
    Locked,
}

/// What was read on the way to a [`Standing`].
#[derive(Clone, Debug)]
pub struct Way {
    /// How things stand, the provider's warning aside.
    pub standing: Standing,
    /// The alias, if there is one.
    pub alias: Option<Alias>,
    /// The alias and the head of the identity's own partition, as they were read.
    own: [Guard; 2],
    identity: IdentityId,
}

/// Finds out how things stand with an identity: one round trip, or two for one that leads elsewhere.
///
/// # Errors
/// The store's own.
pub async fn resolve(store: &dyn Backend, codec: &Codec, identity: IdentityId) -> Result<Standing, StoreError> {
    let way = way(store, codec, identity).await?;
    Ok(if way.is_locked() { Standing::Locked } else { way.standing })
}

/// The same, with what was read on the way.
///
/// # Errors
/// The store's own.
pub async fn way(store: &dyn Backend, codec: &Codec, identity: IdentityId) -> Result<Way, StoreError> {
    let own = Partition::identity(identity);
    let mut read = store.read(&own, &[RecordKey::identity(), RecordKey::head()]).await?.into_iter();
    let (stored_alias, head) = (read.next().flatten(), read.next().flatten());
    let alias = stored_alias.as_ref().map(|stored| codec.open_alias(identity, stored)).transpose()?;
    let as_read = |key, stored: Option<&Stored>| Guard::as_read(key, stored.map(|stored| stored.version));
    let own = [as_read(RecordKey::identity(), stored_alias.as_ref()), as_read(RecordKey::head(), head.as_ref())];
    let own_home = alias.as_ref().and_then(Alias::moved);
    let at_home = match own_home {
        Some(home) => codec.standing_at(store, home).await?,
        None => codec.standing(identity.home(), head.as_ref())?,
    };
    let standing = match alias.as_ref().map_or(Target::Own, |alias| alias.to) {
        Target::Own | Target::Detached(_) => at_home,
        Target::Linked(home) => match codec.standing_at(store, home).await? {
            Standing::Here(who) if who.opens_with(identity) => Standing::Here(who),
            // Blocked stays blocked, wherever the identity leads by now.
            Standing::Blocked => Standing::Blocked,
            _ => at_home,
        },
    };
    // An account that does not list the identity is never opened by it, whatever is lost beside it.
    let standing = match standing {
        Standing::Here(who) if !who.opens_with(identity) => Standing::Locked,
        other => other,
    };
    Ok(Way { standing, alias, own, identity })
}

impl Way {
    /// Whether the provider warned of the identity.
    pub fn is_locked(&self) -> bool {
        self.alias.as_ref().is_some_and(|alias| alias.locked)
    }

    /// The partitions where the identity may have an account: the one that it was linked to, and its own.
    pub fn homes(&self) -> impl Iterator<Item = HomeId> {
        let linked = self.alias.as_ref().and_then(|alias| match alias.to {
            Target::Linked(home) => Some(home),
            Target::Own | Target::Detached(_) => None,
        });
        linked.into_iter().chain([self.own_home()])
    }

    /// The identity's own partition.
    pub fn own_home(&self) -> HomeId {
        self.alias.as_ref().and_then(Alias::moved).unwrap_or_else(|| self.identity.home())
    }

    /// What must still hold when something is written in the partition that the identity leads to.
    pub fn guards(&self) -> Vec<Guard> {
        match &self.standing {
            Standing::Here(who) if who.home != self.identity.home() => vec![who.unchanged()],
            Standing::Nobody { home, head, .. } if *home != self.identity.home() => vec![head.clone()],
            _ => self.own.to_vec(),
        }
    }

    /// What must still hold when the alias is written.
    pub fn own_guards(&self) -> Vec<Guard> {
        self.own.to_vec()
    }

    /// Holds as long as the alias is the one that was read, or there is still none.
    pub fn alias_guard(&self) -> Guard {
        let [alias, _] = &self.own;
        alias.clone()
    }
}

impl Presence {
    /// Whether this identity is one of the account's.
    pub fn opens_with(&self, identity: IdentityId) -> bool {
        self.living.identities.iter().any(|own| own.identity == identity)
    }
}

impl Codec {
    async fn standing_at(&self, store: &dyn Backend, home: HomeId) -> Result<Standing, StoreError> {
        let head = store.read(&Partition::home(home), &[RecordKey::head()]).await?.pop().flatten();
        self.standing(home, head.as_ref())
    }

    fn standing(&self, home: HomeId, stored: Option<&Stored>) -> Result<Standing, StoreError> {
        let Some(stored) = stored else {
            return Ok(Standing::Nobody { home, life: Life::none(), head: Guard::Absent(RecordKey::head()) });
        };
        let head = self.open_head(home, stored)?;
        if head.blocked {
            return Ok(Standing::Blocked);
        }
        let life = head.life.clone();
        Ok(match self.presence(home, head, stored.version) {
            Some(who) => Standing::Here(Box::new(who)),
            None => Standing::Nobody { home, life, head: Guard::Version(RecordKey::head(), stored.version) },
        })
    }

    /// Reads the alias of an identity.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for one that does not open.
    pub fn open_alias(&self, identity: IdentityId, stored: &Stored) -> Result<Alias, StoreError> {
        self.open_lasting("identity", &Partition::identity(identity), &RecordKey::identity(), &stored.value)
            .map_err(|_| StoreError::Corrupt("an alias does not open"))
    }

    /// The record of an alias, in a fresh version.
    pub fn put_alias(&self, identity: IdentityId, alias: &Alias) -> Put {
        self.put_lasting("identity", &Partition::identity(identity), RecordKey::identity(), alias, None)
    }
}
