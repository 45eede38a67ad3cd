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

/// An attempt in one of its states.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt<S> {
    /// Names the attempt; travels upstream inside `state` and opens nothing by itself.
    pub id: RandomId,
    /// What the app asked for.
    pub request: Request,
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
    /// The session that this attempt brought about.
    pub session: RandomId,
}

impl Attempt<Open> {
    /// A request begins its way.
    pub const fn open(id: RandomId, request: Request, begun: Timestamp) -> Self {
        Self { id, request, begun, stage: Open }
    }
}

impl<S> Attempt<S> {
    /// The person leaves for a provider, from wherever they were: also again after the back button.
    pub fn depart<H>(self, provider: ProviderId, held: H) -> Attempt<Away<H>> {
        self.with(Away { provider, held })
    }

    fn with<T>(self, stage: T) -> Attempt<T> {
        Attempt { id: self.id, request: self.request, begun: self.begun, stage }
    }
}

impl<H> Attempt<Away<H>> {
    /// The person came back, and the provider vouched for them.
    pub fn arrive(self, session: RandomId) -> Attempt<Back> {
        self.with(Back { session })
    }
}
