//! A grant begins: approved by the flow, written together with the agreement that it rests on.

use super::{
    Grants, Locator, Record, State,
    record::{Binding, Header},
};
use crate::{
    flow::{Approved, Request},
    partition::{Agreed, Presence, races},
    seal::token,
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::{Claims, ProviderId, Secret32, SecretText, Timestamp, ids::RandomId},
};

/// What a grant is made of.
#[derive(Debug)]
pub struct NewGrant<'a> {
    /// Who is signed in.
    pub who: &'a Presence,
    /// The session that it ends with.
    pub session: RandomId,
    /// Who vouched.
    pub provider: &'a ProviderId,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// What was asked.
    pub request: &'a Request,
    /// What was agreed to when the flow approved.
    pub agreed: &'a Agreed,
    /// All claims that the app declared, as they are known now.
    pub declared: Claims,
}

/// What came of it.
#[derive(Debug)]
pub enum Opened {
    /// The code for the app.
    Code(SecretText),
    /// The account changed in between; look again.
    Changed,
}

impl Grants {
    /// Mints a code. [`Approved`] is the flow's leave to do so.
    ///
    /// # Errors
    /// The store's own; then no code is out.
    pub async fn open(&self, approved: Approved, new: NewGrant<'_>) -> Result<Opened, StoreError> {
        let now = self.clock.now();
        let random = self.codec.sealer().random();
        let locator = Locator {
            home: new.who.home,
            id: RandomId::generate(random),
            app: new.request.app.clone(),
            session: new.session,
            key: Secret32::generate(random),
        };
        let expires = now.plus(self.lifetimes.code);
        let header = Header {
            app: new.request.app.clone(),
            state: State::Pending(Binding::of(new.request, expires)),
            stamp: new.who.living.stamp,
            session: new.session,
            provider: new.provider.clone(),
            scope: new.request.scope.clone(),
            auth_time: new.auth_time,
            since: now,
        };
        let value = Record::seal(&self.codec, new.who, &locator, &header, &new.declared).to_bytes();
        let value = value.ok_or(StoreError::Corrupt("a grant does not serialise"))?;
        let key = RecordKey::grant(locator.id);
        let grant = Put { key, version: self.codec.version(), value, expires: Some(expires), due: None };
        let agreement = approved.agreement();
        let is_news = new.agreed.agreement.as_ref().is_none_or(|earlier| agreement.is_news_to(earlier));
        let until = now.plus(self.lifetimes.consent);
        let consent = is_news.then(|| self.codec.put_agreement(new.who, &locator.app, agreement, until));
        let puts = std::iter::once(grant).chain(consent).collect();
        Ok(match self.write(&new, puts).await? {
            Outcome::Committed => Opened::Code(SecretText::new(self.codec.sealer().hand_out(token::CODE, &locator))),
            Outcome::Conflict => Opened::Changed,
        })
    }

    async fn write(&self, new: &NewGrant<'_>, puts: Vec<Put>) -> Result<Outcome, StoreError> {
        let partition = new.who.partition();
        let session = RecordKey::session(new.session);
        for _ in 0..races::TRIES {
            let read = self.store.read(&partition, std::slice::from_ref(&session)).await?.pop().flatten();
            let Some(session_now) = read else { return Ok(Outcome::Conflict) };
            // The session's version may change by a "last seen", which is no reason to give up; its end is.
            let session_lives = Guard::Version(session.clone(), session_now.version);
            let guards = vec![new.who.unchanged(), new.agreed.unchanged(), session_lives];
            let commit = Commit { guards, puts: puts.clone(), deletes: vec![] };
            if self.store.commit(&partition, commit).await? == Outcome::Committed {
                return Ok(Outcome::Committed);
            }
        }
        Ok(Outcome::Conflict)
    }
}
