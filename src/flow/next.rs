//! What happens next with a request. One function, from plain facts; `oidc/advance.rs` is the only caller, and the
//! only code that acts on the answer.

use std::time::Duration;

use super::{
    Agreement, Answer, Learned, Question, Request,
    access::{self, Access},
    claims,
};
use crate::types::{App, Claims, OAuthCode, OAuthError, ProviderId, Timestamp, app::ConsentMode};

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who asks.
    pub app: &'a App,
    /// What was asked.
    pub request: &'a Request,
    /// The providers through which people may come in now.
    pub providers: &'a [ProviderId],
    /// Who is signed in in this browser.
    pub signed_in: Option<SignedIn<'a>>,
    /// What the person agreed to before.
    pub agreement: Option<&'a Agreement>,
    /// What the person answers at this moment. It counts for exactly what is asked now, and is kept nowhere.
    pub answer: Option<&'a Answer>,
    /// The present moment.
    pub now: Timestamp,
}

/// A living session.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// Who vouched.
    pub provider: &'a ProviderId,
    /// When the person last signed in there.
    pub auth_time: Timestamp,
    /// What is known of them in this session.
    pub known: &'a Claims,
    /// What of it rules may ask for, and since when it is known.
    pub learned: &'a Learned,
    /// Whether this very attempt brought the session about: then whatever freshness was asked for has been met,
    /// since the provider's answer was held against it.
    pub by_this_attempt: bool,
    /// Whether they are whom the request names, where it names anyone.
    pub is_wanted: bool,
}

/// What to do.
#[derive(Debug)]
pub enum Step {
    /// Let the person choose a provider.
    Choose,
    /// Send them to this one.
    GoUpstream(Departure),
    /// Ask them what the app may see.
    AskConsent(Question),
    /// Mint a code.
    Issue(Approved),
    /// Tell the app no.
    Refuse(OAuthError),
    /// Tell the person that the app is not for them.
    Deny,
}

/// Where to, and what to ask for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The provider.
    pub provider: ProviderId,
    /// What to ask of it.
    pub ask: Ask,
}

/// How fresh a login the request demands of a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A new login, whatever session the person has there.
    pub fresh: bool,
    /// One that is at most this many seconds old.
    pub max_age: Option<u64>,
    /// A choice among accounts there.
    pub select_account: bool,
}

/// Leave to mint a code. Only [`next`] makes one, and minting demands one.
#[derive(Debug)]
pub struct Approved {
    agreement: Agreement,
    decided: bool,
    offline: bool,
}

impl Approved {
    /// What the person agreed to, to be kept with the grant.
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// Whether something was decided with it: the person answered, or a rule did for an app that asks nobody. Then
    /// history and a receipt say so.
    pub const fn decided(&self) -> bool {
        self.decided
    }

    /// Whether what is issued outlives the session: asked for now, and agreed to.
    pub const fn offline(&self) -> bool {
        self.offline
    }
}

/// Decides.
pub fn next(facts: &Facts<'_>) -> Step {
    let allowed = choices(facts.app, facts.providers);
    let Some(signed_in) = facts.signed_in.filter(|session| suffices(session, facts, &allowed)) else {
        return sign_in(facts, &allowed, ask(facts.app, facts.request));
    };
    if !signed_in.is_wanted {
        return if signed_in.by_this_attempt || facts.request.prompt.none {
            Step::Refuse(OAuthError::new(
                OAuthCode::LoginRequired,
                "another person is signed in than the request names",
            ))
        } else {
            sign_in(facts, &allowed, Ask { select_account: true, ..ask(facts.app, facts.request) })
        };
    }
    if let Some(no) = unwelcome(facts, &signed_in, &allowed) {
        return no;
    }
    if let Some(claim) = claims::missing(facts.app, facts.request, signed_in.known) {
        let why = format!("{} is required and the identity provider did not give one", claim.as_str());
        return Step::Refuse(OAuthError::new(OAuthCode::AccessDenied, why));
    }
    if facts.agreement.is_some_and(|agreement| agreement.paused) {
        return Step::Refuse(OAuthError::new(OAuthCode::AccessDenied, "the person has paused this app"));
    }
    consent(facts, signed_in.known)
}

/// What the app's rules say against somebody who is signed in. What is not known, or no more, a new login tells; and
/// somebody who named a provider may be another one there.
fn unwelcome(facts: &Facts<'_>, signed_in: &SignedIn<'_>, allowed: &[&ProviderId]) -> Option<Step> {
    let person = signed_in.learned.person(signed_in.provider, signed_in.known);
    let elsewhere = match access::at_sign_in(facts.app, person, facts.now) {
        Access::Allowed(_) | Access::Public(_) => return None,
        Access::SignIn | Access::SignInAnew(_) => Some((signed_in.provider, false)),
        Access::Denied => facts.request.provider.as_ref().filter(|named| allowed.contains(named)).map(|it| (it, true)),
    };
    let refuse = |code, why| Step::Refuse(OAuthError::new(code, why));
    Some(match elsewhere.filter(|_| !signed_in.by_this_attempt) {
        Some(_) if facts.request.prompt.none => refuse(OAuthCode::LoginRequired, "the person has to sign in"),
        None if facts.request.prompt.none => refuse(OAuthCode::AccessDenied, "the person may not use this app"),
        Some((provider, another)) => {
            let ask = ask(facts.app, facts.request);
            let ask = Ask { select_account: ask.select_account || another, ..ask };
            Step::GoUpstream(Departure { provider: provider.clone(), ask })
        }
        None => Step::Deny,
    })
}

/// Whether the person has to be asked, and what stands if not.
fn consent(facts: &Facts<'_>, known: &Claims) -> Step {
    let Facts { app, request, agreement, now, .. } = *facts;
    let approve = |agreement: Agreement, decided| {
        let offline = app.asks_offline(&request.scope) && agreement.offline;
        Step::Issue(Approved { agreement, decided, offline })
    };
    match (Question::about(app, request, known, agreement), agreement) {
        (Some(question), _) => match facts.answer.filter(|answer| question.is_answered_by(answer)) {
            Some(answer) => approve(Agreement::answered(app, agreement, &question, answer, now), true),
            None if request.prompt.none => {
                Step::Refuse(OAuthError::new(OAuthCode::ConsentRequired, "the person has to agree"))
            }
            None => Step::AskConsent(question),
        },
        (None, Some(agreement)) if app.consent == ConsentMode::Explicit => approve(agreement.used_again(now), false),
        (None, earlier) => {
            let unasked = Agreement::unasked(app, &request.scope, earlier, now);
            let decided = earlier.is_none_or(|earlier| unasked.differs_from(earlier));
            approve(unasked, decided)
        }
    }
}

/// What a request demands of the login, wherever it comes from.
pub fn ask(app: &App, request: &Request) -> Ask {
    let max_age = request.max_age.or(app.default_max_age.map(|age| age.as_secs()));
    Ask { fresh: request.prompt.login || max_age == Some(0), max_age, select_account: request.prompt.select_account }
}

/// The providers that a request may be sent to.
pub fn choices<'a>(app: &App, providers: &'a [ProviderId]) -> Vec<&'a ProviderId> {
    providers.iter().filter(|provider| app.allows(provider)).collect()
}

fn suffices(session: &SignedIn<'_>, facts: &Facts<'_>, allowed: &[&ProviderId]) -> bool {
    if !allowed.contains(&session.provider) {
        return false;
    }
    let ask = ask(facts.app, facts.request);
    let young_enough = |age: u64| facts.now.age_of(session.auth_time) <= Duration::from_secs(age);
    session.by_this_attempt || (!ask.fresh && !ask.select_account && ask.max_age.is_none_or(young_enough))
}

fn sign_in(facts: &Facts<'_>, allowed: &[&ProviderId], ask: Ask) -> Step {
    if facts.request.prompt.none {
        return Step::Refuse(OAuthError::new(OAuthCode::LoginRequired, "the person has to sign in"));
    }
    let named = facts.request.provider.as_ref().filter(|named| allowed.contains(named));
    match (named, allowed) {
        (Some(only), _) | (None, &[only]) => Step::GoUpstream(Departure { provider: only.clone(), ask }),
        (None, []) => Step::Refuse(OAuthError::new(
            OAuthCode::AccessDenied,
            "none of the identity providers that this app allows is available",
        )),
        (None, _) => Step::Choose,
    }
}
