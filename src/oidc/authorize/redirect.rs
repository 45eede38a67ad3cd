//! Where the answer goes: a registered redirect URI, compared as text (RFC 9700, section 2.1).

use crate::{
    types::{App, urls::AppRedirect},
    web::{errors::Problem, params::Params},
};

pub(super) struct Proven {
    pub uri: AppRedirect,
    pub named: bool,
}

/// Absent it may be only where one alone is registered (RFC 6749, section 3.1.2.3).
pub(super) fn proven(params: &Params, app: &App) -> Result<Proven, Problem> {
    let named = params.get("redirect_uri").map_err(|_| Problem::BadRequest)?;
    let uri = match (named, app.redirect_uris.as_slice()) {
        (Some(named), registered) => AppRedirect::select(registered, named, app.free_port()),
        (None, [only]) if !params.has("redirect_uri") => Some(only.clone()),
        (None, _) => None,
    };
    uri.map(|uri| Proven { uri, named: named.is_some() }).ok_or(Problem::BadRedirect)
}
