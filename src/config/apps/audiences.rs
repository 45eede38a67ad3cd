//! Whom access tokens may be for, and by what names a service knows itself.

use url::Url;

use crate::{
    config::{faults::quoted, section::Section, value::Value},
    types::{AppId, app::GrantType},
};

/// A list of services; none where nothing is said.
pub(in crate::config) fn read(section: &Section<'_>, key: &str) -> Option<Vec<String>> {
    section.get(key).map_or(Some(Vec::new()), |value| value.list(resource))
}

/// `exchange_to`: services, and apps by their names.
pub(super) fn exchange_to(section: &Section<'_>) -> Option<Vec<String>> {
    section.get("exchange_to").map_or(Some(Vec::new()), |value| {
        value.list(|value| {
            let text = value.text()?;
            if text.parse::<AppId>().is_ok_and(|id| !id.is_document()) {
                Some(text.to_owned())
            } else {
                resource(value)
            }
        })
    })
}

/// Whoever says for whom it exchanges tokens says that it may.
pub(super) fn granted(mut grants: Vec<GrantType>, exchange_to: &[String]) -> Vec<GrantType> {
    if !exchange_to.is_empty() && !grants.contains(&GrantType::TokenExchange) {
        grants.push(GrantType::TokenExchange);
    }
    grants
}

/// An absolute URI without a fragment (RFC 8707, section 2), compared as text.
fn resource(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = is_resource(text);
    if !fits {
        value.fault(
            format!("{} is not an absolute URI without a fragment", quoted(text)),
            "write the address of the service, such as https://api.example.com",
        );
    }
    fits.then(|| text.to_owned())
}

fn is_resource(text: &str) -> bool {
    !text.contains('#') && text.bytes().all(|byte| byte.is_ascii_graphic()) && Url::parse(text).is_ok()
}
