//! The living grants of an account, for the person: names and dates, nothing that only an app can open.

use std::collections::BTreeSet;

use super::{
    Grants,
    lineage::Lineage,
    record::{Header, Record, State},
};
use crate::{
    partition::{Presence, listing, races},
    store::{Commit, Entry, Guard, Kind, Outcome, RecordKey, StoreError},
    types::{AppId, ProviderId, Scope, Timestamp, ids::RandomId},
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

/// A grant on which tokens are out, as a look at all of them found it.
struct Seen {
    entry: Entry,
    id: RandomId,
    header: Header,
    lineage: Lineage,
    /// What ended it, as the guard that holds as long as that stays so; none: it stands.
    ended: Option<Guard>,
}

impl Grants {
    /// The living grants of an account: those on which tokens are out, whose session lives where they are bound to one,
    /// and whose agreement stands. A paused app's are among them: they come back when the person resumes.
    ///
    /// # Errors
    /// The store's own.
    pub async fn list(&self, who: &Presence) -> Result<Vec<GrantLine>, StoreError> {
        let now = self.clock.now();
        let line = |Seen { entry, id, header, lineage, ended }: Seen| {
            let expires = entry.stored.expires.unwrap_or_else(|| lineage.ends(&self.lifetimes.refresh));
            let Header { app, scope, since, offline, session, .. } = header;
            let session = (!offline).then_some(session);
            let lives = ended.is_none() && now < expires;
            lives.then_some(GrantLine { id, app, session, scope, since, offline, expires })
        };
        Ok(self.look_around(who).await?.into_iter().filter_map(line).collect())
    }

    /// Clears away the grants that nothing brings back, since their session or their agreement is gone: what they held
    /// must not lie around until it would have expired. Gives back how many.
    ///
    /// # Errors
    /// The store's own.
    pub async fn tidy(&self, who: &Presence) -> Result<usize, StoreError> {
        let mut cleared = 0;
        for Seen { entry, ended, .. } in self.look_around(who).await? {
            let Some(ended) = ended else { continue };
            let guards = vec![ended, Guard::Version(entry.key.clone(), entry.stored.version)];
            let commit = Commit { guards, puts: vec![], deletes: vec![entry.key] };
            // Losing a race is fine: it lives after all, or somebody else cleared it.
            let outcome = self.store.commit(&who.partition(), commit).await?;
            cleared += usize::from(outcome == Outcome::Committed);
        }
        Ok(cleared)
    }

    /// Ends the grants that came through some providers, those that survive signing out too, and pending ones; says how
    /// many.
    ///
    /// # Errors
    /// The store's own; then nothing is known to have ended.
    pub async fn end_through(&self, who: &Presence, providers: &[ProviderId]) -> Result<usize, StoreError> {
        for _ in 0..races::TRIES {
            let grants = listing::all(&*self.store, &who.partition(), Kind::Grant).await?;
            let through = |entry: &Entry| {
                let opened = entry.key.id().and_then(|id| Record::open(&self.codec, who, id, &entry.stored.value));
                opened.is_some_and(|(_, header)| providers.contains(&header.provider))
            };
            let ended: Vec<Entry> = grants.into_iter().filter(through).collect();
            let guards = ended.iter().map(|entry| Guard::Version(entry.key.clone(), entry.stored.version)).collect();
            let deletes = ended.iter().map(|entry| entry.key.clone()).collect();
            let commit = Commit { guards, puts: vec![], deletes };
            if ended.is_empty() || self.store.commit(&who.partition(), commit).await? == Outcome::Committed {
                return Ok(ended.len());
            }
        }
        Err(races::too_many())
    }

    async fn look_around(&self, who: &Presence) -> Result<Vec<Seen>, StoreError> {
        let partition = who.partition();
        let sessions = listing::all(&*self.store, &partition, Kind::Session).await?;
        let sessions: BTreeSet<RandomId> = sessions.iter().filter_map(|entry| entry.key.id()).collect();
        let consents = listing::all(&*self.store, &partition, Kind::Consent).await?;
        let grants = listing::all(&*self.store, &partition, Kind::Grant).await?;
        let ended = |header: &Header| {
            let consent = RecordKey::consent(&header.app);
            let consent = consents.iter().find(|entry| entry.key == consent).map(|entry| &entry.stored);
            let agreed = self.codec.agreed(who, &header.app, consent);
            if !agreed.agreement.as_ref().is_some_and(|agreement| agreement.carries(header.agreed)) {
                Some(agreed.unchanged())
            } else if header.offline {
                None
            } else if header.stamp != who.living.stamp {
                Some(who.unchanged())
            } else {
                (!sessions.contains(&header.session)).then(|| Guard::Absent(RecordKey::session(header.session)))
            }
        };
        let seen = |entry: Entry| {
            let id = entry.key.id()?;
            let (_, header) = Record::open(&self.codec, who, id, &entry.stored.value)?;
            let State::Active(lineage) = header.state else { return None };
            let ended = ended(&header);
            Some(Seen { entry, id, header, lineage, ended })
        };
        Ok(grants.into_iter().filter_map(seen).collect())
    }
}
