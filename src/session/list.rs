//! The browsers in which a person is signed in, as each of them may list them.

use super::{Device, Sessions, record::Header, record::Record};
use crate::{
    partition::{Presence, listing},
    store::{Entry, Kind, StoreError},
    types::{
        ProviderId, Timestamp,
        ids::{IdentityId, RandomId},
    },
};

/// One browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// Names the session.
    pub id: RandomId,
    /// Who vouched.
    pub provider: ProviderId,
    /// For whom, as a pseudonym.
    pub identity: IdentityId,
    /// When it signed in first.
    pub since: Timestamp,
    /// When it was last seen, to a tenth of the idle lifetime.
    pub seen: Timestamp,
    /// When the person last signed in at the provider.
    pub auth_time: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// What it is, in coarse words.
    pub device: Option<Device>,
}

impl Sessions {
    /// Every living session of an account, the one that was seen last first.
    ///
    /// # Errors
    /// The store's own.
    pub async fn list(&self, who: &Presence) -> Result<Vec<SessionLine>, StoreError> {
        let living = self.living(who).await?;
        let mut lines: Vec<SessionLine> = living.into_iter().map(|(id, header, _)| line(id, header)).collect();
        lines.sort_by(|a, b| b.seen.cmp(&a.seen).then(a.id.cmp(&b.id)));
        Ok(lines)
    }

    /// The same as they stand in the store.
    pub(super) async fn living(&self, who: &Presence) -> Result<Vec<(RandomId, Header, Entry)>, StoreError> {
        let entries = listing::all(&*self.store, &who.partition(), Kind::Session).await?;
        let now = self.clock.now();
        let open = |entry: Entry| {
            let id = entry.key.id()?;
            let header = Record::header(&self.codec, who, id, &entry.stored.value)?;
            let lives = header.stamp == who.living.stamp && now < self.expiry(header.seen, header.ends);
            lives.then_some((id, header, entry))
        };
        Ok(entries.into_iter().filter_map(open).collect())
    }
}

fn line(id: RandomId, header: Header) -> SessionLine {
    let Header { provider, identity, since, seen, auth_time, ends, device, .. } = header;
    SessionLine { id, provider, identity, since, seen, auth_time, ends, device }
}
