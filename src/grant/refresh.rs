//! A refresh token becomes its successor: all checks first, then the answer is made, then one guarded commit keeps it
//! sealed beside the grant, then it goes out. Whoever did not hear it asks again and hears the same.

use super::{
    Asking, Found, Grants, Live, State,
    lineage::{Lineage, Turn},
    record::{Basis, Header, Kept, Member},
};
use crate::{
    partition::races,
    seal::token,
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::{Claims, Scope, SecretText, Thumbprint, ids::RandomId, scope::ScopeValue},
};

/// What an app presents (RFC 6749, section 6), the app being authenticated already.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// Who presents it.
    pub asking: Asking<'a>,
    /// The refresh token.
    pub token: &'a str,
    /// `scope`: less than was granted, for this answer alone.
    pub scope: Option<&'a Scope>,
    /// `resource`: of the services that were granted, these alone (RFC 8707, section 2.2).
    pub resources: &'a [&'a str],
    /// The key that the app proves to hold (RFC 9449).
    pub key: Option<&'a Thumbprint>,
}

/// What comes of it.
#[derive(Debug)]
pub enum Refreshed {
    /// The answer, as it was made: now, or when the token was spent.
    Answer(Vec<u8>),
    /// It was spent before: everything on its grant has ended now (RFC 9700, section 4.14.2). Holds by what name the
    /// audit knows the account.
    Reused(RandomId),
    /// Nothing changed.
    Refused(RefreshRefusal),
}

/// Why a refresh token is refused, for the developer of the app and for the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    /// No such token, or it expired, or what it hangs on has ended.
    #[error("the refresh token is unknown, expired or no longer valid")]
    Unknown,
    /// Another app's.
    #[error("the refresh token was issued to another client")]
    OtherApp,
    /// `invalid_scope`.
    #[error("the scope goes beyond what was granted")]
    Scope,
    /// `invalid_target`.
    #[error("resource goes beyond what was granted")]
    Target,
    /// A public app's refresh token is bound to the key that it was issued for (RFC 9449, section 5).
    #[error("the refresh token is bound to another key")]
    Key,
    /// `invalid_dpop_proof`.
    #[error("the DPoP proof was used before")]
    ProofUsed,
}

/// A token that is taken, and what it is good for.
struct Granted {
    turn: Turn,
    lineage: Lineage,
    live: Live,
    scope: Scope,
    resources: Vec<String>,
}

/// What becomes of a token.
enum Judged {
    Good(Box<Granted>),
    Reused,
    Refused(RefreshRefusal),
}

/// What an answer is made of.
#[derive(Debug)]
pub struct Making<'a> {
    /// The grant.
    pub live: &'a Live,
    /// The scope of this answer.
    pub scope: &'a Scope,
    /// What of the claims goes into it.
    pub shown: &'a Claims,
    /// The refresh token that goes out in it.
    pub refresh: &'a SecretText,
    /// The services that its access token is for.
    pub resources: &'a [String],
    /// The key that its access token is bound to.
    pub key: Option<&'a Thumbprint>,
}

impl Grants {
    /// Refreshes. `prove` spends the proof of possession that came with the token: asked once, when all else is right
    /// and before anything changes. `make` signs the tokens; what it gives goes out only once it is kept.
    ///
    /// # Errors
    /// The store's own, and those of `prove` and `make`. Then the app has no answer, and its token is still good: it was not spent,
    /// or asking again brings the answer.
    pub async fn refresh<E: From<StoreError>>(
        &self,
        presented: Presented<'_>,
        prove: impl AsyncFn() -> Result<bool, StoreError>,
        make: impl Fn(&Making<'_>) -> Result<Vec<u8>, E>,
    ) -> Result<Refreshed, E> {
        let Some(member) = self.member(presented.token) else { return Ok(Refreshed::Refused(RefreshRefusal::Unknown)) };
        if member.locator.app != presented.asking.app.id {
            return Ok(Refreshed::Refused(RefreshRefusal::OtherApp));
        }
        let mut is_proven = false;
        for _ in 0..races::TRIES {
            let Some(found) = self.read(&member.locator).await? else {
                return Ok(Refreshed::Refused(RefreshRefusal::Unknown));
            };
            let turn = match self.judge(presented, &member, &found) {
                Judged::Refused(refusal) => return Ok(Refreshed::Refused(refusal)),
                Judged::Reused => return Ok(Refreshed::Reused(self.end_reused(&member.locator, found).await?)),
                Judged::Good(turn) => turn,
            };
            is_proven = is_proven || prove().await?;
            if !is_proven {
                return Ok(Refreshed::Refused(RefreshRefusal::ProofUsed));
            }
            if let Some(refreshed) = self.try_refresh(presented, &member, turn, found, &make).await? {
                return Ok(refreshed);
            }
        }
        Err(races::too_many().into())
    }

    /// What becomes of a token, on what was read, before anything changes.
    fn judge(&self, presented: Presented<'_>, member: &Member, found: &Found) -> Judged {
        let State::Active(lineage) = found.header.state else { return Judged::Refused(RefreshRefusal::Unknown) };
        let turn = match lineage.turn(member.generation, &self.lifetimes.refresh, self.clock.now()) {
            Turn::Refuse => return Judged::Refused(RefreshRefusal::Unknown),
            Turn::Reused => return Judged::Reused,
            turn @ (Turn::Rotate | Turn::Again) => turn,
        };
        if found.header.key.is_some() && found.header.key.as_ref() != presented.key {
            return Judged::Refused(RefreshRefusal::Key);
        }
        let Some(live) = found.live(&member.locator, None, presented.asking, self.clock.now()) else {
            return Judged::Refused(RefreshRefusal::Unknown);
        };
        let Some(scope) = narrowed(&found.header.scope, presented.scope) else {
            return Judged::Refused(RefreshRefusal::Scope);
        };
        let Some(resources) = super::aimed(&found.header.resources, presented.resources) else {
            return Judged::Refused(RefreshRefusal::Target);
        };
        Judged::Good(Box::new(Granted { turn, lineage, live, scope, resources }))
    }

    /// Once, on what was read. `None`: something changed meanwhile.
    async fn try_refresh<E: From<StoreError>>(
        &self,
        presented: Presented<'_>,
        member: &Member,
        granted: Box<Granted>,
        found: Found,
        make: impl Fn(&Making<'_>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Refreshed>, E> {
        let (locator, now) = (&member.locator, self.clock.now());
        let Granted { turn, lineage, live, scope, resources } = *granted;
        let (lineage, refresh) = if turn == Turn::Rotate {
            let lineage = lineage.next(now);
            (lineage, self.successor(member, &lineage))
        } else {
            let kept = found.record.answer(&self.codec, &found.who, locator);
            match kept {
                Some(kept) if kept.resources == resources && self.still_true(&kept, &found, &scope, presented.key) => {
                    return Ok(Some(Refreshed::Answer(kept.body)));
                }
                Some(kept) => (lineage, SecretText::new(kept.refresh)),
                None => (lineage, self.successor(member, &lineage)),
            }
        };
        let shown = live.shown(presented.asking.app, &scope);
        let making = Making {
            live: &live,
            scope: &scope,
            shown: &shown,
            refresh: &refresh,
            resources: &resources,
            key: presented.key,
        };
        let body = make(&making)?;
        // A public app that shows a key has the rest of the family bound to it (RFC 9449, section 5).
        let shown = presented.key.filter(|_| presented.asking.app.is_public());
        let key = found.header.key.clone().or_else(|| shown.cloned());
        let header = Header { state: State::Active(lineage), key, ..found.header.clone() };
        Ok(self.keep(&found, &header, &making, &body).await?.then_some(Refreshed::Answer(body)))
    }

    fn successor(&self, member: &Member, lineage: &Lineage) -> SecretText {
        let successor = Member { locator: member.locator.clone(), generation: lineage.generation };
        SecretText::new(self.codec.sealer().hand_out(token::REFRESH, &successor))
    }

    /// Whether an answer that went out before would be made again just so.
    fn still_true(&self, kept: &Kept, found: &Found, scope: &Scope, key: Option<&Thumbprint>) -> bool {
        let basis = Basis::of(&[found.who.unchanged(), found.agreed.unchanged()]);
        kept.basis == basis && kept.scope == *scope && kept.key.as_ref() == key && self.clock.now() < kept.expires
    }

    /// The one guarded commit. `false`: something changed meanwhile.
    async fn keep(&self, found: &Found, header: &Header, making: &Making<'_>, body: &[u8]) -> Result<bool, StoreError> {
        let State::Active(lineage) = header.state else { return Ok(false) };
        let (now, live, locator) = (self.clock.now(), making.live, &making.live.locator);
        let (guards, mut puts) = found.step(self, live, making.shown);
        let used = crate::flow::Agreement { used: now, ..live.agreement.clone() };
        let consent = used
            .is_news_to(&live.agreement)
            .then(|| self.codec.put_agreement(&found.who, &live.app, &used, now.plus(self.lifetimes.consent)));
        let agreed =
            consent.as_ref().map_or(found.agreed.unchanged(), |put| Guard::Version(put.key.clone(), put.version));
        puts.extend(consent);
        let kept = (!self.lifetimes.refresh.grace.is_zero()).then(|| Kept {
            refresh: making.refresh.expose().to_owned(),
            body: body.to_vec(),
            scope: making.scope.clone(),
            expires: now.plus(self.lifetimes.access_token.min(self.lifetimes.id_token)),
            basis: Basis::of(&[found.who.unchanged(), agreed]),
            resources: making.resources.to_vec(),
            key: making.key.cloned(),
        });
        let record = found.record.clone().with_header(&self.codec, &found.who, locator, header);
        let record = record.with_answer(&self.codec, &found.who, locator, kept.as_ref());
        let value = record.to_bytes().ok_or(StoreError::Corrupt("a grant does not serialise"))?;
        let expires = Some(self.keep_until(Some(lineage.ends(&self.lifetimes.refresh))));
        puts.push(Put { key: RecordKey::grant(locator.id), version: self.codec.version(), value, expires, due: None });
        let commit = Commit { guards, puts, deletes: vec![] };
        Ok(self.store.commit(&locator.partition(), commit).await? == Outcome::Committed)
    }
}

/// The scope of an answer (RFC 6749, section 6): all that was granted, or what was asked for if that is within it.
/// `offline_access` shows nothing to anyone; libraries repeat it whether or not it was granted.
fn narrowed(granted: &Scope, asked: Option<&Scope>) -> Option<Scope> {
    let Some(asked) = asked else { return Some(granted.clone()) };
    let asked = if granted.has(ScopeValue::OfflineAccess) {
        asked.clone()
    } else {
        asked.clone().without(ScopeValue::OfflineAccess)
    };
    (!asked.is_empty() && asked.within(granted)).then_some(asked)
}
