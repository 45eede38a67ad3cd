//! Receipts: what a person agreed to, in the words that they read. Names of claims, never values. Lives as long as the
//! account; the export signs it.

use serde::{Deserialize, Serialize};

use super::{At, Codec, Presence};
use crate::{
    flow::{Agreement, agreement::TextVersion},
    seal::Lock,
    store::{Entry, Put, RecordKey},
    types::{App, AppId, Claim, Timestamp, app::Need, ids::RandomId},
};

/// What a person decided about an app, once. Modelled on the record of ISO/IEC TS 27560.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Names it.
    pub id: RandomId,
    /// When.
    pub at: Timestamp,
    /// The app.
    pub app: AppId,
    /// What it was called then.
    pub app_name: String,
    /// What was done.
    pub event: ReceiptEvent,
    /// Whether nobody was asked: an operator's own app.
    pub implicit: bool,
    /// Each claim that was in question.
    pub items: Vec<ReceiptItem>,
    /// The app's privacy policy at that moment.
    pub policy: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEvent {
    /// Agreed.
    Given,
    /// Changed afterwards.
    Changed,
    /// Paused: nothing goes out.
    Paused,
    /// Resumed.
    Resumed,
    /// Withdrawn altogether.
    Withdrawn,
}

/// One claim of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptItem {
    /// Which.
    pub claim: Claim,
    /// Whether the app needs it.
    pub need: Need,
    /// What for, in the app's words.
    pub why: String,
    /// How long the app keeps it, in its words.
    pub keep: Option<String>,
    /// The version of those words.
    pub text: TextVersion,
    /// Whether the app may see it.
    pub on: bool,
}

impl Codec {
    /// The receipt of a decision, to be committed with it: what stands in `agreement` now.
    pub fn put_receipt(
        &self,
        who: &Presence,
        app: &App,
        agreement: &Agreement,
        event: ReceiptEvent,
        at: Timestamp,
    ) -> Put {
        let item = |(claim, purpose): (&Claim, &crate::types::app::ClaimPurpose)| ReceiptItem {
            claim: *claim,
            need: purpose.need,
            why: purpose.why.clone(),
            keep: purpose.keep.clone(),
            text: TextVersion::of(purpose),
            on: event != ReceiptEvent::Withdrawn && agreement.lets(*claim, purpose),
        };
        self.seal_receipt(
            who,
            &Receipt {
                id: RandomId::generate(self.sealer().random()),
                at,
                app: app.id.clone(),
                app_name: app.name.clone(),
                event,
                implicit: agreement.implicit,
                items: app.claims.iter().map(item).collect(),
                policy: app.links.policy.as_ref().map(ToString::to_string),
            },
        )
    }

    /// The receipt of a withdrawal, which needs no app that is still registered: what was agreed to last, and none of
    /// it any more.
    pub fn put_withdrawal(&self, who: &Presence, app: &AppId, last: Option<&Receipt>, at: Timestamp) -> Put {
        let item = |item: &ReceiptItem| ReceiptItem { on: false, ..item.clone() };
        self.seal_receipt(
            who,
            &Receipt {
                id: RandomId::generate(self.sealer().random()),
                at,
                app: app.clone(),
                app_name: last.map_or_else(|| app.to_string(), |last| last.app_name.clone()),
                event: ReceiptEvent::Withdrawn,
                implicit: last.is_some_and(|last| last.implicit),
                items: last.map(|last| last.items.iter().map(item).collect()).unwrap_or_default(),
                policy: last.and_then(|last| last.policy.clone()),
            },
        )
    }

    fn seal_receipt(&self, who: &Presence, receipt: &Receipt) -> Put {
        let (partition, key) = (who.partition(), RecordKey::receipt(receipt.at, receipt.id));
        let place = At { part: "receipt", partition: &partition, key: &key, life: &who.life };
        let value = self.seal(place, Lock::Key(&who.living.account_key), receipt);
        Put { version: self.version(), value, expires: None, due: None, key }
    }

    /// Reads a receipt; `None` if it belongs to another life.
    pub fn open_receipt(&self, who: &Presence, entry: &Entry) -> Option<Receipt> {
        let at = At { part: "receipt", partition: &entry.partition, key: &entry.key, life: &who.life };
        self.open(at, Lock::Key(&who.living.account_key), &entry.stored.value).ok()
    }
}
