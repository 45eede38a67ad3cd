//! A person at a gated host: a session's pass for one app. It lives and dies with the session, and with the agreement
//! that it rests on. What is personal in it opens only with the host's own cookie.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Sessions, record::Record as SessionRecord};
use crate::{
    flow::{Agreement, Learned},
    partition::{At, Codec, Presence, Served, Stamp, races},
    seal::{Lock, token},
    store::{Commit, Entry, Guard, Outcome, Partition, Put, RecordKey, StoreError, Stored, Version},
    types::{
        AppId, Claim, Claims, ProviderId, Secret32, SecretText, Timestamp, bytes,
        ids::{HomeId, RandomId},
    },
};

/// What a pass is made of.
#[derive(Clone, Debug)]
pub struct NewPass<'a> {
    /// Who is signed in.
    pub who: &'a Presence,
    /// The session that it hangs on.
    pub session: RandomId,
    /// For which app.
    pub app: &'a AppId,
    /// Where that app lives.
    pub origin: &'a str,
    /// Who vouched.
    pub provider: &'a ProviderId,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// What the app may be told, as far as the person lets it, and what its rules ask for.
    pub known: &'a Claims,
    /// What else its rules ask for.
    pub learned: &'a Learned,
    /// When the agreement was given that it rests on.
    pub agreed: Timestamp,
}

/// What is sealed with master and cookie.
#[derive(Serialize, Deserialize)]
struct Content {
    app: AppId,
    origin: String,
    stamp: Stamp,
    provider: ProviderId,
    auth_time: Timestamp,
    known: Claims,
    learned: Learned,
    agreed: Timestamp,
}

/// What the master opens: which host it is of, for the person who asks what is kept, and by name what only the cookie
/// opens.
#[derive(Serialize, Deserialize)]
pub(super) struct PassHeader {
    pub(super) session: RandomId,
    pub(super) app: AppId,
    pub(super) since: Timestamp,
    pub(super) claims: BTreeSet<Claim>,
}

/// The record.
#[derive(Serialize, Deserialize)]
struct PassRecord {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
    #[serde(with = "serde_bytes")]
    content: Vec<u8>,
}

impl PassRecord {
    fn seal(codec: &Codec, at: At<'_>, locator: &Locator, content: &Content, now: Timestamp) -> Option<Vec<u8>> {
        let claims = content.known.iter().map(|(claim, _)| claim).collect();
        let header = PassHeader { session: locator.session, app: locator.app.clone(), since: now, claims };
        let header = codec.seal(At { part: "gate header", ..at }, Lock::Master, &header);
        let content = codec.seal(At { part: "gate pass", ..at }, Lock::MasterAnd(&locator.secret), content);
        rmp_serde::to_vec_named(&Self { header, content }).ok()
    }

    fn open(codec: &Codec, at: At<'_>, locator: &Locator, value: &[u8]) -> Option<Content> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        codec.open(At { part: "gate pass", ..at }, Lock::MasterAnd(&locator.secret), &record.content).ok()
    }
}

/// What the master opens of a pass; `None` for one of an earlier life.
pub(super) fn header(codec: &Codec, who: &Presence, entry: &Entry) -> Option<PassHeader> {
    let record: PassRecord = rmp_serde::from_slice(&entry.stored.value).ok()?;
    let at = At { part: "gate header", partition: &entry.partition, key: &entry.key, life: &who.life };
    codec.open(at, Lock::Master, &record.header).ok()
}

/// What the cookie holds, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Locator {
    #[serde(rename = "p")]
    home: HomeId,
    #[serde(rename = "i")]
    session: RandomId,
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "s")]
    secret: Secret32,
}

/// Where a pass is, from its cookie.
#[derive(Clone, Debug)]
pub struct PassKey {
    locator: Locator,
    partition: Partition,
    keys: [RecordKey; 4],
}

/// What one read found: head, pass, session, agreement. All of it is there.
#[derive(Clone, Debug)]
pub struct PassRecords([Stored; 4]);

/// A living pass.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Whose it is.
    pub who: Presence,
    /// The session that it hangs on.
    pub session: RandomId,
    /// For which app.
    pub app: AppId,
    /// Where that app lived then.
    pub origin: String,
    /// Who vouched.
    pub provider: ProviderId,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// What is known; what goes out is for [`crate::flow::claims`] to say.
    pub known: Claims,
    /// What else the app's rules ask for.
    pub learned: Learned,
    /// What the person agreed to.
    pub agreement: Agreement,
    /// When the session was last seen, to a tenth of its idle lifetime.
    seen: Timestamp,
    /// When it ends in any case.
    ends: Timestamp,
}

impl PassRecords {
    /// In which versions they were read: as long as these are the same, so is what they say.
    pub fn versions(&self) -> [Version; 4] {
        let [head, pass, session, agreement] = &self.0;
        [head.version, pass.version, session.version, agreement.version]
    }
}

impl Sessions {
    /// Gives the session of somebody a pass for a gated host. `None`: the session or the account ended meanwhile.
    ///
    /// # Errors
    /// The store's own; then there is none.
    pub async fn open_pass(&self, new: &NewPass<'_>) -> Result<Option<SecretText>, StoreError> {
        let secret = Secret32::generate(self.codec.sealer().random());
        let locator = Locator { home: new.who.home, session: new.session, app: new.app.clone(), secret };
        let (partition, key) = (new.who.partition(), pass_name(&locator.secret));
        let session = RecordKey::session(new.session);
        for _ in 0..races::TRIES {
            let Some(stored) = self.store.read(&partition, std::slice::from_ref(&session)).await?.pop().flatten()
            else {
                return Ok(None);
            };
            let Some(header) = SessionRecord::header(&self.codec, new.who, new.session, &stored.value) else {
                return Ok(None);
            };
            let content = Content {
                app: new.app.clone(),
                origin: new.origin.to_owned(),
                stamp: header.stamp,
                provider: new.provider.clone(),
                auth_time: new.auth_time,
                known: new.known.clone(),
                learned: new.learned.clone(),
                agreed: new.agreed,
            };
            let at = At { part: "gate pass", partition: &partition, key: &key, life: &new.who.life };
            let value = PassRecord::seal(&self.codec, at, &locator, &content, self.clock.now());
            let value = value.ok_or(StoreError::Corrupt("a pass does not serialise"))?;
            let version = self.codec.version();
            let put = Put { key: key.clone(), version, value, expires: Some(header.ends), due: None };
            let guards = vec![new.who.unchanged(), Guard::Version(session.clone(), stored.version)];
            match self.store.commit(&partition, Commit { guards, puts: vec![put], deletes: vec![] }).await? {
                Outcome::Committed => {
                    return Ok(Some(SecretText::new(self.codec.sealer().hand_out(token::GATE, &locator))));
                }
                // A "last seen" crossed, which is no reason to give up; an end of the session shows in the next read.
                Outcome::Conflict if self.is_as_it_was(new.who).await? => {}
                Outcome::Conflict => return Ok(None),
            }
        }
        Err(races::too_many())
    }

    async fn is_as_it_was(&self, who: &Presence) -> Result<bool, StoreError> {
        Ok(self.still(who.home).await?.is_some_and(|now| now.unchanged() == who.unchanged()))
    }

    /// Where the pass is that a cookie opens; `None` for any other cookie. Asks nothing of the store.
    pub fn pass_key(&self, cookie: &str) -> Option<PassKey> {
        let locator = self.codec.sealer().take_back::<Locator>(token::GATE, cookie).ok()?;
        let keys = [
            RecordKey::head(),
            pass_name(&locator.secret),
            RecordKey::session(locator.session),
            RecordKey::consent(&locator.app),
        ];
        Some(PassKey { partition: Partition::home(locator.home), keys, locator })
    }

    /// Reads all that decides about a pass, in one round trip. `None` if any of it is gone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn read_pass(&self, key: &PassKey) -> Result<Option<PassRecords>, StoreError> {
        let read = self.store.read(&key.partition, &key.keys).await?;
        let all: Option<Vec<Stored>> = read.into_iter().collect();
        Ok(all.and_then(|all| all.try_into().ok()).map(PassRecords))
    }

    /// The pass that was read, if it lives: session, account and agreement are those that it was given for.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a head that does not open.
    pub fn open_pass_records(&self, key: &PassKey, records: &PassRecords) -> Result<Option<Pass>, StoreError> {
        let ([head, pass, session, agreement], locator) = (&records.0, &key.locator);
        let Some(who) = self.codec.find_presence(locator.home, Some(head))? else { return Ok(None) };
        let [_, name, ..] = &key.keys;
        let at = At { part: "gate pass", partition: &key.partition, key: name, life: &who.life };
        let content = PassRecord::open(&self.codec, at, locator, &pass.value);
        let Some(content) = content.filter(|content| content.app == locator.app) else { return Ok(None) };
        let header = SessionRecord::header(&self.codec, &who, locator.session, &session.value);
        let stamp = who.living.stamp;
        let Some(header) = header.filter(|header| header.stamp == stamp && content.stamp == stamp) else {
            return Ok(None);
        };
        let agreement = self.codec.open_agreement(&who, &locator.app, agreement);
        let stands = |agreement: &Agreement| !agreement.paused && agreement.carries(content.agreed);
        let Some(agreement) = agreement.filter(stands) else { return Ok(None) };
        let Content { app, origin, provider, auth_time, known, learned, .. } = content;
        let (session, seen, ends) = (locator.session, header.seen, header.ends);
        Ok(Some(Pass { who, session, app, origin, provider, auth_time, known, learned, agreement, seen, ends }))
    }

    /// Whether the session of a pass is neither too old nor unused for too long.
    pub fn pass_lives(&self, pass: &Pass) -> bool {
        self.clock.now() < self.expiry(pass.seen, pass.ends)
    }

    /// When the session of a pass ends in any case.
    pub const fn pass_ends(pass: &Pass) -> Timestamp {
        pass.ends
    }

    /// Keeps the session of a pass from falling asleep, at most each tenth of its idle lifetime.
    ///
    /// # Errors
    /// The store's own.
    pub async fn touch_pass(&self, pass: &Pass, records: &PassRecords) -> Result<(), StoreError> {
        let now = self.clock.now();
        if now.since(pass.seen) < self.lifetimes.idle / 10 {
            return Ok(());
        }
        let [_, _, session, _] = &records.0;
        match SessionRecord::header(&self.codec, &pass.who, pass.session, &session.value) {
            Some(header) => self.touch(&pass.who, pass.session, &header, session, now).await,
            None => Ok(()),
        }
    }

    /// Writes down that claims went out to the app of a pass; nothing if it stands there already. Losing a race is fine:
    /// what ended meanwhile needs no note, and what another request wrote is as new.
    ///
    /// # Errors
    /// The store's own.
    pub async fn note_pass(&self, pass: &Pass, shown: impl Iterator<Item = Claim>) -> Result<(), StoreError> {
        let (partition, key) = (pass.who.partition(), RecordKey::served(&pass.app));
        let stored = self.store.read(&partition, std::slice::from_ref(&key)).await?.pop().flatten();
        let earlier = stored.as_ref().and_then(|stored| self.codec.open_served(&pass.who, &pass.app, stored));
        let Some(served) = Served::after(earlier.as_ref(), shown, Some(pass.session), self.clock.now()) else {
            return Ok(());
        };
        let guards = vec![pass.who.unchanged(), Guard::as_read(key, stored.map(|stored| stored.version))];
        let put = self.codec.put_served(&pass.who, &pass.app, &served);
        let _either_way = self.store.commit(&partition, Commit { guards, puts: vec![put], deletes: vec![] }).await?;
        Ok(())
    }
}

/// The name says nothing of the secret that it is made of.
fn pass_name(secret: &Secret32) -> RecordKey {
    RecordKey::gate(&bytes::sha256(secret.expose()))
}
