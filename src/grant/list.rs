//! The living grants of an account, for the person: names and dates, nothing that only an app can open.

use std::collections::BTreeMap;

use super::{
    Grants,
    record::{Header, Record, State},
};
use crate::{
    partition::{Presence, listing},
    store::{Kind, StoreError},
    types::{AppId, Scope, Timestamp, ids::RandomId},
};

/// One living grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantLine {
    /// Names it.
    pub id: RandomId,
    /// For whom.
    pub app: AppId,
    /// The session that it ends with; none for one that survives signing out.
    pub session: Option<RandomId>,
    /// What was asked for.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
    /// Whether it survives signing out.
    pub offline: bool,
    /// When it ends unused.
    pub expires: Timestamp,
}

impl Grants {
    /// The living grants of an account: those on which tokens are out, whose session lives where they are bound to one,
    /// and whose agreement stands. A paused app's are among them: they come back when the person resumes.
    ///
    /// # Errors
    /// The store's own.
    pub async fn list(&self, who: &Presence) -> Result<Vec<GrantLine>, StoreError> {
        let (partition, now) = (who.partition(), self.clock.now());
        let sessions = listing::all(&*self.store, &partition, Kind::Session).await?;
        let sessions: Vec<RandomId> = sessions.iter().filter_map(|entry| entry.key.id()).collect();
        let mut given = BTreeMap::new();
        for entry in listing::all(&*self.store, &partition, Kind::Consent).await? {
            if let Some(app) = entry.key.app()
                && let Some(agreement) = self.codec.open_agreement(who, &app, &entry.stored)
            {
                given.insert(app, agreement.given);
            }
        }
        let stands = |header: &Header| {
            let bound = header.offline || (header.stamp == who.living.stamp && sessions.contains(&header.session));
            bound && given.get(&header.app) == Some(&header.agreed)
        };
        let mut lines = Vec::new();
        for entry in listing::all(&*self.store, &partition, Kind::Grant).await? {
            let Some(id) = entry.key.id() else { continue };
            let Some((_, header)) = Record::open(&self.codec, who, id, &entry.stored.value) else { continue };
            let State::Active(lineage) = header.state else { continue };
            let expires = entry.stored.expires.unwrap_or_else(|| lineage.ends(&self.lifetimes.refresh));
            if stands(&header) && now < expires {
                let session = (!header.offline).then_some(header.session);
                let Header { app, scope, since, offline, .. } = header;
                lines.push(GrantLine { id, app, session, scope, since, offline, expires });
            }
        }
        Ok(lines)
    }
}
