//! What a person does about an app afterwards. Each act is one commit: the agreement, a line of history, a receipt, and
//! word for the app.

use std::collections::BTreeSet;

use super::Consents;
use crate::{
    flow::Agreement,
    partition::{Agreed, Cause, Deed, Presence, Receipt, ReceiptEvent, intent, listing, races},
    store::{Commit, Kind, Outcome, Put, RecordKey, StoreError},
    types::{App, AppId, Claim, Timestamp},
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done.
    Done,
    /// It was so already.
    Nothing,
    /// There is no such agreement, or the account itself has changed: look again.
    Gone,
}

/// What is to be written, beside the agreement itself.
struct Act {
    /// What the agreement is from now on; `None` takes it away.
    agreement: Option<Agreement>,
    deed: Deed,
    receipt: Put,
    /// What the app hears, if there is anything for it to hear.
    cause: Option<Cause>,
}

impl Consents {
    /// Lets `app` see, of its optional claims, those in `on` and no other. What it requires stays as it is.
    ///
    /// # Errors
    /// The store's own; then nothing is known to have changed.
    pub async fn change(&self, who: &Presence, app: &App, on: &BTreeSet<Claim>) -> Result<Changed, StoreError> {
        self.act(who, &app.id, async |agreement, now| {
            let next = agreement.changed(app, on);
            let (was, is) = (agreement.chosen(app), next.chosen(app));
            if was == is {
                return Ok(None);
            }
            let (on, off): (BTreeSet<Claim>, BTreeSet<Claim>) = (&is - &was, &was - &is);
            let cause = (!agreement.paused).then(|| changed(app, &on, &off));
            let receipt = self.codec.put_receipt(who, app, &next, ReceiptEvent::Changed, now);
            let deed = Deed::Changed { app: app.id.clone(), on, off };
            Ok(Some(Act { agreement: Some(next), deed, receipt, cause }))
        })
        .await
    }

    /// Nothing goes out to `app` until the person resumes it.
    ///
    /// # Errors
    /// As [`Consents::change`].
    pub async fn pause(&self, who: &Presence, app: &App) -> Result<Changed, StoreError> {
        self.set_paused(who, app, true).await
    }

    /// A paused app goes on, with what it may see.
    ///
    /// # Errors
    /// As [`Consents::change`].
    pub async fn resume(&self, who: &Presence, app: &App) -> Result<Changed, StoreError> {
        self.set_paused(who, app, false).await
    }

    async fn set_paused(&self, who: &Presence, app: &App, paused: bool) -> Result<Changed, StoreError> {
        self.act(who, &app.id, async |agreement, now| {
            if agreement.paused == paused {
                return Ok(None);
            }
            let next = Agreement { paused, ..agreement.clone() };
            let (claims, none) = (agreement.chosen(app), BTreeSet::new());
            let id = app.id.clone();
            let (deed, event, on, off) = if paused {
                (Deed::Paused { app: id }, ReceiptEvent::Paused, &none, &claims)
            } else {
                (Deed::Resumed { app: id }, ReceiptEvent::Resumed, &claims, &none)
            };
            let cause = (!claims.is_empty()).then(|| changed(app, on, off));
            let receipt = self.codec.put_receipt(who, app, &next, event, now);
            Ok(Some(Act { agreement: Some(next), deed, receipt, cause }))
        })
        .await
    }

    /// Ends all that an account agreed to with an app, and with it every grant that rests on that; the app may be
    /// registered no more.
    ///
    /// # Errors
    /// As [`Consents::change`].
    pub async fn disconnect(&self, who: &Presence, app: &AppId) -> Result<Changed, StoreError> {
        self.act(who, app, async |_, now| {
            let last = self.last_receipt(who, app).await?;
            let receipt = self.codec.put_withdrawal(who, app, last.as_ref(), now);
            let cause = Some(Cause::Disconnected { app: app.clone() });
            Ok(Some(Act { agreement: None, deed: Deed::Disconnected { app: app.clone() }, receipt, cause }))
        })
        .await
    }

    /// Whether the person has disconnected an app that they agree to nothing with now.
    ///
    /// # Errors
    /// The store's own.
    pub async fn is_withdrawn(&self, who: &Presence, app: &AppId) -> Result<bool, StoreError> {
        let last = self.last_receipt(who, app).await?;
        Ok(last.is_some_and(|receipt| receipt.event == ReceiptEvent::Withdrawn))
    }

    async fn last_receipt(&self, who: &Presence, app: &AppId) -> Result<Option<Receipt>, StoreError> {
        let entries = listing::all(&*self.store, &who.partition(), Kind::Receipt).await?;
        let receipts = entries.iter().filter_map(|entry| self.codec.open_receipt(who, entry));
        Ok(receipts.rev().find(|receipt| receipt.app == *app))
    }

    /// Decides on the agreement as it stands, and writes; again if it changed in between.
    async fn act(
        &self,
        who: &Presence,
        app: &AppId,
        decide: impl AsyncFn(&Agreement, Timestamp) -> Result<Option<Act>, StoreError>,
    ) -> Result<Changed, StoreError> {
        let mut before = None;
        for _ in 0..races::TRIES {
            let agreed = self.find(who, app).await?;
            let Some(agreement) = &agreed.agreement else { return Ok(Changed::Gone) };
            // The same agreement, and still the commit failed: it is the account that has changed.
            if before.replace(agreed.unchanged()) == Some(agreed.unchanged()) {
                return Ok(Changed::Gone);
            }
            let now = self.clock.now();
            let Some(act) = decide(agreement, now).await? else { return Ok(Changed::Nothing) };
            if self.write(who, app, &agreed, act, now).await? == Outcome::Committed {
                return Ok(Changed::Done);
            }
        }
        Err(races::too_many())
    }

    async fn write(
        &self,
        who: &Presence,
        app: &AppId,
        agreed: &Agreed,
        act: Act,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let mut puts = vec![self.chronicle.line(who, act.deed), act.receipt];
        if let Some(cause) = act.cause {
            puts.push(intent::announce(&*self.store, &self.codec, who, cause, now).await?);
        }
        let until = now.plus(self.keep);
        puts.extend(act.agreement.as_ref().map(|next| self.codec.put_agreement(who, app, next, until)));
        let deletes = if act.agreement.is_none() { vec![RecordKey::consent(app)] } else { vec![] };
        let commit = Commit { guards: vec![who.unchanged(), agreed.unchanged()], puts, deletes };
        self.store.commit(&who.partition(), commit).await
    }
}

fn changed(app: &App, on: &BTreeSet<Claim>, off: &BTreeSet<Claim>) -> Cause {
    Cause::Changed { app: app.id.clone(), on: on.iter().copied().collect(), off: off.iter().copied().collect() }
}
