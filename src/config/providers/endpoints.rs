//! `kind = "oauth2"`: a provider without ID tokens, described by its endpoints and where it keeps which claim.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    config::{
        AudienceCheck, OAuth2Endpoints,
        addresses::Reach,
        faults::quoted,
        raw::Raw,
        section::{Section, nearest},
        value::Value,
    },
    types::Claim,
};

pub(super) fn read(section: &Section<'_>, reach: Reach) -> Option<OAuth2Endpoints> {
    let endpoint = |key| {
        section.required(key, "write the address from the provider's documentation").and_then(|value| value.url(reach))
    };
    let authorization = endpoint("authorization_endpoint");
    let token = endpoint("token_endpoint");
    let userinfo = endpoint("userinfo_endpoint");
    let audience_check =
        section.get("audience_check").map_or(Some(AudienceCheck::CodeExchange), |value| audience_check(&value, reach));
    let claims = section
        .required("claims", r#"write at least claims.sub = "/id": where the answer holds the person's lasting id"#)
        .and_then(|value| claims(&value));
    let (subject, claims) = claims.unzip();
    Some(OAuth2Endpoints {
        authorization: authorization?,
        token: token?,
        userinfo: userinfo?,
        audience_check: audience_check?,
        subject: subject?,
        claims: claims?,
    })
}

/// `"code_exchange"`, or `{ introspection_endpoint = "…" }`.
fn audience_check(value: &Value<'_>, reach: Reach) -> Option<AudienceCheck> {
    if let Raw::Table(_) = value.raw() {
        let section = value.section()?;
        let endpoint = section.required("introspection_endpoint", "write the address of RFC 7662 introspection");
        return endpoint.and_then(|value| value.url(reach)).map(AudienceCheck::Introspection);
    }
    value.one_of(&[("code_exchange", ())]).map(|()| AudienceCheck::CodeExchange)
}

/// The pointer to the subject, and those to claims.
fn claims(value: &Value<'_>) -> Option<(String, BTreeMap<Claim, String>)> {
    let section = value.section()?;
    let subject = section
        .required("sub", r#"write claims.sub = "/id": where the answer holds the person's lasting id"#)
        .map(|value| pointer(&value));
    let mut claims = Some(BTreeMap::new());
    for (name, value) in section.entries().into_iter().filter(|(name, _)| *name != "sub") {
        let claim = claim(name, &value);
        let pointer = pointer(&value);
        match (claims.as_mut(), claim.zip(pointer)) {
            (Some(claims), Some((claim, pointer))) => {
                claims.insert(claim, pointer);
            }
            _ => claims = None,
        }
    }
    subject.flatten().zip(claims)
}

/// A claim by its name.
pub(in crate::config) fn claim(name: &str, value: &Value<'_>) -> Option<Claim> {
    let claim = Claim::from_str(name);
    if let Err(problem) = claim {
        let remedy = nearest(name, Claim::ALL.iter().map(|claim| claim.as_str())).map_or_else(
            || "remove it, or name a claim such as name, email, picture, locale or groups".into(),
            |near| format!("did you mean `{near}`?"),
        );
        value.fault(format!("{}: {problem}", quoted(name)), remedy);
    }
    claim.ok()
}

/// A JSON pointer (RFC 6901).
fn pointer(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.starts_with('/') && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !fits {
        value.fault(format!("{} is not a JSON pointer", quoted(text)), r#"write one such as "/id" or "/data/email""#);
    }
    fits.then(|| text.to_owned())
}
