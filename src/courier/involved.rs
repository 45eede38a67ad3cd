//! Whom a piece of news concerns: the apps that know the person, and the sessions in which they do.

use std::collections::{BTreeMap, BTreeSet};

use super::Courier;
use crate::{
    partition::{Cause, Head, Intent, Presence, Served, listing, living_sessions, races},
    store::{Commit, Entry, Guard, Kind, Outcome, Partition, StoreError},
    types::{AppId, ids::RandomId},
};

/// Apps, and the sessions of each that the news is about.
pub(super) type Involved = BTreeMap<AppId, BTreeSet<RandomId>>;

impl Courier {
    /// The apps that an intent concerns.
    pub(super) async fn involved(&self, intent: &Intent) -> Result<Involved, StoreError> {
        match &intent.cause {
            Cause::Deleted { apps, .. } => {
                let mut involved = apps.clone();
                for app in self.left_behind(intent).await? {
                    involved.entry(app).or_default();
                }
                Ok(involved)
            }
            Cause::Disconnected { app } | Cause::Changed { app, .. } => {
                let who = self.who(intent).await?;
                let served = match &who {
                    Some(who) => self.served(who).await?,
                    None => Vec::new(),
                };
                let served = served.into_iter().find(|(served, ..)| served == app);
                let sessions = served.map(|(_, served, _)| served.sessions.into_keys().collect());
                Ok(Involved::from([(app.clone(), sessions.unwrap_or_default())]))
            }
            Cause::SignedOut { .. } | Cause::SignedOutEverywhere { .. } => {
                // Of a life that is over the apps hear that it is over, which is more.
                let Some(who) = self.who(intent).await? else { return Ok(Involved::new()) };
                let ended = self.ended(intent, &who).await?;
                let of =
                    |served: Served| served.sessions.into_keys().filter(|session| ended.contains(session)).collect();
                let involved = self.served(&who).await?.into_iter().map(|(app, served, _)| (app, of(served)));
                Ok(involved.filter(|(_, sessions): &(_, BTreeSet<_>)| !sessions.is_empty()).collect())
            }
        }
    }

    /// The account of an intent while its life lasts, be it blocked or not.
    async fn who(&self, intent: &Intent) -> Result<Option<Presence>, StoreError> {
        let read = self.parts.codec.read_head(&*self.parts.store, intent.home).await?;
        let open = |(head, version)| {
            let head = Head { blocked: false, ..head };
            self.parts.codec.presence(intent.home, head, version)
        };
        Ok(read.and_then(open).filter(|who| who.account == intent.account))
    }

    /// What each app was given, with the record that says so.
    async fn served(&self, who: &Presence) -> Result<Vec<(AppId, Served, Entry)>, StoreError> {
        let entries = listing::all(&*self.parts.store, &who.partition(), Kind::Served).await?;
        let open = |entry: Entry| {
            let app = entry.key.app()?;
            let served = self.parts.codec.open_served(who, &app, &entry.stored)?;
            Some((app, served, entry))
        };
        Ok(entries.into_iter().filter_map(open).collect())
    }

    /// Those sessions that an intent ended. When all ended: every one that an app remembers and that lives no more, also
    /// of those that ended by themselves, of which nobody was told.
    async fn ended(&self, intent: &Intent, who: &Presence) -> Result<BTreeSet<RandomId>, StoreError> {
        if let Cause::SignedOut { sessions, .. } = &intent.cause {
            return Ok(sessions.iter().copied().collect());
        }
        let living = living_sessions(&*self.parts.store, &self.parts.codec, who).await?;
        let known = self.served(who).await?.into_iter().flat_map(|(_, served, _)| served.sessions.into_keys());
        Ok(known.filter(|session| !living.contains(session)).collect())
    }

    /// The apps whose records an ended life left behind. Those records open no more, but their names say whose they are.
    async fn left_behind(&self, intent: &Intent) -> Result<BTreeSet<AppId>, StoreError> {
        let partition = Partition::home(intent.home);
        let head = self.parts.codec.read_head(&*self.parts.store, intent.home).await?;
        let now = head.and_then(|(head, version)| {
            self.parts.codec.presence(intent.home, Head { blocked: false, ..head }, version)
        });
        let mut apps = BTreeSet::new();
        for kind in [Kind::Consent, Kind::Served] {
            for Entry { key, stored, .. } in listing::all(&*self.parts.store, &partition, kind).await? {
                let Some(app) = key.app() else { continue };
                // Whoever came back in between has begun a new life, which ends nobody's access.
                let is_present = now.as_ref().is_some_and(|who| match kind {
                    Kind::Consent => self.parts.codec.open_agreement(who, &app, &stored).is_some(),
                    _ => self.parts.codec.open_served(who, &app, &stored).is_some(),
                });
                if !is_present {
                    apps.insert(app);
                }
            }
        }
        Ok(apps)
    }

    /// Forgets which apps were given something in sessions that ended, now that they have been told.
    pub(super) async fn forget_sessions(&self, intent: &Intent) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let Some(who) = self.who(intent).await? else { return Ok(()) };
            let ended = self.ended(intent, &who).await?;
            let (mut guards, mut puts) = (vec![who.unchanged()], Vec::new());
            for (app, served, entry) in self.served(&who).await? {
                if let Some(rest) = served.without(&ended) {
                    guards.push(Guard::Version(entry.key, entry.stored.version));
                    puts.push(self.parts.codec.put_served(&who, &app, &rest));
                }
            }
            if puts.is_empty() {
                return Ok(());
            }
            let commit = Commit { guards, puts, deletes: vec![] };
            if self.parts.store.commit(&who.partition(), commit).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }
}
