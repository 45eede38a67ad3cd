//! The outbox: messages to apps, in the store until each app has its own, or 72 hours are over.
//!
//! An act (a sign-out, a deletion) leaves an *intent* in its own commit, and before it a *hint* here. Any instance
//! expands an intent into *letters*, one for each app and piece of news, each named by a hash of what it says, so that
//! doing it twice writes nothing twice. A letter that is posted to its app waits in a part of the outbox until it is due;
//! whoever takes it up holds a lease, so that no two deliver it at a time. A letter that an app fetches itself waits in
//! the app's mailbox. What a letter holds: the app, its own name for the person, what happened. Never which account.

mod bell;
mod ending;
mod letter;
mod mailbox;
mod overview;
mod queue;

use std::{sync::Arc, time::Duration};

pub use bell::{Bell, Ringing};
pub use letter::{Letter, News};
pub use overview::{Overview, Waiting};
pub use queue::{Held, Item};

use crate::{
    audit::Audit,
    partition::Codec,
    store::{Backend, record::OUTBOX_SHARDS},
    types::Clock,
};

/// How long whoever took something up has it for itself. Longer than any delivery takes and two clocks differ.
pub const LEASE: Duration = Duration::from_secs(60);

/// The same for an intent. It takes a moment, and expanding one twice does no harm.
const HINT_LEASE: Duration = Duration::from_secs(10);

/// The messages that wait.
#[derive(Clone)]
pub struct Outbox {
    store: Arc<dyn Backend>,
    codec: Codec,
    clock: Arc<dyn Clock>,
    bell: Bell,
    audit: Audit,
}

impl Outbox {
    /// On a store, with what seals, the time, what rings when something new is there, and the audit stream.
    pub fn new(store: Arc<dyn Backend>, codec: Codec, clock: Arc<dyn Clock>, bell: Bell, audit: Audit) -> Self {
        Self { store, codec, clock, bell, audit }
    }

    /// What rings when this instance has written something that apps must be told.
    pub const fn bell(&self) -> &Bell {
        &self.bell
    }

    /// The parts of the outbox.
    pub fn shards() -> impl Iterator<Item = u8> {
        0..OUTBOX_SHARDS
    }
}
