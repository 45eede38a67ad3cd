//! What happens next with a request. One function, from plain facts; `oidc/advance.rs` is the only caller, and the
//! only code that acts on the answer.

use std::time::Duration;

use super::{Agreement, Request, claims};
use crate::types::{App, Claims, OAuthCode, OAuthError, ProviderId, Timestamp};

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
    /// Whether this very attempt brought the session about: then whatever freshness was asked for has been met,
    /// since the provider's answer was held against it.
    pub by_this_attempt: bool,
}

/// What to do.
#[derive(Debug)]
pub enum Step {
    /// Let the person choose a provider.
    Choose,
    /// Send them to this one.
    GoUpstream(Departure),
    /// Mint a code.
    Issue(Approved),
    /// Tell the app no.
    Refuse(OAuthError),
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
        return sign_in(facts, &allowed);
    };
    if let Some(claim) = claims::missing(facts.app, &facts.request.scope, signed_in.known) {
        let why = format!("{} is required and the identity provider did not give one", claim.as_str());
        return Step::Refuse(OAuthError::new(OAuthCode::AccessDenied, why));
    }
    let agreement = Agreement::unasked(facts.app, &facts.request.scope, facts.agreement, facts.now);
    if agreement.paused {
        return Step::Refuse(OAuthError::new(OAuthCode::AccessDenied, "the person has paused this app"));
    }
    let offline = facts.app.asks_offline(&facts.request.scope) && agreement.offline;
    Step::Issue(Approved { agreement, decided: facts.agreement.is_none(), offline })
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
    let young_enough = |age: u64| facts.now.since(session.auth_time) <= Duration::from_secs(age);
    session.by_this_attempt || (!ask.fresh && !ask.select_account && ask.max_age.is_none_or(young_enough))
}

fn sign_in(facts: &Facts<'_>, allowed: &[&ProviderId]) -> Step {
    if facts.request.prompt.none {
        return Step::Refuse(OAuthError::new(OAuthCode::LoginRequired, "the person has to sign in"));
    }
    let named = facts.request.provider.as_ref().filter(|named| allowed.contains(named));
    match (named, allowed) {
        (Some(only), _) | (None, &[only]) => {
            Step::GoUpstream(Departure { provider: only.clone(), ask: ask(facts.app, facts.request) })
        }
        (None, []) => Step::Refuse(OAuthError::new(
            OAuthCode::AccessDenied,
            "none of the identity providers that this app allows is available",
        )),
        (None, _) => Step::Choose,
    }
}
