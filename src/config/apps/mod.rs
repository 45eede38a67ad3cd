//! `[apps.X]`: who asks about people.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    time::Duration,
};

use super::{
    Listen, addresses,
    faults::quoted,
    lifetimes::within,
    names,
    providers::optional,
    section::{Section, nearest},
    value::Value,
};
use crate::types::{
    App, AppId, ProviderId,
    app::{AppAuth, AppLinks, ConsentMode, FACTS_MAX_AGE, GrantType},
    gate::GateOrigin,
    ids::BadName,
    jws::Alg,
    urls::{ApplicationType, Issuer},
};

mod access;
pub(super) mod audiences;
mod auth;
mod channels;
mod claims;
mod keys;
mod logout;
mod other_words;
mod redirects;
mod registered;
mod security;

pub(in crate::config) use auth::hashes;
pub use registered::{NotRegistered, registered, understood, wants_secret};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What an app's section is read against.
pub(super) struct Around<'a> {
    /// The names of all providers.
    pub providers: &'a BTreeSet<String>,
    /// Who we are.
    pub issuer: Option<&'a Issuer>,
    /// Whom we believe; nothing where that could not be read.
    pub listen: Option<&'a Listen>,
}

/// Every app without a mistake.
pub(super) fn read(section: Section<'_>, around: &Around<'_>) -> BTreeMap<AppId, App> {
    let apps = section.keys().map(str::to_owned).collect();
    let names = access::Names { providers: around.providers, apps: &apps };
    let own = around.issuer.and_then(|issuer| issuer.as_str().parse::<GateOrigin>().ok());
    let mut hosts: BTreeSet<String> = own.iter().map(|own| own.name().to_owned()).collect();
    let mut all = BTreeMap::new();
    for (id, section) in names::sections::<SectionId>(section).into_iter().map(|(SectionId(id), inner)| (id, inner)) {
        if let Some(app) = read_one(id.clone(), &section, names) {
            if let Some(origin) = &app.gate {
                access::host_is_free(origin, &mut hosts, &section);
                needs_a_proxy(&section, around.listen);
            }
            all.insert(id, app);
        }
    }
    all
}

/// The id of an app that has a section: never one that says of itself what it is.
struct SectionId(AppId);

impl FromStr for SectionId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        text.parse().ok().filter(|id: &AppId| !id.is_document()).map(Self).ok_or(BadName)
    }
}

/// Behind the gate a proxy tells who asks for what: it has to be one that is believed.
fn needs_a_proxy(section: &Section<'_>, listen: Option<&Listen>) {
    let believes_nobody = listen.is_some_and(|listen| listen.trusted_proxies.is_empty());
    if let Some(value) = section.get("gate").filter(|_| believes_nobody) {
        value.fault(
            "needs listen.trusted_proxies: what a proxy says is believed from those addresses alone",
            "name the addresses of your reverse proxies in [listen], such as trusted_proxies = [\"127.0.0.1\"]",
        );
    }
}

fn read_one(id: AppId, section: &Section<'_>, names: access::Names<'_>) -> Option<App> {
    let (name, application_type) = (name(section), application_type(section));
    let (allow_loopback, allow_private) = (section.flag("allow_loopback", false), section.flag("allow_private", false));
    let keys = keys::read(section, allow_loopback.unwrap_or(true));
    let keyed = keys.as_ref().and_then(Option::as_ref);
    let auth = auth::read(section, keyed);
    let (gate, rules) = (access::gate(section), access::rules(section, names));
    let grant_types = grant_types(section, auth.as_ref());
    let said = security::Said { auth: auth.as_ref(), keys: keyed, grants: grant_types.as_deref() };
    let security = security::read(section, &said);
    let redirects = redirects::read(section, application_type, auth.as_ref(), grant_types.as_deref());
    let claims = claims::read(section.section("claims"));
    let (pkce, consent) = (pkce(section), consent(section));
    let (sector, allowed) = (sector(section), allowed_providers(section, names.providers));
    let (id_token_alg, id_token_claims) = (security::id_token_alg(section), section.flag("id_token_claims", true));
    let userinfo_alg = optional(section.get("userinfo_signed_response_alg").map(|value| algorithm(&value)));
    let default_max_age = optional(section.get("default_max_age").map(|value| value.seconds()));
    let facts_max_age = within(section, "facts_max_age", FACTS_MAX_AGE, MINUTE, 400 * DAY);
    let links = links(section, allow_loopback.unwrap_or(true));
    let (default_acr_values, contacts) = (texts(section, "default_acr_values"), texts(section, "contacts"));
    let (audiences, resource_uris) = (audiences::read(section, "audiences"), audiences::read(section, "resource_uris"));
    let exchange_to = audiences::exchange_to(section);
    // With a mistake in the flag itself, an address that needs it is not a second mistake.
    let channels = channels::read(section, allow_loopback.unwrap_or(true), auth.as_ref());
    other_words::read(section);
    let (redirects, gate, exchange_to) = (redirects?, gate?, exchange_to?);
    Some(App {
        id,
        name: name?,
        frontchannel_logout: logout::front_channel(section, &redirects.login)?,
        redirect_uris: gate.as_ref().map_or(redirects.login, |gate| vec![gate.callback().clone()]),
        post_logout_redirect_uris: redirects.logout,
        application_type: application_type?,
        auth: auth?,
        grant_types: audiences::granted(grant_types?, &exchange_to),
        exchange_to,
        keys: keys?,
        security: security?,
        pkce_required: pkce?,
        claims: claims?,
        consent: consent?,
        sector: sector?,
        providers: allowed?,
        id_token_alg: id_token_alg?,
        userinfo_alg: userinfo_alg?,
        id_token_claims: id_token_claims?,
        default_max_age: default_max_age?,
        default_acr_values: default_acr_values?,
        origins: redirects.origins,
        audiences: audiences?,
        resource_uris: resource_uris?,
        links: links?,
        gate,
        access: rules?,
        facts_max_age: facts_max_age?,
        contacts: contacts?,
        channels: channels?,
        allow_loopback: allow_loopback?,
        allow_private: allow_private?,
    })
}

fn name(section: &Section<'_>) -> Option<String> {
    let name = section.required("name", "write what people call it, such as name = \"Notes\"");
    name.and_then(|value| value.text().map(str::to_owned))
}

/// What it shares its `sub` by with other apps; none for one that stands alone.
fn sector(section: &Section<'_>) -> Option<Option<String>> {
    optional(section.get("sector").map(|value| value.text().map(str::to_owned)))
}

/// Pages that people may want to read, and a picture that we fetch.
fn links(section: &Section<'_>, loopback: bool) -> Option<AppLinks> {
    let page = |key| optional(section.get(key).map(|value| value.page()));
    let (home, policy, terms) = (page("client_uri"), page("policy_uri"), page("tos_uri"));
    let logo = optional(section.get("logo_uri").map(|value| value.url(addresses::Reach { loopback })));
    Some(AppLinks { home: home?, policy: policy?, terms: terms?, logo: logo? })
}

fn application_type(section: &Section<'_>) -> Option<ApplicationType> {
    section.get("application_type").map_or(Some(ApplicationType::Web), |value| {
        value.one_of(&[("web", ApplicationType::Web), ("native", ApplicationType::Native)])
    })
}

fn algorithm(value: &Value<'_>) -> Option<Alg> {
    value.one_of(&Alg::ALL.map(|alg| (alg.as_str(), alg)))
}

/// Of an app behind the gate nobody but the gate redeems what it is given, and the gate asks each time.
fn grant_types(section: &Section<'_>, auth: Option<&AppAuth>) -> Option<Vec<GrantType>> {
    if section.has("gate") {
        return Some(vec![GrantType::AuthorizationCode]);
    }
    auth::grant_types(section, auth)
}

fn pkce(section: &Section<'_>) -> Option<bool> {
    section.get("pkce").map_or(Some(false), |value| value.one_of(&[("required", true)]))
}

fn consent(section: &Section<'_>) -> Option<ConsentMode> {
    section.get("consent").map_or(Some(ConsentMode::Explicit), |value| {
        value.one_of(&[("explicit", ConsentMode::Explicit), ("implicit", ConsentMode::Implicit)])
    })
}

/// Names of sections, each of which is there. `kind` is what they are: a provider or an app.
fn listed<N: FromStr>(value: &Value<'_>, kind: &str, known: &BTreeSet<String>) -> Option<Vec<N>> {
    value.list(|value| {
        let text = value.text()?;
        if !known.contains(text) {
            let remedy = nearest(text, known.iter().map(String::as_str)).map_or_else(
                || format!("add [{kind}s.{}], or remove it here", text.escape_debug().take(64).collect::<String>()),
                |near| format!("did you mean \"{near}\"?"),
            );
            value.fault(format!("there is no {kind} {}", quoted(text)), remedy);
            return None;
        }
        text.parse().ok()
    })
}

/// Texts that are taken as they are.
fn texts(section: &Section<'_>, key: &str) -> Option<Vec<String>> {
    section.get(key).map_or(Some(Vec::new()), |value| value.list(|value| value.text().map(str::to_owned)))
}

/// The providers that it allows; none where it allows all.
fn allowed_providers(section: &Section<'_>, known: &BTreeSet<String>) -> Option<Option<Vec<ProviderId>>> {
    let Some(value) = section.get("providers") else { return Some(None) };
    let allowed: Vec<ProviderId> = listed(&value, "provider", known)?;
    if allowed.is_empty() {
        value.fault("names no provider, so that nobody could sign in", "name one, or remove the line to allow all");
        return None;
    }
    Some(Some(allowed))
}
