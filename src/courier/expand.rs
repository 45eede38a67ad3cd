//! From one intent to the letters that it comes to.

use std::{collections::BTreeSet, time::Duration};

use super::{Courier, desk::backoff, involved::Involved};
use crate::{
    outbox::{Held, Letter, News},
    partition::{Cause, Hint, Intent},
    seal::Sector,
    store::StoreError,
    types::{
        App, AppId,
        app::EventChannel,
        ids::{RandomId, Subject},
    },
};

/// For how long an intent that is not there is looked for: the commit that it is in may be on its way.
const AWAITED: Duration = Duration::from_secs(5 * 60);

/// The first wait between two looks, and the longest.
const LOOKS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// The letters of one intent.
#[derive(Debug, Default)]
struct Letters {
    posted: Vec<Letter>,
    fetched: Vec<Letter>,
}

impl Courier {
    /// Expands the intent behind a hint that was taken up. It may be stopped at any point, and done again.
    pub(super) async fn expand(&self, hint: Held<Hint>) -> Result<(), StoreError> {
        let Some(intent) = self.outbox.intent(&hint.what).await? else { return self.look_later(hint).await };
        let hint = if hint.what.filed {
            hint
        } else {
            let involved = self.involved(&intent).await?;
            self.open_lines(&intent, involved.keys()).await?;
            let letters = self.letters(&intent, &involved);
            let Some(hint) = self.outbox.file(hint, &letters.posted, &letters.fetched).await? else { return Ok(()) };
            tracing::info!(
                apps = involved.len(),
                letters = letters.posted.len() + letters.fetched.len(),
                "apps are told"
            );
            self.outbox.bell().ring();
            hint
        };
        match &intent.cause {
            Cause::Deleted { status, .. } => {
                self.parts.accounts.sweep(intent.home).await?;
                self.outbox.close_up(status).await?;
            }
            Cause::SignedOut { .. } | Cause::SignedOutEverywhere { .. } => self.forget_sessions(&intent).await?,
            Cause::Disconnected { .. } | Cause::Changed { .. } => {}
        }
        self.outbox.settle(&hint.what).await?;
        self.outbox.take_out(&hint).await
    }

    /// The hint is written before the commit that it announces. One whose intent does not come was followed by none.
    async fn look_later(&self, mut hint: Held<Hint>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        if hint.what.filed || now.since(hint.what.at) > AWAITED {
            return self.outbox.take_out(&hint).await;
        }
        let (first, longest) = LOOKS;
        let wait = backoff(first, longest, hint.what.looks, self.parts.codec.sealer().random());
        hint.what.looks = hint.what.looks.saturating_add(1);
        self.outbox.put_back_hint(hint, now.plus(wait)).await
    }

    fn letters(&self, intent: &Intent, involved: &Involved) -> Letters {
        let directory = self.parts.directory.load();
        let mut letters = Letters::default();
        for (id, sessions) in involved {
            // One that is registered no more cannot be told.
            let Some(app) = directory.apps.get(id) else { continue };
            self.write(intent, app, sessions, &mut letters);
        }
        letters
    }

    fn write(&self, intent: &Intent, app: &App, sessions: &BTreeSet<RandomId>, letters: &mut Letters) {
        let sector = Sector::of(app);
        let names = self.parts.codec.pseudonyms();
        let subject: Subject = names.subject(sector, intent.account);
        let letter = |session: Option<String>, news: News| {
            Letter::new(intent.case, app.id.clone(), subject.clone(), session, news, intent.at)
        };
        let sids = || sessions.iter().map(|session| names.sid(sector, *session));
        if let Some(channel) = &app.channels.events {
            let events: Vec<Letter> = match &intent.cause {
                Cause::Deleted { status, .. } => {
                    vec![Letter { status: Some(*status), ..letter(None, News::Purged) }]
                }
                Cause::SignedOut { by, .. } => sids().map(|sid| letter(Some(sid), News::Revoked { by: *by })).collect(),
                Cause::SignedOutEverywhere { by } => vec![letter(None, News::Revoked { by: *by })],
                Cause::Disconnected { .. } => {
                    let by = crate::partition::By::User;
                    vec![letter(None, News::Withdrawn), letter(None, News::Revoked { by })]
                }
                Cause::Changed { on, off, .. } => {
                    vec![letter(None, News::Changed { on: on.clone(), off: off.clone() })]
                }
            };
            match channel {
                EventChannel::Push { .. } => letters.posted.extend(events),
                EventChannel::Poll => letters.fetched.extend(events),
            }
        }
        let Some(logout) = &app.channels.logout else { return };
        match &intent.cause {
            Cause::Changed { .. } => {}
            // All sessions of somebody who never comes back under that name.
            Cause::Deleted { .. } if !logout.session_required => letters.posted.push(letter(None, News::LogOut)),
            Cause::Disconnected { .. } if sessions.is_empty() && !logout.session_required => {
                letters.posted.push(letter(None, News::LogOut));
            }
            // By name: a session that has begun since must not end with them.
            _ => letters.posted.extend(sids().map(|sid| letter(Some(sid), News::LogOut))),
        }
    }

    /// The apps of a deletion get a line each on its status page.
    async fn open_lines<'a>(&self, intent: &Intent, apps: impl Iterator<Item = &'a AppId>) -> Result<(), StoreError> {
        let Cause::Deleted { status, .. } = &intent.cause else { return Ok(()) };
        let directory = self.parts.directory.load_full();
        let hears = |app: &AppId| directory.apps.get(app).is_some_and(|app| app.channels.events.is_some());
        let lines: Vec<(AppId, bool)> = apps.map(|app| (app.clone(), hears(app))).collect();
        self.outbox.add_lines(status, &lines).await
    }
}
