//! What an account agreed that an app may see. Names and choices, never values.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::types::{
    App, Claim, Scope, Timestamp,
    app::{ClaimPurpose, Need},
    bytes,
};

/// The agreement of one account with one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The choice for each claim that was ever put to the person.
    pub choices: BTreeMap<Claim, Choice>,
    /// When it was first given.
    pub given: Timestamp,
    /// When something was last issued on it; it expires unused.
    pub used: Timestamp,
    /// Whether the person paused the app: nothing goes out until they resume.
    pub paused: bool,
    /// Whether nobody was asked.
    pub implicit: bool,
    /// Whether the app may come back while the person is away (OpenID Connect Core, section 11).
    #[serde(default)]
    pub offline: bool,
}

/// What was chosen for one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Whether the app may see it.
    pub on: bool,
    /// The version of the purpose text that the choice was made on.
    pub text: TextVersion,
}

/// Tells one purpose text from another: the first bytes of a hash over need, reason and period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextVersion([u8; 8]);

impl TextVersion {
    /// The version of what an app says about a claim.
    pub fn of(purpose: &ClaimPurpose) -> Self {
        let need = match purpose.need {
            Need::Required => "required",
            Need::Optional => "optional",
        };
        let said = [need, &purpose.why, purpose.keep.as_deref().unwrap_or_default()].join("\0");
        let mut version = [0; 8];
        version.copy_from_slice(bytes::sha256(said.as_bytes()).split_at(8).0);
        Self(version)
    }
}

impl Agreement {
    /// Without a question: what the app requires is on, what is optional stays off (promise 5).
    /// Keeps every choice that `earlier` has on the same text, and since when.
    pub fn unasked(app: &App, scope: &Scope, earlier: Option<&Self>, now: Timestamp) -> Self {
        let choose = |(claim, purpose): (&Claim, &ClaimPurpose)| {
            let text = TextVersion::of(purpose);
            let kept = earlier.and_then(|earlier| earlier.choices.get(claim)).filter(|choice| choice.text == text);
            (*claim, kept.copied().unwrap_or(Choice { on: purpose.need == Need::Required, text }))
        };
        Self {
            choices: app.claims.iter().map(choose).collect(),
            given: earlier.map_or(now, |earlier| earlier.given),
            used: now,
            paused: earlier.is_some_and(|earlier| earlier.paused),
            implicit: earlier.is_none_or(|earlier| earlier.implicit),
            offline: app.asks_offline(scope) || earlier.is_some_and(|earlier| earlier.offline),
        }
    }

    /// Whether this says more than `earlier` does. That it was used again is worth writing once a day.
    pub fn is_news_to(&self, earlier: &Self) -> bool {
        const A_DAY: Duration = Duration::from_secs(24 * 3600);
        self.used.since(earlier.used) >= A_DAY || *self != Self { used: self.used, ..earlier.clone() }
    }

    /// Whether the app may see `claim`: chosen so, on the text that the app shows today.
    pub fn lets(&self, claim: Claim, purpose: &ClaimPurpose) -> bool {
        !self.paused
            && self.choices.get(&claim).is_some_and(|choice| choice.on && choice.text == TextVersion::of(purpose))
    }
}
