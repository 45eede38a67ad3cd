//! What each app was given: names and dates. It is there as soon as an app was given anything, so that every app that
//! knows a person is told when they leave.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Codec, Presence};
use crate::{
    store::{Put, RecordKey, Stored},
    types::{AppId, Claim, Timestamp, ids::RandomId},
};

/// How many sessions of an app are remembered, the latest ones.
const MAX_SESSIONS: usize = 32;

/// What one app was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// When it was given anything first.
    pub since: Timestamp,
    /// When it was given anything last, to the hour.
    pub last: Timestamp,
    /// When each claim went out last, to the hour.
    pub claims: BTreeMap<Claim, Timestamp>,
    /// The sessions in which it was given something: it hears when they end.
    pub sessions: BTreeMap<RandomId, Timestamp>,
}

impl Served {
    /// What stands when an app has heard that these sessions ended; `None` if it was in none of them.
    pub fn without(&self, ended: &BTreeSet<RandomId>) -> Option<Self> {
        let mut served = self.clone();
        served.sessions.retain(|session, _| !ended.contains(session));
        (served.sessions.len() < self.sessions.len()).then_some(served)
    }

    /// What stands after `claims` went out in `session`; `None` if `earlier` says so already, to the hour.
    pub fn after(
        earlier: Option<&Self>,
        claims: impl Iterator<Item = Claim>,
        session: Option<RandomId>,
        now: Timestamp,
    ) -> Option<Self> {
        const AN_HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
        let is_old = |last: Option<&Timestamp>| last.is_none_or(|last| now.since(*last) >= AN_HOUR);
        let claims: Vec<Claim> = claims.collect();
        let is_news = is_old(earlier.map(|earlier| &earlier.last))
            || claims.iter().any(|claim| is_old(earlier.and_then(|earlier| earlier.claims.get(claim))))
            || session.is_some_and(|session| !earlier.is_some_and(|earlier| earlier.sessions.contains_key(&session)));
        if !is_news {
            return None;
        }
        let mut served = earlier.cloned().unwrap_or_else(|| Self {
            since: now,
            last: now,
            claims: BTreeMap::new(),
            sessions: BTreeMap::new(),
        });
        served.last = now;
        served.claims.extend(claims.into_iter().map(|claim| (claim, now)));
        served.sessions.extend(session.map(|session| (session, now)));
        while served.sessions.len() > MAX_SESSIONS {
            let oldest = served.sessions.iter().min_by_key(|(_, at)| **at).map(|(session, _)| *session);
            served.sessions.retain(|session, _| Some(*session) != oldest);
        }
        Some(served)
    }
}

impl Codec {
    /// The record of what an app was given, in a fresh version.
    pub fn put_served(&self, who: &Presence, app: &AppId, served: &Served) -> Put {
        self.put_own(who, "served", RecordKey::served(app), served, None)
    }

    /// Reads what an app was given; `None` if it belongs to another life.
    pub fn open_served(&self, who: &Presence, app: &AppId, stored: &Stored) -> Option<Served> {
        self.open_own(who, "served", &RecordKey::served(app), &stored.value)
    }
}
