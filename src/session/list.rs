//! The browsers in which a person is signed in, as each of them may list them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Device, Sessions, gate, record::Header, record::Record};
use crate::{
    partition::{Presence, listing},
    store::{Entry, Kind, StoreError},
    types::{
        AppId, Claim, ProviderId, Timestamp,
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

/// One pass for a gated host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassLine {
    /// For which app.
    pub app: AppId,
    /// The session that it hangs on.
    pub session: RandomId,
    /// When the person was let in there.
    pub since: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// What is sealed in it for the browser's own cookie, by name.
    pub claims: BTreeSet<Claim>,
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

    /// Every pass for a gated host whose session lives, the oldest first.
    ///
    /// # Errors
    /// The store's own.
    pub async fn passes(&self, who: &Presence) -> Result<Vec<PassLine>, StoreError> {
        let living: BTreeMap<RandomId, Timestamp> =
            self.living(who).await?.into_iter().map(|(id, header, _)| (id, header.ends)).collect();
        let entries = listing::all(&*self.store, &who.partition(), Kind::Gate).await?;
        let open = |entry: &Entry| {
            let gate::PassHeader { session, app, since, claims } = gate::header(&self.codec, who, entry)?;
            let ends = *living.get(&session)?;
            Some(PassLine { app, session, since, ends, claims })
        };
        let mut lines: Vec<PassLine> = entries.iter().filter_map(open).collect();
        lines.sort_by(|a, b| a.since.cmp(&b.since).then_with(|| a.app.cmp(&b.app)));
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
