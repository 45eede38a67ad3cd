//! Which account an identity opens.
//!
//! An identity opens the account of its own partition, unless an alias beside that head says otherwise: it was linked
//! to another account, or unlinked from the one that it began. The head has the last word: an alias to an account that
//! does not list the identity is void, so that linking, unlinking and deleting are one commit of a head each.

use serde::{Deserialize, Serialize};

use super::{At, Codec, Life, Presence};
use crate::{
    seal::Lock,
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

const NO_LIFE: Life = Life::none();

/// Finds out how things stand with an identity: one round trip, or two for one that leads elsewhere.
///
/// # Errors
/// The store's own.
pub async fn resolve(store: &dyn Backend, codec: &Codec, identity: IdentityId) -> Result<Standing, StoreError> {
    let own = Partition::identity(identity);
    let mut read = store.read(&own, &[RecordKey::identity(), RecordKey::head()]).await?.into_iter();
    let (alias, head) = (read.next().flatten(), read.next().flatten());
    let alias = alias.map(|stored| codec.open_alias(identity, &stored)).transpose()?;
    if alias.as_ref().is_some_and(|alias| alias.locked) {
        return Ok(Standing::Locked);
    }
    // Blocked stays blocked, wherever the identity leads by now.
    let standing_of = |home, head: Option<&Stored>| codec.standing(home, head);
    match alias.map_or(Target::Own, |alias| alias.to) {
        Target::Own => standing_of(identity.home(), head.as_ref()),
        Target::Detached(home) => {
            let there = store.read(&Partition::home(home), &[RecordKey::head()]).await?.pop().flatten();
            standing_of(home, there.as_ref())
        }
        Target::Linked(home) => {
            let there = store.read(&Partition::home(home), &[RecordKey::head()]).await?.pop().flatten();
            match standing_of(home, there.as_ref())? {
                Standing::Here(who) if who.opens_with(identity) => Ok(Standing::Here(who)),
                Standing::Blocked => Ok(Standing::Blocked),
                _ => standing_of(identity.home(), head.as_ref()),
            }
        }
    }
}

impl Presence {
    /// Whether this identity is one of the account's.
    pub fn opens_with(&self, identity: IdentityId) -> bool {
        self.living.identities.iter().any(|own| own.identity == identity)
    }
}

impl Codec {
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
        let (partition, key) = (Partition::identity(identity), RecordKey::identity());
        let at = At { part: "identity", partition: &partition, key: &key, life: &NO_LIFE };
        self.open(at, Lock::Master, &stored.value).map_err(|_| StoreError::Corrupt("an alias does not open"))
    }

    /// The record of an alias, in a fresh version.
    pub fn put_alias(&self, identity: IdentityId, alias: &Alias) -> Put {
        let (partition, key) = (Partition::identity(identity), RecordKey::identity());
        let at = At { part: "identity", partition: &partition, key: &key, life: &NO_LIFE };
        let value = self.seal(at, Lock::Master, alias);
        Put { version: self.version(), value, expires: None, due: None, key }
    }
}
