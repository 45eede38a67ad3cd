//! The choices of a person: checkboxes named after their claims, as browsers send them.

use std::collections::BTreeSet;

use super::{errors::Problem, params::Params};
use crate::types::Claim;

/// The checkboxes of a form that are on; `others` are its other fields.
///
/// # Errors
/// [`Problem::BadRequest`] for a name that is no claim, and any other value than a browser sends.
pub fn turned_on(params: &Params, others: &[&str]) -> Result<BTreeSet<Claim>, Problem> {
    let names = params.names().filter(|name| !others.contains(name));
    names
        .map(|name| {
            let claim: Claim = name.parse().map_err(|_| Problem::BadRequest)?;
            (params.get(claim.as_str()) == Ok(Some("on"))).then_some(claim).ok_or(Problem::BadRequest)
        })
        .collect()
}
