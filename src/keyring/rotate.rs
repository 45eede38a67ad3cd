//! The life cycle of keys, as pure functions of a ring, the hour and the policy: no store, no cryptography.
//!
//! Two things must hold at every moment. A verifier that fetched our JWKS up to one max-age ago can verify whatever
//! is signed now; so a key is published for that long before it signs. And whatever was signed and has not
//! expired can be verified with today's JWKS; so a key stays published until its last token is gone.

use super::ring::{KeyInfo, KeyState, Policy, Ring, RingKey};
use crate::types::{Timestamp, jws::Alg};

/// How a rotation that somebody asks for goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The next keys take over once they have been published for one JWKS max-age: no verifier notices.
    WhenPublished,
    /// They take over at once. A verifier that honours only `max-age` and does not fetch again for an unknown `kid`
    /// may refuse tokens for that long, if the next keys are younger.
    Now,
}

impl Ring {
    /// Notes that a rotation is asked for; one that is noted already and comes sooner stays.
    pub(super) fn request(&mut self, pace: Pace, now: Timestamp, policy: &Policy) -> Timestamp {
        let at = match pace {
            Pace::Now => now,
            Pace::WhenPublished => self.settled(now, policy).max(now),
        };
        let at = self.promote.map_or(at, |noted| noted.min(at));
        self.promote = Some(at);
        at
    }

    /// When the youngest next key will have been published long enough.
    fn settled(&self, now: Timestamp, policy: &Policy) -> Timestamp {
        let published = |alg: &Alg| self.find(*alg, KeyState::Next).map_or(now, |key| key.since);
        Alg::ALL.iter().map(published).max().unwrap_or(now).plus(policy.settling())
    }

    /// Does what is due at `now`: promotes, retires, forgets. Tells whether anything changed.
    pub(super) fn advance(&mut self, now: Timestamp, policy: &Policy) -> bool {
        let takes_over = |alg: &Alg| self.takes_over(*alg, policy).is_some_and(|at| at <= now);
        let due: Vec<Alg> = Alg::ALL.into_iter().filter(takes_over).collect();
        for alg in &due {
            self.promote(*alg, now, policy);
        }
        let asked = self.promote.is_some_and(|at| at <= now);
        if asked && due.len() == Alg::ALL.len() {
            self.promote = None;
        }
        let before = self.keys.len();
        self.keys.retain(|key| key.until.is_none_or(|until| now < until));
        !due.is_empty() || self.keys.len() != before
    }

    fn promote(&mut self, alg: Alg, now: Timestamp, policy: &Policy) {
        for key in self.keys.iter_mut().filter(|key| key.alg == alg) {
            match key.state {
                KeyState::Next => {
                    key.state = KeyState::Current;
                    key.since = now;
                }
                KeyState::Current => {
                    key.state = KeyState::Previous;
                    key.since = now;
                    key.until = Some(now.plus(policy.afterglow()));
                }
                KeyState::Previous => {}
            }
        }
    }

    /// When the next key of `alg` takes over: on schedule, but never before it is known; or when asked for.
    fn takes_over(&self, alg: Alg, policy: &Policy) -> Option<Timestamp> {
        let next = self.find(alg, KeyState::Next)?;
        let settled = next.since.plus(policy.settling());
        let scheduled = self.find(alg, KeyState::Current).map_or(settled, |key| key.since.plus(policy.rotate));
        let scheduled = scheduled.max(settled);
        Some(self.promote.map_or(scheduled, |asked| asked.min(scheduled)))
    }

    /// The one state that lacks a key, most urgent first: what signs before what will sign.
    pub(super) fn missing(&self) -> Option<KeyState> {
        let lacks = |state| Alg::ALL.iter().any(|alg| self.find(*alg, state).is_none());
        [KeyState::Current, KeyState::Next].into_iter().find(|state| lacks(*state))
    }

    /// The algorithms that have no key in `state`.
    pub(super) fn lacking(&self, state: KeyState) -> Vec<Alg> {
        Alg::ALL.into_iter().filter(|alg| self.find(*alg, state).is_none()).collect()
    }

    /// When [`Ring::advance`] has something to do again.
    pub(super) fn wakes(&self, policy: &Policy) -> Option<Timestamp> {
        let promotions = Alg::ALL.iter().filter_map(|alg| self.takes_over(*alg, policy));
        promotions.chain(self.keys.iter().filter_map(|key| key.until)).min()
    }

    /// What an operator sees of the keys.
    pub(super) fn list(&self, policy: &Policy) -> Vec<KeyInfo> {
        let info = |key: &RingKey| KeyInfo {
            kid: key.kid.clone(),
            alg: key.alg,
            state: key.state,
            since: key.since,
            until: key.until.or_else(|| self.takes_over(key.alg, policy)),
        };
        self.keys.iter().map(info).collect()
    }
}
