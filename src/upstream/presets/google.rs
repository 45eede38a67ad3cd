//! Google. Names itself without the scheme in some ID tokens; knows no `prompt=login`; its word about an address counts
//! for gmail.com and for the domains that it hosts.

use serde_json::Value;
use url::Url;

use super::{BuildError, Parts, Risc, issuer};
use crate::{
    types::Claim,
    upstream::{
        Begin, UpstreamError,
        authorize::{Parameter, hints, max_age, wants_login},
        metadata::Issuers,
        oidc::{Documents, OidcProvider, Person, Quirks, Tells},
        profile,
        revocation::Manner,
    },
};

const ISSUER: &str = "https://accounts.google.com";
/// How Google's older ID tokens name it.
const WITHOUT_SCHEME: &str = "accounts.google.com";

pub(super) fn provider(
    parts: Parts<'_>,
    hosted_domain: Option<String>,
    base: Option<&Url>,
) -> Result<OidcProvider, BuildError> {
    let issuer = issuer(ISSUER, base);
    let issuers = match base {
        None => Issuers::Alias(issuer.clone(), WITHOUT_SCHEME),
        Some(_) => Issuers::Exact(issuer.clone()),
    };
    let risc = Risc::new(&issuer, &parts.egress, &parts.clock).map_err(|_| parts.bad_address())?;
    let quirks = Quirks {
        parameters,
        states_auth_time: false,
        revocation: Manner::TokenAlone,
        tells: Tells::SecurityEvents(risc),
        read: Box::new(move |documents| read(documents, hosted_domain.as_deref())),
        ..Quirks::none(issuers)
    };
    parts.discovered("google", &issuer, quirks)
}

/// A fresh login cannot be asked for: `prompt` knows `none`, `consent` and `select_account` alone, and `login` is an
/// error there. `select_account` is the nearest: the person has to act, and sees which account it is. `max_age` goes
/// along for the day Google honours it; an `auth_time` in the token is then believed.
fn parameters(begin: &Begin) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if wants_login(begin) || begin.select_account {
        parameters.push(("prompt", "select_account".to_owned()));
    }
    parameters.extend(max_age(begin));
    parameters.extend(hints(begin));
    parameters
}

fn read(documents: &Documents<'_>, required: Option<&str>) -> Result<Person, UpstreamError> {
    let hosted = documents.token.get("hd").and_then(Value::as_str).filter(|domain| !domain.is_empty());
    if required.is_some_and(|domain| !hosted.is_some_and(|hd| hd.eq_ignore_ascii_case(domain))) {
        return Err(UpstreamError::NotAllowed("the account is not of the hosted domain"));
    }
    let mut claims = documents.claims.clone();
    let email = claims.text(Claim::Email).map(str::to_ascii_lowercase);
    let owned = hosted.is_some() || email.is_some_and(|email| email.ends_with("@gmail.com"));
    let verified = claims.get(Claim::EmailVerified) == Some(&Value::Bool(true));
    profile::set_email_verified(&mut claims, verified && owned);
    Ok(Person { subject: documents.subject.clone(), claims, hosted_domain: hosted.map(str::to_owned) })
}
