//! The family of refresh tokens that hang on one grant: one number and one moment decide what becomes of each of them.
//!
//! ```text
//!             presented              what happens
//!  n          the present one        Rotate: n becomes n + 1
//!  n - 1      its predecessor        Again: the answer that n came in, while the window is open
//!  older      spent long ago         Reused: two parties hold the family, nobody keeps it
//!  newer      never handed out       Refuse
//! ```
//!
//! The predecessor is in its window only while its successor was never used: using the successor moves n. So a lost
//! answer that is asked for again within the window logs nobody out, and whoever holds an older token ends the family.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::types::Timestamp;

/// Where a family stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lineage {
    /// n: the number of the refresh token that was handed out last. The code brings the first.
    pub generation: u32,
    /// When it was handed out.
    pub turned: Timestamp,
    /// When the first one was.
    pub since: Timestamp,
}

/// How long a family and its members live.
#[derive(Clone, Copy, Debug)]
pub struct RefreshLifetimes {
    /// A token that is not used.
    pub idle: Duration,
    /// The whole family.
    pub absolute: Duration,
    /// How long a token that was just replaced gets the same answer again; zero: never.
    pub grace: Duration,
}

/// What becomes of a token that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is spent, and its successor is handed out.
    Rotate,
    /// It was just spent: whoever spent it may not have heard the answer.
    Again,
    /// It was spent before: the family ends.
    Reused,
    /// It is good for nothing, and nothing changes.
    Refuse,
}

impl Lineage {
    /// A family begins.
    pub const fn begin(now: Timestamp) -> Self {
        Self { generation: 1, turned: now, since: now }
    }

    /// Whether nothing was refreshed yet, and whoever redeemed what it began with may not have heard the answer.
    pub fn has_just_begun(&self, lives: &RefreshLifetimes, now: Timestamp) -> bool {
        *self == Self::begin(self.since) && now < self.since.plus(lives.grace)
    }

    /// After the present token was spent.
    pub const fn next(self, now: Timestamp) -> Self {
        Self { generation: self.generation.saturating_add(1), turned: now, since: self.since }
    }

    /// When the present token ceases to be good.
    pub fn ends(&self, lives: &RefreshLifetimes) -> Timestamp {
        self.turned.plus(lives.idle).min(self.since.plus(lives.absolute))
    }

    /// Decides.
    pub fn turn(&self, presented: u32, lives: &RefreshLifetimes, now: Timestamp) -> Turn {
        if now >= self.ends(lives) {
            return Turn::Refuse;
        }
        // How many times the family turned since this one was the present one.
        match self.generation.checked_sub(presented) {
            None => Turn::Refuse,
            Some(0) => Turn::Rotate,
            Some(1) if now < self.turned.plus(lives.grace) => Turn::Again,
            Some(_) => Turn::Reused,
        }
    }
}
