//! `[apps.X]`: who asks about people.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    faults::quoted,
    names,
    providers::optional,
    section::{Section, nearest},
    value::Value,
};
use crate::types::{
    App, AppId, ProviderId,
    app::{AppLinks, ConsentMode, Reach},
    jws::Alg,
    urls::ApplicationType,
};

mod audiences;
mod auth;
mod channels;
mod claims;
mod keys;
mod other_words;
mod redirects;
mod registered;
mod security;

pub(in crate::config) use auth::hashes;
pub use registered::{NotRegistered, registered, understood, wants_secret};

/// Every app without a mistake. `providers` are the names of all providers.
pub(super) fn read(section: Section<'_>, providers: &BTreeSet<String>) -> BTreeMap<AppId, App> {
    names::sections::<AppId>(section)
        .into_iter()
        .filter_map(|(id, section)| read_one(id.clone(), &section, providers).map(|app| (id, app)))
        .collect()
}

fn read_one(id: AppId, section: &Section<'_>, providers: &BTreeSet<String>) -> Option<App> {
    let text = |key| section.get(key).map(|value| value.text().map(str::to_owned));
    let name = section.required("name", "write what people call it, such as name = \"Notes\"");
    let name = name.and_then(|value| value.text().map(str::to_owned));
    let application_type = section.get("application_type").map_or(Some(ApplicationType::Web), |value| {
        value.one_of(&[("web", ApplicationType::Web), ("native", ApplicationType::Native)])
    });
    let reach = reach(section);
    let keys = keys::read(section, reach.is_none_or(|reach| reach.loopback));
    let auth = auth::read(section, keys.as_ref().and_then(Option::as_ref));
    let said = security::Said { auth: auth.as_ref(), keys: keys.as_ref().and_then(Option::as_ref) };
    let security = security::read(section, &said);
    let grant_types = auth::grant_types(section, auth.as_ref());
    let redirects = redirects::read(section, application_type, auth.as_ref(), grant_types.as_deref());
    let pkce = section.get("pkce").map_or(Some(false), |value| value.one_of(&[("required", true)]));
    let claims = claims::read(section.section("claims"));
    let consent = section.get("consent").map_or(Some(ConsentMode::Explicit), |value| {
        value.one_of(&[("explicit", ConsentMode::Explicit), ("implicit", ConsentMode::Implicit)])
    });
    let sector = optional(text("sector"));
    let allowed = optional(section.get("providers").map(|value| allowed_providers(&value, providers)));
    let id_token_alg = security::id_token_alg(section);
    let words = Alg::ALL.map(|alg| (alg.as_str(), alg));
    let userinfo_alg = optional(section.get("userinfo_signed_response_alg").map(|value| value.one_of(&words)));
    let id_token_claims = section.get("id_token_claims").map_or(Some(true), |value| value.flag());
    let default_max_age = optional(section.get("default_max_age").map(|value| value.seconds()));
    let links = links(section);
    let (audiences, resource_uris) = (audiences::read(section, "audiences"), audiences::read(section, "resource_uris"));
    let exchange_to = audiences::exchange_to(section);
    // With a mistake in the flag itself, an address that needs it is not a second mistake.
    let channels = channels::read(section, reach.is_none_or(|reach| reach.loopback), auth.as_ref());
    let contacts = section.get("contacts").map_or(Some(Vec::new()), |value| value.list(contact));
    other_words::read(section);
    let (redirects, exchange_to) = (redirects?, exchange_to?);
    Some(App {
        id,
        name: name?,
        redirect_uris: redirects.login,
        post_logout_redirect_uris: redirects.logout,
        application_type: application_type?,
        auth: auth?,
        grant_types: audiences::granted(grant_types?, &exchange_to),
        exchange_to,
        keys: keys?,
        security: security?,
        reach: reach?,
        pkce_required: pkce?,
        claims: claims?,
        consent: consent?,
        sector: sector?,
        providers: allowed?,
        id_token_alg: id_token_alg?,
        userinfo_alg: userinfo_alg?,
        id_token_claims: id_token_claims?,
        default_max_age: default_max_age?,
        origins: redirects.origins,
        audiences: audiences?,
        resource_uris: resource_uris?,
        links: links?,
        contacts: contacts?,
        channels: channels?,
    })
}

/// Its own pages.
fn links(section: &Section<'_>) -> Option<AppLinks> {
    let page = |key| optional(section.get(key).map(|value| value.page()));
    let (home, policy, terms) = (page("client_uri"), page("policy_uri"), page("tos_uri"));
    Some(AppLinks { home: home?, policy: policy?, terms: terms? })
}

/// Whether the addresses of the app itself may be on loopback, or inside a private network.
fn reach(section: &Section<'_>) -> Option<Reach> {
    let flag = |key| section.get(key).map_or(Some(false), |value| value.flag());
    let (loopback, private) = (flag("allow_loopback"), flag("allow_private"));
    Some(Reach { loopback: loopback?, private: private? })
}

/// An address or a number, as people read it.
fn contact(value: &Value<'_>) -> Option<String> {
    value.text().map(str::to_owned)
}

fn allowed_providers(value: &Value<'_>, known: &BTreeSet<String>) -> Option<Vec<ProviderId>> {
    let allowed = value.list(|value| {
        let text = value.text()?;
        if !known.contains(text) {
            let remedy = nearest(text, known.iter().map(String::as_str)).map_or_else(
                || format!("add [providers.{}], or remove it here", text.escape_debug().take(64).collect::<String>()),
                |near| format!("did you mean \"{near}\"?"),
            );
            value.fault(format!("there is no provider {}", quoted(text)), remedy);
            return None;
        }
        text.parse().ok()
    })?;
    if allowed.is_empty() {
        value.fault("names no provider, so that nobody could sign in", "name one, or remove the line to allow all");
        return None;
    }
    Some(allowed)
}
