//! Grants: one issued authorization and the tokens that hang on it, as a small state machine in one record. Spent
//! codes and spent refresh tokens need no records of their own, and nothing grows with the number of refreshes: a
//! genuine code on a grant that is no longer pending ends the grant, and so does a refresh token that was spent before.
//!
//! | file | what it knows |
//! |---|---|
//! | `open` | a grant begins: a code |
//! | `redeem` | a code becomes tokens |
//! | `refresh`, `lineage` | a refresh token becomes its successor; what becomes of each of a family |
//! | `find`, `list` | what lives: behind a token, and of an account |
//! | `recall` | what an access token was found to lead to, so that it is not opened for each request |
//! | `revoke`, `denied` | what an app gives back |
//! | `served` | what went out, written down with it |
//! | `record` | all of it at rest |

mod denied;
mod find;
mod lineage;
mod list;
mod open;
mod recall;
mod record;
mod redeem;
mod refresh;
mod revoke;
mod served;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

pub use find::{Access, Refreshable};
pub use lineage::RefreshLifetimes;
pub use list::GrantLine;
pub use open::{NewGrant, Opened};
pub use recall::Located;
use recall::Recall;
pub use record::Locator;
use record::{Header, Record, State};
pub use redeem::{Redeemed, Redemption, Refusal};
pub use refresh::{Making, Presented, RefreshRefusal, Refreshed};
pub use revoke::Revoked;
use served::Noted;

use crate::{
    flow::{Agreement, Learned, access},
    partition::{Agreed, Chronicle, Codec, Deed, Presence, races},
    store::{Backend, Commit, Guard, Outcome, RecordKey, StoreError, Stored, Version},
    types::{
        App, AppId, Claims, Clock, ProviderId, Scope, Timestamp, claims_request::ClaimsRequest, echo::AppNonce,
        ids::RandomId,
    },
};

/// How long a record is kept after its last access token expired, for clocks that differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A code.
    pub code: Duration,
    /// An access token.
    pub access_token: Duration,
    /// An ID token.
    pub id_token: Duration,
    /// Refresh tokens.
    pub refresh: RefreshLifetimes,
    /// An agreement that nothing is issued on.
    pub consent: Duration,
}

/// Opens, redeems, refreshes, finds and ends grants.
#[derive(Clone)]
pub struct Grants {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    chronicle: Chronicle,
    lifetimes: Lifetimes,
    recall: Arc<Recall>,
}

/// Who asks, as it is registered at this moment, and the providers through which people may come in now: what was
/// issued to an app, or through a provider, that is no longer welcome is as good as gone.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The app.
    pub app: &'a App,
    /// The providers.
    pub providers: &'a [ProviderId],
}

impl Asking<'_> {
    /// Whether people come in to the app through this provider.
    fn takes(&self, provider: &ProviderId) -> bool {
        self.app.allows(provider) && self.providers.contains(provider)
    }

    /// Whether the app's rules let this person in.
    fn lets_in(&self, person: access::Person<'_>, now: Timestamp) -> bool {
        matches!(access::at_sign_in(self.app, person, now), access::Access::Allowed(_))
    }
}

/// A living grant and all that decides what may go out on it.
#[derive(Clone, Debug)]
pub struct Live {
    /// Whose it is.
    pub who: Presence,
    /// For whom.
    pub app: AppId,
    /// The session that it came from, and ends with unless it is offline.
    pub session: RandomId,
    /// Who vouched.
    pub provider: ProviderId,
    /// What was asked for.
    pub scope: Scope,
    /// What was asked for besides.
    pub claims: ClaimsRequest,
    /// The services that its access tokens are for (RFC 8707); none but the app's own where none is named.
    pub resources: Vec<String>,
    /// The nonce of the request; only at the redemption of the code.
    pub nonce: Option<AppNonce>,
    /// When the person last signed in.
    pub auth_time: Timestamp,
    /// All claims that the app declared, and what its rules ask for; what goes out is for [`crate::flow::claims`] to
    /// say.
    pub known: Claims,
    /// What else its rules ask for.
    pub learned: Learned,
    /// What the person agreed to.
    pub agreement: Agreement,
    /// To be carried by access tokens.
    pub locator: Locator,
    noted: Option<Arc<Noted>>,
    guards: Vec<Guard>,
    in_session: bool,
}

/// What one read found, before it is judged.
struct Found {
    who: Presence,
    record: Record,
    header: Header,
    version: Version,
    expires: Option<Timestamp>,
    known: Claims,
    learned: Learned,
    agreed: Agreed,
    /// The session's version, if it lives.
    session: Option<Version>,
    noted: Option<Arc<Noted>>,
}

impl Grants {
    /// On a store, with what seals, the time, what writes history, and how long things live.
    pub fn new(
        store: Arc<dyn Backend>,
        codec: Codec,
        clock: Arc<dyn Clock>,
        chronicle: Chronicle,
        lifetimes: Lifetimes,
    ) -> Self {
        Self { store, codec, clock, chronicle, lifetimes, recall: Arc::default() }
    }

    /// Ends a grant because something on it was used twice, and tells the person in the same commit. Gives back by
    /// what name the audit knows the account.
    async fn end_reused(&self, locator: &Locator, found: Found) -> Result<RandomId, StoreError> {
        let audit_id = found.who.living.audit_id;
        let mut found = Some(found);
        for _ in 0..races::TRIES {
            let Some(there) = found else { return Ok(audit_id) };
            let key = RecordKey::grant(locator.id);
            let line = self.chronicle.line(&there.who, Deed::Reused { app: locator.app.clone() });
            let guards = vec![Guard::Version(key.clone(), there.version), there.who.unchanged()];
            let commit = Commit { guards, puts: vec![line], deletes: vec![key] };
            if self.store.commit(&locator.partition(), commit).await? == Outcome::Committed {
                return Ok(audit_id);
            }
            found = self.read(locator).await?;
        }
        Err(races::too_many())
    }

    /// One round trip: head, grant, consent, session, and what the app was given.
    async fn read(&self, locator: &Locator) -> Result<Option<Found>, StoreError> {
        self.open_all(locator, self.store.read(&locator.partition(), &locator.keys()).await?)
    }

    /// What such a read gave, opened.
    fn open_all(&self, locator: &Locator, read: Vec<Option<Stored>>) -> Result<Option<Found>, StoreError> {
        let mut read = read.into_iter();
        let mut next = || read.next().flatten();
        let (head, grant, consent, session, served) = (next(), next(), next(), next(), next());
        let Some(who) = self.codec.find_presence(locator.home, head.as_ref())? else { return Ok(None) };
        let Some(grant) = grant else { return Ok(None) };
        let opened = Record::open(&self.codec, &who, locator.id, &grant.value);
        let Some((record, header)) = opened.filter(|(_, header)| header.app == locator.app) else { return Ok(None) };
        let Some(known) = record.claims(&self.codec, &who, locator) else { return Ok(None) };
        let learned = record.learned(&self.codec, &who, locator);
        let agreed = self.codec.agreed(&who, &locator.app, consent.as_ref());
        let is_bound = header.stamp == who.living.stamp && header.session == locator.session;
        let session = session.filter(|_| is_bound).map(|stored| stored.version);
        let noted = served.map(|stored| Arc::new(Noted::open(&self.codec, &who, &locator.app, &stored)));
        let Stored { version, expires, .. } = grant;
        Ok(Some(Found { who, record, header, version, expires, known, learned, agreed, session, noted }))
    }

    /// How long a grant's record is kept: while its present refresh token is good, and its access tokens.
    fn keep_until(&self, refresh_ends: Option<Timestamp>) -> Timestamp {
        let access_ends = self.clock.now().plus(self.lifetimes.access_token + LEEWAY);
        refresh_ends.map_or(access_ends, |ends| ends.max(access_ends))
    }
}

impl Found {
    /// All that its life was read from, but the grant itself: what ended meanwhile gets no tokens.
    fn basis(&self, locator: &Locator) -> Vec<Guard> {
        let session = self.session.map(|version| Guard::Version(RecordKey::session(locator.session), version));
        [self.who.unchanged(), self.agreed.unchanged()].into_iter().chain(session).collect()
    }

    fn unchanged(&self, locator: &Locator) -> Guard {
        Guard::Version(RecordKey::grant(locator.id), self.version)
    }

    /// Alive: its session lives where it ends with one, its agreement stands, is not paused, and is the one that it
    /// began with; its provider is still one through which people come in to this app; and the app's rules, as they are
    /// now, still let the person in by what is known of them.
    fn live(&self, locator: &Locator, nonce: Option<AppNonce>, asking: Asking<'_>, now: Timestamp) -> Option<Live> {
        let header = &self.header;
        let stands = |agreement: &&Agreement| !agreement.paused && agreement.carries(header.agreed);
        let agreement = self.agreed.agreement.as_ref().filter(stands)?;
        let in_session = self.session.is_some();
        let person = self.learned.person(&header.provider, &self.known);
        // An access token that is for others than UserInfo opens nothing of the person: what it was issued on stands for
        // the minutes that it lives.
        let is_sealed = locator.key.is_none();
        let welcome = asking.takes(&header.provider) && (is_sealed || asking.lets_in(person, now));
        (welcome && (in_session || header.offline)).then(|| Live {
            who: self.who.clone(),
            app: header.app.clone(),
            session: header.session,
            provider: header.provider.clone(),
            scope: header.scope.clone(),
            claims: header.claims.clone(),
            resources: header.resources.clone(),
            nonce,
            auth_time: header.auth_time,
            known: self.known.clone(),
            learned: self.learned.clone(),
            agreement: agreement.clone(),
            locator: locator.clone(),
            noted: self.noted.clone(),
            guards: self.basis(locator),
            in_session,
        })
    }
}

/// The services that an answer is for (RFC 8707, section 2.2): all that were granted, or those that are named if they are
/// among them. Where none was granted, the app may name any that it is registered for, which its caller checked.
fn aimed(granted: &[String], named: &[&str]) -> Option<Vec<String>> {
    if named.is_empty() {
        return Some(granted.to_vec());
    }
    let within = |name: &&str| granted.is_empty() || granted.iter().any(|granted| granted == name);
    named.iter().all(within).then(|| named.iter().map(|name| (*name).to_owned()).collect())
}
