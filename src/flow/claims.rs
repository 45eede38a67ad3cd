//! What an app may see: the one place that decides it, at first login, single sign-on, refresh and UserInfo alike.

use serde_json::Value;

use super::{Agreement, Request};
use crate::types::{App, Claim, Claims, Scope, app::Need};

/// The claims that go out to `app` now: declared by it, asked for by `scope`, agreed to by the person, and known.
/// A withheld claim is simply absent. What says that a claim was verified goes where the claim goes.
pub fn visible(app: &App, scope: &Scope, agreement: &Agreement, known: &Claims) -> Claims {
    visible_of(app, |claim| scope.asks(claim), agreement, known)
}

/// The same of the claims that are asked for in whatever way.
pub fn visible_of(app: &App, asks: impl Fn(Claim) -> bool, agreement: &Agreement, known: &Claims) -> Claims {
    let may_see =
        |claim: Claim| asks(claim) && app.claims.get(&claim).is_some_and(|purpose| agreement.lets(claim, purpose));
    known.filtered(|claim| may_see(claim) || principal(claim).is_some_and(may_see))
}

/// One claim that an app declares, and whether it would get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Which.
    pub claim: Claim,
    /// Whether the app can do without it.
    pub need: Need,
    /// Whether the app may see it.
    pub on: bool,
    /// Whether there is something to see.
    pub known: bool,
}

/// What `app` would get of what is `known`, whatever scope it asks for: on the agreement that there is, or, before
/// there is one, if the person said yes and turned nothing on.
pub fn preview(app: &App, agreement: Option<&Agreement>, known: &Claims) -> Vec<Preview> {
    app.claims
        .iter()
        .map(|(claim, purpose)| Preview {
            claim: *claim,
            need: purpose.need,
            on: agreement.map_or(purpose.need == Need::Required, |agreement| agreement.lets(*claim, purpose)),
            known: known.get(*claim).is_some(),
        })
        .collect()
}

/// The claims that are worth keeping in a grant: all that the app declared, so that one turned on later is there.
pub fn declared(app: &App, known: &Claims) -> Claims {
    let is_declared = |claim: Claim| app.claims.contains_key(&claim);
    known.filtered(|claim| is_declared(claim) || principal(claim).is_some_and(is_declared))
}

/// What is known and `app` does not declare: it never gets that, whatever it asks for.
pub fn undeclared(app: &App, known: &Claims) -> Vec<Claim> {
    let gets = declared(app, known);
    known.iter().map(|(claim, _)| claim).filter(|claim| gets.get(*claim).is_none()).collect()
}

/// A claim that the app cannot do without, that `request` asks for, and that nobody told us.
pub fn missing(app: &App, request: &Request, known: &Claims) -> Option<Claim> {
    let required = app.claims.iter().filter(|(_, purpose)| purpose.need == Need::Required).map(|(claim, _)| *claim);
    required.into_iter().find(|claim| request.asks(*claim) && known.get(*claim).is_none())
}

/// What is known that goes out together with `claim`.
pub fn companion(claim: Claim, known: &Claims) -> Option<(Claim, &Value)> {
    let companion = claim.companion()?;
    Some((companion, known.get(companion)?))
}

/// The claim whose companion this is: `email` for `email_verified`.
fn principal(claim: Claim) -> Option<Claim> {
    Claim::ALL.into_iter().find(|other| other.companion() == Some(claim))
}
