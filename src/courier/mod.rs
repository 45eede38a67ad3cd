//! Tells apps that somebody left, signed out or changed their mind: expands what was announced into letters, signs each
//! at the moment when it goes out, posts it, and tries again for up to 72 hours. The person never waits for any of it.
//!
//! One task an instance takes up what is due, so much at a time, and of each app so much less, so that a slow app holds
//! up nobody else. A store that is away is waited for. What an instance had taken up when it was killed, another
//! takes up when the lease is over.

mod desk;
mod expand;
mod involved;
mod post;
mod rest;
mod token;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, watch};

pub use token::{SetError, sign};

use crate::{
    accounts::Accounts,
    audit::Audit,
    egress::{Bounds, Egress, Opening},
    keyring::Keyring,
    outbox::{Bell, Outbox},
    partition::Codec,
    store::Backend,
    types::{App, AppId, Clock, urls::Issuer},
    web::Directory,
};

/// What an app may take to answer, and how much it may say.
const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(3),
    whole: Duration::from_secs(8),
    step: Duration::from_secs(10),
    body: 16 * 1024,
};

/// What a courier works with.
pub struct Parts {
    /// Where records live.
    pub store: Arc<dyn Backend>,
    /// What seals and names.
    pub codec: Codec,
    /// What sweeps after a deletion.
    pub accounts: Accounts,
    /// Who is registered, and where they can be told.
    pub directory: Arc<ArcSwap<Directory>>,
    /// What signs.
    pub keyring: Arc<Keyring>,
    /// What goes out.
    pub egress: Egress,
    /// Who we are.
    pub issuer: Issuer,
    /// What rings when there is something to do.
    pub bell: Bell,
    /// The audit stream.
    pub audit: Audit,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Expands and delivers. One for each instance.
pub struct Courier {
    parts: Parts,
    outbox: Outbox,
    /// The client for the public internet.
    closed: Egress,
    /// Those for apps whose own addresses are opened.
    open: Mutex<BTreeMap<AppId, (Vec<Opening>, Egress)>>,
    resting: rest::Resting,
    closing: watch::Sender<bool>,
}

impl Courier {
    /// One that does nothing yet: [`Courier::watch`] or [`Courier::settle`] does.
    pub fn new(parts: Parts) -> Self {
        let (store, codec, clock) = (Arc::clone(&parts.store), parts.codec.clone(), Arc::clone(&parts.clock));
        let outbox = Outbox::new(store, codec, clock, parts.bell.clone(), parts.audit.clone());
        let closed = parts.egress.within(BOUNDS);
        Self {
            parts,
            outbox,
            closed,
            open: Mutex::default(),
            resting: rest::Resting::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// What waits.
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Takes nothing up any more. [`Courier::watch`] ends when what is on its way has arrived or failed.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// The client for an app's own addresses. What it opens is open for that app alone.
    async fn egress(&self, app: &App) -> Egress {
        if !app.reach.loopback && !app.reach.private {
            return self.closed.clone();
        }
        let urls = app.channels.urls();
        let openings: Vec<Opening> =
            urls.filter_map(|url| Opening::of(url, app.reach.loopback, app.reach.private)).collect();
        let mut open = self.open.lock().await;
        match open.get(&app.id) {
            Some((known, egress)) if *known == openings => egress.clone(),
            _ => {
                let egress = self.closed.opening(openings.clone());
                open.insert(app.id.clone(), (openings, egress.clone()));
                egress
            }
        }
    }
}
