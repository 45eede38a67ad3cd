//! Who asks: a registered app, or a page that says no.

use crate::{apps::Apps, types::App, web::errors::Problem, web::params::Params};

pub(super) fn proven<'a>(params: &Params, apps: &'a Apps) -> Result<&'a App, Problem> {
    let id = params.get("client_id").map_err(|_| Problem::BadRequest)?;
    id.and_then(|id| apps.find(id)).ok_or(Problem::UnknownApp)
}
