//! A grant begins: approved by the flow, written together with the agreement that it rests on.

use std::time::Duration;

use super::{
    Grants, Locator, Record, State,
    denied::Denied,
    record::{Binding, Header},
};
use crate::{
    flow::{Approved, Learned, Request},
    partition::{Agreed, Deed, Presence, ReceiptEvent, races},
    seal::token,
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::{App, Claims, ProviderId, Secret32, SecretText, Timestamp, ids::RandomId, scope::ScopeValue},
};

/// The longest that a code lives under FAPI 2.0 (Security Profile, section 5.3.2.1).
const STRICT_CODE: Duration = Duration::from_secs(60);

/// What a grant is made of.
#[derive(Debug)]
pub struct NewGrant<'a> {
    /// Who is signed in.
    pub who: &'a Presence,
    /// For whom.
    pub app: &'a App,
    /// The session that it comes from.
    pub session: RandomId,
    /// Who vouched.
    pub provider: &'a ProviderId,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// What was asked.
    pub request: &'a Request,
    /// What was agreed to when the flow approved.
    pub agreed: &'a Agreed,
    /// All claims that are worth keeping, as they are known now.
    pub kept: Claims,
    /// What else the app's rules ask for, if it has any.
    pub learned: Option<Learned>,
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
    /// Mints a code. [`Approved`] is the flow's leave to do so. What was decided with it is written down in the same
    /// commit: the agreement, a line of history, a receipt.
    ///
    /// # Errors
    /// The store's own; then no code is out.
    pub async fn open(&self, approved: Approved, new: NewGrant<'_>) -> Result<Opened, StoreError> {
        let random = self.codec.sealer().random();
        let locator = Locator {
            home: new.who.home,
            id: RandomId::generate(random),
            app: new.app.id.clone(),
            session: new.session,
            key: Some(Secret32::generate(random)),
        };
        let puts = std::iter::once(self.pending(&approved, &new, &locator)?).chain(self.decision(&approved, &new));
        Ok(match self.write(&new, puts.collect()).await? {
            Outcome::Committed => {
                // A code and what a device gets are never taken for each other.
                let kind = if new.request.device.is_some() { token::DEVICE_GRANT } else { token::CODE };
                Opened::Code(SecretText::new(self.codec.sealer().hand_out(kind, &locator)))
            }
            Outcome::Conflict => Opened::Changed,
        })
    }

    fn pending(&self, approved: &Approved, new: &NewGrant<'_>, locator: &Locator) -> Result<Put, StoreError> {
        let now = self.clock.now();
        let lives = if new.app.is_strict() { self.lifetimes.code.min(STRICT_CODE) } else { self.lifetimes.code };
        let expires = new.request.device.as_ref().map_or_else(|| now.plus(lives), |ask| ask.expires);
        let offline = approved.offline();
        let asked = new.request.scope.clone();
        let header = Header {
            app: new.app.id.clone(),
            state: State::Pending(Binding::of(new.request, expires)),
            stamp: new.who.living.stamp,
            session: new.session,
            offline,
            agreed: approved.agreement().given,
            provider: new.provider.clone(),
            // What was not granted is not said to be (RFC 6749, section 5.1).
            scope: if offline { asked } else { asked.without(ScopeValue::OfflineAccess) },
            auth_time: new.auth_time,
            since: now,
            denied: Denied::default(),
            claims: new.request.claims.clone(),
            resources: new.request.resources.clone(),
            key: None,
        };
        let value = Record::seal(&self.codec, new.who, locator, &header, (&new.kept, new.learned.as_ref())).to_bytes();
        let value = value.ok_or(StoreError::Corrupt("a grant does not serialise"))?;
        let key = RecordKey::grant(locator.id);
        Ok(Put { key, version: self.codec.version(), value, expires: Some(expires), due: None })
    }

    /// What the person, or a rule for them, decided just now.
    fn decision(&self, approved: &Approved, new: &NewGrant<'_>) -> Vec<Put> {
        let (agreement, now) = (approved.agreement(), self.clock.now());
        let mut puts = Vec::new();
        if new.agreed.agreement.as_ref().is_none_or(|earlier| agreement.is_news_to(earlier)) {
            puts.push(self.codec.put_agreement(new.who, &new.app.id, agreement, now.plus(self.lifetimes.consent)));
        }
        if approved.decided() {
            puts.push(self.chronicle.line(new.who, Deed::Agreed { app: new.app.id.clone() }));
            puts.push(self.codec.put_receipt(new.who, new.app, agreement, ReceiptEvent::Given, now));
        }
        puts
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
