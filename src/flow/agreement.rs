//! What an account agreed that an app may see. Names and choices, never values.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::question::{Answer, Question};
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
    /// Without a question: what the app requires is on, what is optional stays off (promise 5), and it may come back
    /// while the person is away if `scope` asks for that. Keeps every choice that `earlier` has on the same text, and
    /// since when.
    pub fn unasked(app: &App, scope: &Scope, earlier: Option<&Self>, now: Timestamp) -> Self {
        let choose = |(claim, purpose): (&Claim, &ClaimPurpose)| {
            let text = TextVersion::of(purpose);
            let kept = earlier.and_then(|earlier| earlier.choices.get(claim)).filter(|choice| choice.text == text);
            (*claim, kept.copied().unwrap_or(Choice { on: purpose.need == Need::Required, text }))
        };
        let choices: BTreeMap<Claim, Choice> = app.claims.iter().map(choose).collect();
        let offline = app.asks_offline(scope) || earlier.is_some_and(|earlier| earlier.offline);
        let says_so = |earlier: &Self| {
            let kept = |(claim, choice): (&Claim, &Choice)| earlier.choices.get(claim) == Some(choice);
            !earlier.implicit && earlier.offline == offline && choices.iter().all(kept)
        };
        Self {
            given: earlier.map_or(now, |earlier| earlier.given),
            used: now,
            paused: earlier.is_some_and(|earlier| earlier.paused),
            // What the person said remains what they said, until more is decided without them.
            implicit: !earlier.is_some_and(says_so),
            choices,
            offline,
        }
    }

    /// What stands after a yes: the answer to what was in question, and what `earlier` says of all else that the app
    /// still declares.
    pub(super) fn answered(
        app: &App,
        earlier: Option<&Self>,
        question: &Question,
        answer: &Answer,
        now: Timestamp,
    ) -> Self {
        let declared = |claim: &Claim| app.claims.contains_key(claim);
        let kept = earlier.map(|earlier| earlier.choices.clone()).unwrap_or_default();
        let kept = kept.into_iter().filter(|(claim, _)| declared(claim));
        let decided = question.claims.iter().filter_map(|asked| {
            let text = TextVersion::of(app.claims.get(&asked.claim)?);
            let on = asked.need == Need::Required || answer.on.contains(&asked.claim);
            Some((asked.claim, Choice { on, text }))
        });
        Self {
            choices: kept.chain(decided).collect(),
            given: earlier.map_or(now, |earlier| earlier.given),
            used: now,
            paused: false,
            implicit: false,
            offline: question.offline || earlier.is_some_and(|earlier| earlier.offline),
        }
    }

    /// The same, used again.
    pub(super) fn used_again(&self, now: Timestamp) -> Self {
        Self { used: now, ..self.clone() }
    }

    /// The same with the person's later choice: of the optional claims those in `on`, and no other. Nothing is said of
    /// a claim that stays as it is, so that a new text is still put to the person.
    pub fn changed(&self, app: &App, on: &BTreeSet<Claim>) -> Self {
        let mut choices = self.choices.clone();
        for (claim, purpose) in app.claims.iter().filter(|(_, purpose)| purpose.need == Need::Optional) {
            let on = on.contains(claim);
            if on != self.chose(*claim, purpose) {
                choices.insert(*claim, Choice { on, text: TextVersion::of(purpose) });
            }
        }
        Self { choices, ..self.clone() }
    }

    /// Whether this says more than `earlier` does. That it was used again is worth writing once a day.
    pub fn is_news_to(&self, earlier: &Self) -> bool {
        const A_DAY: Duration = Duration::from_secs(24 * 3600);
        self.used.since(earlier.used) >= A_DAY || self.differs_from(earlier)
    }

    /// Whether something else was agreed to than in `earlier`.
    pub fn differs_from(&self, earlier: &Self) -> bool {
        *self != Self { used: self.used, ..earlier.clone() }
    }

    /// Whether the app may see `claim`: chosen so, on the text that the app shows today, and the app is not paused.
    pub fn lets(&self, claim: Claim, purpose: &ClaimPurpose) -> bool {
        !self.paused && self.chose(claim, purpose)
    }

    /// Whether `claim` was chosen, on the text that the app shows today.
    pub fn chose(&self, claim: Claim, purpose: &ClaimPurpose) -> bool {
        self.choices.get(&claim).is_some_and(|choice| choice.on && choice.text == TextVersion::of(purpose))
    }

    /// Every claim of `app` that was chosen, whether or not the app is paused.
    pub fn chosen(&self, app: &App) -> BTreeSet<Claim> {
        app.claims.iter().filter(|(claim, purpose)| self.chose(**claim, purpose)).map(|(claim, _)| *claim).collect()
    }

    /// Whether the person has decided about `claim`, on the text that the app shows today.
    pub fn settles(&self, claim: Claim, purpose: &ClaimPurpose) -> bool {
        self.choices.get(&claim).is_some_and(|choice| choice.text == TextVersion::of(purpose))
    }

    /// Whether a grant that was issued at `since` rests on this agreement, and not on an earlier one that the person
    /// withdrew before they came back.
    pub fn carries(&self, since: Timestamp) -> bool {
        self.given <= since
    }
}
