//! What an access token was found to lead to. It comes again and again within its minutes; while the records that decide
//! about it are those that they were, nothing of them is opened anew. Each request still reads them, so that what has
//! ended counts at once.

use std::sync::Arc;

use super::{Access, Asking, Found, Grants, Live, Locator, State};
use crate::{
    seal::token,
    store::{Partition, RecordKey, StoreError, Stored, Version},
    types::{AppId, Lately, Name, ids::RandomId},
};

/// By the hash of what each token carries, at most 8,192.
pub(super) type Recall = Lately<Known, 256>;

/// Where a token leads, and what was there when it was looked at.
pub(super) struct Known {
    place: Arc<Place>,
    versions: Versions,
    found: Found,
}

type Versions = [Option<Version>; 5];

#[derive(Debug)]
struct Place {
    locator: Locator,
    partition: Partition,
    keys: [RecordKey; 5],
}

/// Where the grant of an access token is, opened.
pub struct Located {
    name: Name,
    place: Arc<Place>,
    /// Which of the grant's access tokens it is.
    id: RandomId,
    pub(super) known: Option<Arc<Known>>,
}

impl Located {
    /// The app whose grant it is, whoever holds the token.
    pub fn app(&self) -> &AppId {
        &self.locator().app
    }

    pub(super) fn locator(&self) -> &Locator {
        &self.place.locator
    }

    pub(super) const fn id(&self) -> RandomId {
        self.id
    }
}

impl Grants {
    /// Where the grant of an access token is; `None` if it was never ours. Asks nothing of the store.
    pub fn locate(&self, access: Access<'_>) -> Option<Located> {
        let id = access.id.parse().ok()?;
        let name = Recall::name(access.locator);
        if let Some(known) = self.recall.get(&name, self.clock.now()) {
            return Some(Located { name, place: Arc::clone(&known.place), id, known: Some(known) });
        }
        let locator: Locator = self.codec.sealer().take_back(token::ACCESS, access.locator).ok()?;
        let place = Place { partition: locator.partition(), keys: locator.keys(), locator };
        Some(Located { name, place: Arc::new(place), id, known: None })
    }

    /// The living grant behind an access token; `None` if it ended, if the token was revoked, or is of another app.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, located: &Located, asking: Asking<'_>) -> Result<Option<Live>, StoreError> {
        let Place { locator, partition, keys } = &*located.place;
        if locator.app != asking.app.id {
            return Ok(None);
        }
        let read = self.store.read(partition, keys).await?;
        let versions = versions(&read);
        let unchanged = located.known.as_ref().filter(|known| known.versions == versions);
        let known = match unchanged {
            Some(known) => Arc::clone(known),
            None => match self.open_all(locator, read)? {
                Some(found) => self.remember(located, versions, found),
                None => {
                    self.recall.forget(&located.name);
                    return Ok(None);
                }
            },
        };
        let Found { header, .. } = &known.found;
        let is_good = matches!(header.state, State::Active(_)) && !header.denied.has(located.id);
        Ok(if is_good { known.found.live(locator, None, asking, self.clock.now()) } else { None })
    }

    fn remember(&self, located: &Located, versions: Versions, found: Found) -> Arc<Known> {
        let known = Arc::new(Known { place: Arc::clone(&located.place), versions, found });
        self.recall.put(located.name, Arc::clone(&known), self.clock.now());
        known
    }
}

/// What tells a read from another; a record that is not there has none.
fn versions(read: &[Option<Stored>]) -> Versions {
    let mut read = read.iter();
    std::array::from_fn(|_| read.next().and_then(|stored| Some(stored.as_ref()?.version)))
}
