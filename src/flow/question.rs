//! The question "may this app know this about you?", and its answer. Asked is only what is new: what was never put to
//! the person, and what the app says otherwise today.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{Agreement, Request, agreement::TextVersion, claims};
use crate::types::{
    App, AppId, Claim, Claims,
    app::{ConsentMode, Need},
    bytes,
};

/// What a person has to be asked about an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Each claim in question, in the order of the standard.
    pub claims: Vec<Asked>,
    /// Whether the app asks to come back while the person is away (OpenID Connect Core, section 11). Whoever says yes
    /// agrees to it.
    pub offline: bool,
    /// What a page with this question shows.
    pub shown: Shown,
}

/// One claim in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub claim: Claim,
    /// Whether the app can do without it.
    pub need: Need,
    /// Whether it is on already: what is required, and what the person turned on before, on the same text.
    pub on: bool,
}

/// Tells what was shown from anything else: nobody agrees to what they have not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown([u8; 32]);

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// To what.
    pub shown: Shown,
    /// The optional claims that the person turned on; all others are off.
    pub on: BTreeSet<Claim>,
}

impl Question {
    /// What is in question between `app` and somebody of whom `known` is known and who agreed to `agreement` before;
    /// `None` if nothing is.
    pub fn about(app: &App, request: &Request, known: &Claims, agreement: Option<&Agreement>) -> Option<Self> {
        if app.consent == ConsentMode::Implicit {
            return None;
        }
        // What nobody was asked about is no answer to a question.
        let is_no_answer = |agreement: &&Agreement| agreement.implicit || request.prompt.consent;
        let answered = agreement.filter(|agreement| !is_no_answer(agreement) && !Self::may_be_another(app, request));
        let in_question = |claim: &Claim| {
            let settled = |answered: &Agreement| app.claims.get(claim).is_some_and(|p| answered.settles(*claim, p));
            request.asks(*claim) && !answered.is_some_and(settled)
        };
        let ask = |claim: Claim| {
            let purpose = app.claims.get(&claim)?;
            let on_before = agreement.is_some_and(|agreement| agreement.chose(claim, purpose));
            Some(Asked { claim, need: purpose.need, on: purpose.need == Need::Required || on_before })
        };
        let claims: Vec<Asked> = app.claims.keys().copied().filter(in_question).filter_map(ask).collect();
        let offline = app.asks_offline(&request.scope) && !answered.is_some_and(|answered| answered.offline);
        let is_one = answered.is_none() || offline || !claims.is_empty();
        let shown = Shown::of(app, request, known, &claims, offline);
        is_one.then_some(Self { claims, offline, shown })
    }

    /// Whether it may be another app that comes in this one's name: whatever runs on a person's machine can read a
    /// document and listen on loopback, so that each time they have to say that they began it (RFC 8252, section 8.6).
    fn may_be_another(app: &App, request: &Request) -> bool {
        app.id.is_document() && app.is_public() && request.redirect.is_on_loopback()
    }

    /// Whether `answer` is one to this question: to all that it shows, and to nothing else.
    pub fn is_answered_by(&self, answer: &Answer) -> bool {
        let optional =
            |claim: &Claim| self.claims.iter().any(|asked| asked.claim == *claim && asked.need == Need::Optional);
        answer.shown == self.shown && answer.on.iter().all(optional)
    }
}

impl Shown {
    fn of(app: &App, request: &Request, known: &Claims, claims: &[Asked], offline: bool) -> Self {
        let row = |asked: &Asked| {
            let text = app.claims.get(&asked.claim).map(TextVersion::of);
            (asked.claim, text, known.get(asked.claim), claims::companion(asked.claim, known))
        };
        let page = Page {
            app: &app.id,
            name: &app.name,
            back_to: request.redirect.origin(),
            policy: app.links.policy.as_ref().map(url::Url::as_str),
            terms: app.links.terms.as_ref().map(url::Url::as_str),
            rows: claims.iter().map(row).collect(),
            offline,
        };
        // Plain data serialises to memory.
        Self(bytes::sha256(&serde_json::to_vec(&page).unwrap_or_default()))
    }

    /// As it goes into what a form is bound to.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it travels in a form.
    pub fn to_text(self) -> String {
        bytes::to_base64url(&self.0)
    }

    /// Reads [`Shown::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        bytes::from_base64url(text).and_then(|bytes| bytes.try_into().ok()).map(Self)
    }
}

/// A claim, the version of what the app says about it, its value, and what goes with it.
type Row<'a> = (Claim, Option<TextVersion>, Option<&'a Value>, Option<(Claim, &'a Value)>);

/// All that a person answers to.
#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppId,
    name: &'a str,
    back_to: String,
    policy: Option<&'a str>,
    terms: Option<&'a str>,
    rows: Vec<Row<'a>>,
    offline: bool,
}
