//! One authorization request on its way. Its state is a type, and each step consumes the one before, so that no step
//! can be taken twice or out of turn.
//!
//! ```text
//! Open ──depart──▶ Away ──arrive──▶ Back
//!                  ▲  │              │
//!                  └──┴────depart────┘   (again, with new values: cancelled, failed, or the back button)
//! ```

use serde::{Deserialize, Serialize};

use super::Request;
use crate::types::{ProviderId, Timestamp, ids::RandomId};

/// An attempt in one of its states, for an app's request or, as a [`super::visit::Visit`], for the person's own page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt<S, R = Request> {
    /// Names the attempt; travels upstream inside `state` and opens nothing by itself.
    pub id: RandomId,
    /// What was asked for.
    pub request: R,
    /// When it began.
    pub begun: Timestamp,
    /// Where it is.
    pub stage: S,
}

/// Nobody is signed in for it yet.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Open;

/// The person is at a provider; `H` is what must come back with them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Away<H> {
    /// Which one. No other may finish it.
    pub provider: ProviderId,
    /// What is held meanwhile.
    pub held: H,
}

/// The person came back and is signed in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Back {
    /// Names this login, of which there may be several in one session.
    pub login: RandomId,
    /// The session that it began or renewed.
    pub session: RandomId,
    /// When the person signed in at the provider.
    pub auth_time: Timestamp,
}

impl Back {
    /// Whether a session stands for this login. Another one may have renewed it since; if the person signed in at the
    /// provider earlier for that, it was not held against what this attempt demands.
    pub fn brought(&self, session: RandomId, auth_time: Timestamp) -> bool {
        self.session == session && auth_time >= self.auth_time
    }
}

impl<R> Attempt<Open, R> {
    /// A request begins its way.
    pub const fn open(id: RandomId, request: R, begun: Timestamp) -> Self {
        Self { id, request, begun, stage: Open }
    }
}

impl<S, R> Attempt<S, R> {
    /// The person leaves for a provider, from wherever they were: also again after the back button.
    pub fn depart<H>(self, provider: ProviderId, held: H) -> Attempt<Away<H>, R> {
        self.with(Away { provider, held })
    }

    fn with<T>(self, stage: T) -> Attempt<T, R> {
        Attempt { id: self.id, request: self.request, begun: self.begun, stage }
    }
}

impl<H> Attempt<Away<H>> {
    /// The person came back, and the provider vouched for them.
    pub fn arrive(self, back: Back) -> Attempt<Back> {
        self.with(back)
    }
}

impl<H> Attempt<Away<H>, super::visit::Visit> {
    /// The person is back, and it is still them: the visit goes on.
    pub fn known(self) -> Attempt<Open, super::visit::Visit> {
        self.with(Open)
    }

    /// The person came back as somebody who may be added to them.
    pub fn proven(self, proof: super::visit::Proof) -> Attempt<super::visit::Proof, super::visit::Visit> {
        self.with(proof)
    }
}

impl Attempt<Back> {
    /// The login has served: what comes now must do without it.
    pub fn reopen(self) -> Attempt<Open> {
        self.with(Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    /// Two tabs: one demands a fresh login, the other comes back later with an older one of the same session.
    #[test]
    fn a_login_stands_for_its_own_attempt_only() {
        let [session, login, other] = [(); 3].map(|()| RandomId::generate(&SystemRandom));
        let back = Back { login, session, auth_time: Timestamp::from_secs(100) };
        assert!(back.brought(session, Timestamp::from_secs(100)));
        assert!(back.brought(session, Timestamp::from_secs(101)));
        assert!(!back.brought(session, Timestamp::from_secs(99)));
        assert!(!back.brought(other, Timestamp::from_secs(100)));
    }
}
