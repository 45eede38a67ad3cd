//! A letter comes to its end, and the status page of a deletion says which.

use super::{Held, Letter, Outbox};
use crate::{
    audit::{Event, EventKind},
    partition::{Status, Told, races},
    store::{Commit, Guard, Outcome, Partition, RecordKey, StoreError},
    telemetry::metrics,
    types::AppId,
};

impl Outbox {
    /// A letter has come to its end. First that is written down, where somebody waits for it, then it goes: whoever is
    /// stopped in between sends it once more, under the same name.
    ///
    /// # Errors
    /// The store's own.
    pub async fn end(&self, letter: &Held<Letter>, told: Told) -> Result<(), StoreError> {
        let (app, event) = (&letter.what.app, letter.what.news.word());
        if let Some(status) = &letter.what.status {
            self.change(status, |status| {
                status.apps.insert(app.clone(), told);
            })
            .await?;
        }
        self.take_out(letter).await?;
        let outcome = match told {
            Told::Acknowledged(_) => "delivered",
            Told::Refused(_) => "refused",
            Told::NotReachable(_) | Told::NoChannel | Told::Waiting => "given_up",
        };
        metrics::letter(app, outcome);
        if let Told::Acknowledged(_) = told {
            tracing::info!(%app, event, "an app was told");
        } else {
            tracing::warn!(%app, event, outcome, "an app was not told");
            self.audit.record(Event::new(EventKind::AppNotTold).app(app).reason(outcome));
        }
        Ok(())
    }

    /// The status page of a deletion gets a line for each app: it waits, or has no channel. What stands there already
    /// stays.
    ///
    /// # Errors
    /// The store's own.
    pub async fn add_lines(&self, status: &[u8; 32], apps: &[(AppId, bool)]) -> Result<(), StoreError> {
        self.change(status, |status| {
            for (app, hears) in apps {
                let told = if *hears { Told::Waiting } else { Told::NoChannel };
                status.apps.entry(app.clone()).or_insert(told);
            }
        })
        .await
    }

    /// The status page says that everything here is gone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn close_up(&self, status: &[u8; 32]) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.change(status, |status| status.gone = status.gone.or(Some(now))).await
    }

    async fn change(&self, hash: &[u8; 32], change: impl Fn(&mut Status)) -> Result<(), StoreError> {
        for _ in 0..races::TRIES {
            let read = self.store.read(&Partition::status(hash), &[RecordKey::status()]).await?.pop().flatten();
            // Nobody looks at it any more.
            let Some(stored) = read else { return Ok(()) };
            let before = self.codec.open_status(hash, &stored)?;
            let mut after = before.clone();
            change(&mut after);
            if after == before {
                return Ok(());
            }
            let (partition, put) = self.codec.put_status(hash, &after);
            let guards = vec![Guard::Version(RecordKey::status(), stored.version)];
            let commit = Commit { guards, puts: vec![put], deletes: vec![] };
            if self.store.commit(&partition, commit).await? == Outcome::Committed {
                return Ok(());
            }
        }
        Err(races::too_many())
    }
}
