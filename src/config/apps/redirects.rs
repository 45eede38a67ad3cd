//! Where an app takes people back to, and whose scripts may speak for it.

use url::Url;

use crate::{
    config::{faults::quoted, section::Section, value::Value},
    types::{
        app::{AppAuth, GrantType},
        urls::{AppRedirect, ApplicationType, is_loopback},
    },
};

/// An app's addresses.
pub(super) struct Redirects {
    pub login: Vec<AppRedirect>,
    pub logout: Vec<AppRedirect>,
    pub origins: Vec<String>,
}

/// An unreadable type or authentication (`None`) is a mistake of its own, and makes no redirect one.
pub(super) fn read(
    section: &Section<'_>,
    application_type: Option<ApplicationType>,
    auth: Option<&AppAuth>,
    grants: Option<&[GrantType]>,
) -> Option<Redirects> {
    let native = application_type.is_none_or(|kind| kind == ApplicationType::Native);
    let private_schemes = native && auth.is_none_or(|auth| *auth == AppAuth::Public);
    if section.has("gate") {
        section.refuse(
            "redirect_uris",
            "has no place beside `gate`, which has its own way back",
            "remove it; what speaks OpenID Connect by itself is an app of its own",
        );
        section.refuse("grant_types", "has no place beside `gate`, where people sign in alone", "remove it");
        return Some(Redirects { login: Vec::new(), logout: Vec::new(), origins: Vec::new() });
    }
    // One through which nobody signs in needs none, nor does one on a device without a browser.
    let needed = grants.is_none_or(|grants| grants.contains(&GrantType::AuthorizationCode));
    let remedy = "write where people are taken back to, such as [\"https://app.example.com/callback\"]";
    let login = if needed { section.required("redirect_uris", remedy) } else { section.get("redirect_uris") };
    let login = login.map(|value| {
        let uris = redirects(&value, private_schemes)?;
        if uris.is_empty() && needed {
            value.fault("is empty", "write where people are taken back to");
        }
        Some(uris)
    });
    let login = if needed { login.flatten() } else { login.unwrap_or_default().or(Some(Vec::new())) };
    let logout =
        section.get("post_logout_redirect_uris").map_or(Some(Vec::new()), |value| redirects(&value, private_schemes));
    let origins = section.get("origins").map(|value| value.list(origin));
    let login = login?;
    let origins = match origins {
        Some(origins) => origins?,
        None => origins_of(&login),
    };
    Some(Redirects { login, logout: logout?, origins })
}

fn redirects(value: &Value<'_>, private_schemes: bool) -> Option<Vec<AppRedirect>> {
    value.list(|value| {
        let text = value.text()?;
        AppRedirect::parse(text, private_schemes)
            .map_err(|problem| {
                value.fault(
                    format!("{}: {problem}", quoted(text)),
                    "write the whole address, such as https://app.example.com/callback",
                );
            })
            .ok()
    })
}

/// The web origins of redirect URIs; private schemes have none.
fn origins_of(redirects: &[AppRedirect]) -> Vec<String> {
    let mut origins: Vec<_> =
        redirects.iter().map(AppRedirect::origin).filter(|origin| origin.contains("://")).collect();
    origins.sort();
    origins.dedup();
    origins
}

/// An origin in its normal spelling (RFC 6454, section 6.2), as browsers send it.
fn origin(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let url = Url::parse(text).ok();
    let fits = url.is_some_and(|url| {
        let plain_loopback = url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host));
        (url.scheme() == "https" || plain_loopback) && url.origin().ascii_serialization() == text
    });
    if !fits {
        value.fault(
            format!("{} is not an origin", quoted(text)),
            "write scheme, host and port without a slash at the end, such as https://app.example.com",
        );
    }
    fits.then(|| text.to_owned())
}
