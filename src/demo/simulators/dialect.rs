//! What differs between providers at the authorization endpoint. The shared steps live in [`super::authorize`].

use actix_web::web::ServiceConfig;

use super::{
    Broken,
    ask::{Asked, Grant},
    desk::Desk,
    people::Person,
};

/// Parameters of an answer, in order.
pub(crate) type Pairs = Vec<(&'static str, String)>;

/// A page of the provider's own, where it does not send people back.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Stop {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }
}

/// How a bad request is refused.
#[derive(Clone, Debug)]
pub(crate) enum Wrong {
    /// On a page.
    Page(Stop),
    /// By sending the browser back with an error.
    Back(Pairs),
}

/// A provider's way of speaking.
pub(crate) trait Dialect: Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// Its colour on the page.
    fn accent(&self) -> &'static str;

    /// Who can be picked.
    fn people(&self) -> Vec<Person>;

    /// Its endpoints.
    fn routes(&self, routes: &mut ServiceConfig);

    /// Its page for a client id that is not registered.
    fn unknown_client(&self) -> Stop;

    /// Its page for a redirect URI that is not registered.
    fn redirect_mismatch(&self) -> Stop;

    /// Its own checks of a request whose client and redirect URI are good.
    fn check(&self, asked: &Asked) -> Result<(), Wrong>;

    /// Whether a sub-path of a registered redirect URI will do.
    fn sub_paths(&self) -> bool {
        false
    }

    /// Whether this person can answer this request.
    fn admits(&self, _person: &Person, _asked: &Asked) -> bool {
        true
    }

    /// The answer of someone who agreed.
    fn granted(&self, desk: &Desk, grant: &Grant, code: String) -> Result<Pairs, Broken>;

    /// The answer of someone who refused.
    fn denied(&self, desk: &Desk) -> Pairs;

    /// The answer to `prompt=none` when nobody is signed in; `None` where the provider does not know it.
    fn nobody(&self) -> Option<Pairs> {
        None
    }

    /// What it appends to the address as a fragment.
    fn fragment(&self) -> Option<&'static str> {
        None
    }
}
