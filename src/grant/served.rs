//! What went out to an app, by name and date: written in the commit that issues, so that every app that was given
//! anything is told when the person leaves.

use super::{Found, Grants, Live};
use crate::{
    flow::claims,
    partition::Served,
    store::{Commit, Guard, Put, RecordKey, StoreError},
    types::{App, AppId, Claims, Scope, scope::ScopeValue},
};

impl Live {
    /// What `app` may see now at UserInfo, within `scope` and of what it asked for by name.
    pub fn visible(&self, app: &App, scope: &Scope) -> Claims {
        let asks = |claim| scope.asks(claim) || self.claims.userinfo.contains(&claim);
        claims::visible_of(app, asks, &self.agreement, &self.known)
    }

    /// What of it goes into an ID token.
    pub fn shown(&self, app: &App, scope: &Scope) -> Claims {
        let by_scope = app.id_token_claims;
        let asks = |claim| (by_scope && scope.asks(claim)) || self.claims.id_token.contains(&claim);
        let asks = |claim| scope.has(ScopeValue::Openid) && asks(claim);
        claims::visible_of(app, asks, &self.agreement, &self.known)
    }
}

impl Grants {
    /// What must be written down when `shown` goes out on a living grant; nothing if it stands there already.
    pub(super) fn note(&self, live: &Live, shown: &Claims) -> Option<(Guard, Put)> {
        let earlier = live.served.as_ref().and_then(|stored| self.codec.open_served(&live.who, &live.app, stored));
        let names = shown.iter().map(|(claim, _)| claim);
        let session = live.in_session.then_some(live.session);
        let served = Served::after(earlier.as_ref(), names, session, self.clock.now())?;
        let key = RecordKey::served(&live.app);
        let guard = Guard::as_read(key, live.served.as_ref().map(|stored| stored.version));
        Some((guard, self.codec.put_served(&live.who, &live.app, &served)))
    }

    /// Writes down that `shown` goes out, where nothing else is committed. Losing a race is fine: what ended meanwhile
    /// needs no note, and what another request wrote is as new.
    ///
    /// # Errors
    /// The store's own.
    pub async fn shown(&self, live: &Live, shown: &Claims) -> Result<(), StoreError> {
        let Some((guard, put)) = self.note(live, shown) else { return Ok(()) };
        let guards = live.guards.iter().cloned().chain([guard]).collect();
        let commit = Commit { guards, puts: vec![put], deletes: vec![] };
        let _either_way = self.store.commit(&live.who.partition(), commit).await?;
        Ok(())
    }
}

impl Grants {
    /// Writes down that `app`, which is not the one of this grant, is given a name for the person, so that it is told
    /// when they leave. Losing a race is fine, as with [`Grants::shown`].
    ///
    /// # Errors
    /// The store's own.
    pub async fn named(&self, live: &Live, app: &AppId) -> Result<(), StoreError> {
        let (partition, key) = (live.who.partition(), RecordKey::served(app));
        let stored = self.store.read(&partition, std::slice::from_ref(&key)).await?.pop().flatten();
        let earlier = stored.as_ref().and_then(|stored| self.codec.open_served(&live.who, app, stored));
        let session = live.in_session.then_some(live.session);
        let served = Served::after(earlier.as_ref(), std::iter::empty(), session, self.clock.now());
        let Some(served) = served else { return Ok(()) };
        let unchanged = Guard::as_read(key, stored.map(|stored| stored.version));
        let guards = live.guards.iter().cloned().chain([unchanged]).collect();
        let commit = Commit { guards, puts: vec![self.codec.put_served(&live.who, app, &served)], deletes: vec![] };
        let _either_way = self.store.commit(&partition, commit).await?;
        Ok(())
    }
}

impl Found {
    /// Guards and records of a step that issues tokens with `shown` in them.
    pub(super) fn step(&self, grants: &Grants, live: &Live, shown: &Claims) -> (Vec<Guard>, Vec<Put>) {
        let (mut guards, mut puts) = (self.basis(&live.locator), vec![]);
        guards.push(self.unchanged(&live.locator));
        if let Some((guard, put)) = grants.note(live, shown) {
            guards.push(guard);
            puts.push(put);
        }
        (guards, puts)
    }
}
