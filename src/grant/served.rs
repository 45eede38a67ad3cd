//! What went out to an app, by name and date: written in the commit that issues, so that every app that was given
//! anything is told when the person leaves.

use std::sync::Arc;

use super::{Asking, Found, Grants, Live};
use crate::{
    flow::claims,
    partition::{Agreed, Codec, Presence, Served, races},
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError, Stored, Version},
    types::{App, AppId, Claim, Claims, Scope, Timestamp, scope::ScopeValue},
};

/// What an app was given, as a read found it written down.
#[derive(Debug)]
pub(super) struct Noted {
    version: Version,
    /// None that was sealed in this life.
    served: Option<Served>,
}

impl Noted {
    pub fn open(codec: &Codec, who: &Presence, app: &AppId, stored: &Stored) -> Self {
        Self { version: stored.version, served: codec.open_served(who, app, stored) }
    }
}

impl Live {
    /// Whether this person might sign in now to another app than that of the grant: an app that is called on their behalf
    /// learns of nobody whom its rules keep out. What the grant does not know of the person lets nobody in.
    pub fn may_use(&self, other: Asking<'_>, now: Timestamp) -> bool {
        other.takes(&self.provider) && other.lets_in(self.learned.person(&self.provider, &self.known), now)
    }

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
        self.line(live, &live.app, live.noted.as_deref(), &names(shown))
    }

    /// Writes down that `shown` goes out, where nothing else is committed. What ended meanwhile needs no note.
    ///
    /// # Errors
    /// The store's own.
    pub async fn shown(&self, live: &Live, shown: &Claims) -> Result<(), StoreError> {
        let _either_way = self.write_down(live, &live.app, (live.noted.clone(), &names(shown)), None).await?;
        Ok(())
    }

    /// Writes down that `app`, which is not the one of this grant, is given a name for the person, so that it is told
    /// when they leave. `false`: what it rests on, or what the person `agreed` to with that app, has changed, and nothing
    /// may go out.
    ///
    /// # Errors
    /// The store's own; then nothing may go out either.
    pub async fn named(&self, live: &Live, app: &AppId, agreed: &Agreed) -> Result<bool, StoreError> {
        let noted = self.read_noted(live, app).await?;
        self.write_down(live, app, (noted, &[]), Some(agreed.unchanged())).await
    }

    /// Adds to what is written down, and again to what others wrote meanwhile. `false`: it was not that which changed.
    async fn write_down(
        &self,
        live: &Live,
        app: &AppId,
        (mut noted, names): (Option<Arc<Noted>>, &[Claim]),
        also: Option<Guard>,
    ) -> Result<bool, StoreError> {
        for _ in 0..races::TRIES {
            let Some((unchanged, put)) = self.line(live, app, noted.as_deref(), names) else { return Ok(true) };
            let guards = live.guards.iter().cloned().chain([unchanged]).chain(also.clone()).collect();
            let commit = Commit { guards, puts: vec![put], deletes: vec![] };
            if self.store.commit(&live.who.partition(), commit).await? == Outcome::Committed {
                return Ok(true);
            }
            let now = self.read_noted(live, app).await?;
            let version = |noted: &Option<Arc<Noted>>| noted.as_ref().map(|noted| noted.version);
            if version(&now) == version(&noted) {
                return Ok(false);
            }
            noted = now;
        }
        Err(races::too_many())
    }

    async fn read_noted(&self, live: &Live, app: &AppId) -> Result<Option<Arc<Noted>>, StoreError> {
        let read = self.store.read(&live.who.partition(), &[RecordKey::served(app)]).await?;
        let stored = read.into_iter().next().flatten();
        Ok(stored.map(|stored| Arc::new(Noted::open(&self.codec, &live.who, app, &stored))))
    }

    fn line(&self, live: &Live, app: &AppId, noted: Option<&Noted>, names: &[Claim]) -> Option<(Guard, Put)> {
        let earlier = noted.and_then(|noted| noted.served.as_ref());
        let session = live.in_session.then_some(live.session);
        let served = Served::after(earlier, names.iter().copied(), session, self.clock.now())?;
        let guard = Guard::as_read(RecordKey::served(app), noted.map(|noted| noted.version));
        Some((guard, self.codec.put_served(&live.who, app, &served)))
    }
}

fn names(shown: &Claims) -> Vec<Claim> {
    shown.iter().map(|(claim, _)| claim).collect()
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
