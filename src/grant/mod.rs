//! Grants: one issued authorization and the tokens that hang on it, as a small state machine in one record. Spent
//! codes need no record of their own: a genuine code on a grant that is no longer pending ends the grant.

mod open;
mod record;
mod redeem;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

pub use open::{NewGrant, Opened};
pub use record::Locator;
use record::{Header, Record, State};
pub use redeem::{Redeemed, Redemption, Refusal};

use crate::{
    flow::Agreement,
    partition::{Agreed, Codec, Presence, races},
    seal::token,
    store::{Backend, RecordKey, StoreError, Version},
    types::{AppId, Claims, Clock, ProviderId, Scope, Timestamp, echo::AppNonce, ids::RandomId},
};

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A code.
    pub code: Duration,
    /// An access token.
    pub access_token: Duration,
    /// An agreement that nothing is issued on.
    pub consent: Duration,
}

/// Opens, redeems, finds and ends grants.
#[derive(Clone)]
pub struct Grants {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
}

/// A living grant and all that decides what may go out on it.
#[derive(Clone, Debug)]
pub struct Live {
    /// Whose it is.
    pub who: Presence,
    /// For whom.
    pub app: AppId,
    /// The session that it ends with.
    pub session: RandomId,
    /// Who vouched.
    pub provider: ProviderId,
    /// What was asked for.
    pub scope: Scope,
    /// The nonce of the request; only at the redemption of the code.
    pub nonce: Option<AppNonce>,
    /// When the person last signed in.
    pub auth_time: Timestamp,
    /// All claims that the app declared; what goes out is for [`crate::flow::claims`] to say.
    pub known: Claims,
    /// What the person agreed to.
    pub agreement: Agreement,
    /// To be carried by access tokens.
    pub locator: Locator,
}

/// What one read found, before it is judged.
struct Found {
    who: Presence,
    record: Record,
    header: Header,
    version: Version,
    known: Claims,
    agreed: Agreed,
    /// The session's version, if it lives.
    session: Option<Version>,
}

impl Grants {
    /// On a store, with what seals, the time, and how long things live.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, clock: Arc<dyn Clock>, lifetimes: Lifetimes) -> Self {
        Self { store, codec, clock, lifetimes }
    }

    /// The living grant behind the locator of an access token; `None` if it ended, or was never ours.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, locator: &str) -> Result<Option<Live>, StoreError> {
        let Ok(locator) = self.codec.sealer().take_back::<Locator>(token::ACCESS, locator) else { return Ok(None) };
        let found = self.read(&locator).await?;
        Ok(found.filter(|found| found.header.state == State::Active).and_then(|found| found.live(locator, None)))
    }

    /// The locator for an access token of this grant.
    pub fn hand_out(&self, live: &Live) -> String {
        self.codec.sealer().hand_out(token::ACCESS, &live.locator)
    }

    /// Ends a grant and all tokens that hang on it.
    ///
    /// # Errors
    /// The store's own; then nothing is known to have ended.
    async fn end(&self, locator: &Locator) -> Result<(), StoreError> {
        races::remove(&*self.store, &locator.partition(), RecordKey::grant(locator.id)).await
    }

    /// One round trip: head, grant, consent, session.
    async fn read(&self, locator: &Locator) -> Result<Option<Found>, StoreError> {
        let read = self.store.read(&locator.partition(), &locator.keys()).await?;
        let mut read = read.into_iter();
        let mut next = || read.next().flatten();
        let (head, grant, consent, session) = (next(), next(), next(), next());
        let Some(who) = self.codec.find_presence(locator.home, head.as_ref())? else { return Ok(None) };
        let Some(grant) = grant else { return Ok(None) };
        let opened = Record::open(&self.codec, &who, locator, &grant.value);
        let Some((record, header)) = opened.filter(|(_, header)| header.app == locator.app) else { return Ok(None) };
        let Some(known) = record.claims(&self.codec, &who, locator) else { return Ok(None) };
        let agreed = self.codec.agreed(&who, &locator.app, consent.as_ref());
        let is_bound = header.stamp == who.living.stamp && header.session == locator.session;
        let session = session.filter(|_| is_bound).map(|stored| stored.version);
        Ok(Some(Found { who, record, header, version: grant.version, known, agreed, session }))
    }
}

impl Found {
    /// Alive: its session lives, and its consent is neither gone nor paused, nor another that came after it was gone.
    fn live(self, locator: Locator, nonce: Option<AppNonce>) -> Option<Live> {
        self.session?;
        let stands = |agreement: &Agreement| !agreement.paused && agreement.carries(self.header.since);
        let agreement = self.agreed.agreement.filter(stands)?;
        let Header { app, session, provider, scope, auth_time, .. } = self.header;
        let known = self.known;
        Some(Live { who: self.who, app, session, provider, scope, nonce, auth_time, known, agreement, locator })
    }
}
