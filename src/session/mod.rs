//! Sessions: one browser signed in. What is personal in one opens only with the browser's own cookie.

mod accounts;
mod device;
mod end;
mod gate;
mod list;
mod record;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

pub use device::Device;
pub use gate::{NewPass, Pass, PassKey, PassRecords};
pub use list::{PassLine, SessionLine};
use record::{Body, Door, Header, Locator, Opened, Record};

use crate::{
    flow::Learned,
    partition::{Chronicle, Codec, Deed, Head, HeadIdentity, Life, Presence, Standing, races, way},
    seal::token,
    store::{Backend, Commit, Guard, Outcome, Partition, Put, RecordKey, StoreError, Stored, Version},
    types::{
        Claims, Clock, ProviderId, Secret32, SecretText, Timestamp,
        ids::{HomeId, IdentityId, RandomId},
    },
};

/// Somebody whom a provider just vouched for.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who vouched.
    pub provider: ProviderId,
    /// For whom, as a pseudonym; the subject itself comes no further than this.
    pub identity: IdentityId,
    /// What it said.
    pub known: Claims,
    /// What of it rules may ask for.
    pub learned: Learned,
    /// When the person signed in there.
    pub auth_time: Timestamp,
    /// What the browser is, in coarse words.
    pub device: Option<Device>,
}

/// A living session, as its own browser sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub who: Presence,
    /// Names it.
    pub id: RandomId,
    /// Who vouched.
    pub provider: ProviderId,
    /// For whom, as a pseudonym.
    pub identity: IdentityId,
    /// When this browser signed in first.
    pub since: Timestamp,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// What is known of the person.
    pub known: Claims,
    /// What of it rules may ask for, and since when it is known.
    pub learned: Learned,
}

/// A session that has begun, and the cookie that opens it.
#[derive(Debug)]
pub struct Begun {
    /// The session.
    pub session: Session,
    /// For the browser.
    pub cookie: SecretText,
    /// Whether this is the first login of the account, ever or in this life.
    pub first: bool,
}

/// Why a session does not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The operator has blocked this account.
    #[error("the account is blocked")]
    Blocked,
    /// The provider warned that somebody else may have taken the identity.
    #[error("the provider warned of this identity")]
    Locked,
    /// The store said so.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Unused.
    pub idle: Duration,
    /// At most.
    pub absolute: Duration,
}

/// What a cookie opened.
struct Found {
    who: Presence,
    locator: Locator,
    stored: Stored,
    opened: Opened,
}

/// Begins, finds and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    chronicle: Chronicle,
    lifetimes: Lifetimes,
}

impl Sessions {
    /// On a store, with what seals, the time, what writes history, and how long they live.
    pub fn new(
        store: Arc<dyn Backend>,
        codec: Codec,
        clock: Arc<dyn Clock>,
        chronicle: Chronicle,
        lifetimes: Lifetimes,
    ) -> Self {
        Self { store, codec, clock, chronicle, lifetimes }
    }

    /// Begins a session at a login: a new cookie each time, and what this browser held before opens nothing more. The
    /// same person signing in again keeps the session's name, so that what hangs on it stays alive.
    ///
    /// # Errors
    /// [`BeginError::Blocked`] and [`BeginError::Locked`], or the store's own.
    pub async fn begin(&self, arrival: &Arrival, before: Option<&str>) -> Result<Begun, BeginError> {
        let before = match before {
            Some(cookie) => self.find(cookie).await?,
            None => None,
        };
        for _ in 0..races::TRIES {
            if let Some(begun) = self.try_begin(arrival, before.as_ref()).await? {
                if let Some(other) = before.filter(|before| before.id != begun.session.id) {
                    self.end(&other).await?;
                }
                return Ok(begun);
            }
        }
        Err(races::too_many().into())
    }

    async fn try_begin(&self, arrival: &Arrival, before: Option<&Session>) -> Result<Option<Begun>, BeginError> {
        let way = way(&*self.store, &self.codec, arrival.identity).await?;
        if way.is_locked() {
            return Err(BeginError::Locked);
        }
        let mut guards = way.guards();
        let (who, put_head) = match way.standing {
            Standing::Here(who) => (*who, None),
            Standing::Nobody { home, life, .. } => self.first_login(home, life, arrival)?,
            Standing::Blocked => return Err(BeginError::Blocked),
            Standing::Locked => return Err(BeginError::Locked),
        };
        let id = match before.filter(|before| before.who.account == who.account) {
            // Only a session that is there at this moment keeps its name: one that was ended meanwhile stays so, and
            // with it whatever hung on it.
            Some(before) => self.version(&who, before.id).await?.map(|version| (before.id, version)),
            None => None,
        };
        let id = if let Some((id, version)) = id {
            guards.push(Guard::Version(RecordKey::session(id), version));
            id
        } else {
            let id = RandomId::generate(self.codec.sealer().random());
            guards.push(Guard::Absent(RecordKey::session(id)));
            id
        };
        let first = put_head.is_some();
        let line = self.chronicle.line(&who, Deed::SignedIn { provider: arrival.provider.clone() });
        let partition = who.partition();
        let (session, cookie, put) = self.make(who, id, arrival)?;
        let puts = put_head.into_iter().chain([put, line]).collect();
        Ok(match self.store.commit(&partition, Commit { guards, puts, deletes: vec![] }).await? {
            Outcome::Committed => Some(Begun { session, cookie, first }),
            Outcome::Conflict => None,
        })
    }

    async fn version(&self, who: &Presence, id: RandomId) -> Result<Option<Version>, StoreError> {
        let read = self.store.read(&who.partition(), &[RecordKey::session(id)]).await?.pop().flatten();
        Ok(read.map(|stored| stored.version))
    }

    /// The account begins: for the first time, or in the life that a deletion left.
    fn first_login(&self, home: HomeId, life: Life, arrival: &Arrival) -> Result<(Presence, Option<Put>), BeginError> {
        let identity = HeadIdentity { provider: arrival.provider.clone(), identity: arrival.identity };
        let head = Head::begin(life, identity, self.clock.now(), self.codec.sealer().random());
        let put = self.codec.put_head(home, &head);
        let who = self.codec.presence(home, head, put.version).ok_or(BeginError::Blocked)?;
        Ok((who, Some(put)))
    }

    fn make(&self, who: Presence, id: RandomId, arrival: &Arrival) -> Result<(Session, SecretText, Put), StoreError> {
        let now = self.clock.now();
        let ends = now.plus(self.lifetimes.absolute);
        let secret = Secret32::generate(self.codec.sealer().random());
        let header = Header {
            stamp: who.living.stamp,
            provider: arrival.provider.clone(),
            identity: arrival.identity,
            auth_time: arrival.auth_time,
            since: now,
            seen: now,
            ends,
            device: arrival.device.clone(),
        };
        let body = Body { known: arrival.known.clone(), learned: arrival.learned.clone() };
        let opened = Opened { header, body };
        let value = Record::seal(&self.codec, &who, id, &secret, &opened).to_bytes();
        let value = value.ok_or(StoreError::Corrupt("a session does not serialise"))?;
        let version = self.codec.version();
        let put = Put { key: RecordKey::session(id), version, value, expires: Some(self.expiry(now, ends)), due: None };
        let cookie = self.codec.sealer().hand_out(token::SESSION, &Locator { home: who.home, id, secret });
        Ok((session(who, id, opened), SecretText::new(cookie), put))
    }

    /// The living session that a cookie opens; `None` for any other cookie.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let Some(found) = self.look(Door::Session, cookie).await? else { return Ok(None) };
        let Found { who, locator, stored, opened } = found;
        self.touch(&who, locator.id, &opened.header, &stored, self.clock.now()).await?;
        Ok(Some(session(who, locator.id, opened)))
    }

    /// What a cookie opens, if it lives.
    async fn look(&self, door: Door, cookie: &str) -> Result<Option<Found>, StoreError> {
        let kind = match door {
            Door::Session => token::SESSION,
            Door::Accounts => token::FEDCM,
        };
        let Ok(locator) = self.codec.sealer().take_back::<Locator>(kind, cookie) else { return Ok(None) };
        let keys = [RecordKey::head(), RecordKey::session(locator.id)];
        let mut read = self.store.read(&Partition::home(locator.home), &keys).await?.into_iter();
        let (head, stored) = (read.next().flatten(), read.next().flatten());
        let (Some(who), Some(stored)) = (self.codec.find_presence(locator.home, head.as_ref())?, stored) else {
            return Ok(None);
        };
        let opened = Record::open(&self.codec, &who, locator.id, (door, &locator.secret), &stored.value);
        let lives = |opened: &Opened| {
            let Header { stamp, seen, ends, .. } = &opened.header;
            *stamp == who.living.stamp && self.clock.now() < self.expiry(*seen, *ends)
        };
        Ok(opened.filter(lives).map(|opened| Found { who, locator, stored, opened }))
    }

    /// Writes a "last seen", at most each tenth of the idle lifetime. Losing a race is fine: somebody else wrote one,
    /// or the session is over and must not come back.
    async fn touch(
        &self,
        who: &Presence,
        id: RandomId,
        header: &Header,
        stored: &Stored,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if now.since(header.seen) < self.lifetimes.idle / 10 {
            return Ok(());
        }
        let seen = Header { seen: now, ..header.clone() };
        let Some(value) = Record::with_header(&self.codec, who, id, &seen, &stored.value) else { return Ok(()) };
        let key = RecordKey::session(id);
        let put = Put {
            key: key.clone(),
            version: self.codec.version(),
            value,
            expires: Some(self.expiry(now, header.ends)),
            due: None,
        };
        let guards = vec![Guard::Version(key, stored.version), who.unchanged()];
        let commit = Commit { guards, puts: vec![put], deletes: vec![] };
        let _either_way = self.store.commit(&who.partition(), commit).await?;
        Ok(())
    }

    fn expiry(&self, seen: Timestamp, ends: Timestamp) -> Timestamp {
        seen.plus(self.lifetimes.idle).min(ends)
    }
}

fn session(who: Presence, id: RandomId, opened: Opened) -> Session {
    let Opened { header, body } = opened;
    let Header { provider, identity, since, auth_time, ends, .. } = header;
    let Body { known, learned } = body;
    Session { who, id, provider, identity, since, auth_time, ends, known, learned }
}
