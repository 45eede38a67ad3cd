//! `[providers.X]`: who vouches for people.

use std::collections::BTreeSet;

use super::{ProviderConfig, names, section::Section, value::Value};
use crate::types::{ProviderId, jws::Alg};

mod endpoints;
mod kind;
mod namespace;
mod service_account;

pub(super) use endpoints::claim;
use kind::KindName;

/// What was read.
pub(super) struct Providers {
    /// Those without a mistake.
    pub all: Vec<ProviderConfig>,
    /// The names of all, so that an app that names one with a mistake is not a second mistake.
    pub names: BTreeSet<String>,
}

pub(super) fn read(section: Section<'_>) -> Providers {
    let names = section.keys().map(str::to_owned).collect();
    let mut all = Vec::new();
    for (id, section) in names::sections::<ProviderId>(section) {
        if let Some(provider) = read_one(id, &section) {
            namespace::check(&all, &provider, &section);
            all.push(provider);
        }
    }
    Providers { all, names }
}

fn read_one(id: ProviderId, section: &Section<'_>) -> Option<ProviderConfig> {
    let text = |key| section.get(key).map(|value| value.text().map(str::to_owned));
    let kind = section
        .required(
            "kind",
            r#"write kind = "google", "facebook", "github", "microsoft", "apple", "gitlab", "oidc" or "oauth2""#,
        )
        .and_then(|value| value.one_of(&KindName::ALL.map(|kind| (kind.as_str(), kind))));
    let name = text("name").unwrap_or_else(|| Some(kind.and_then(KindName::title).unwrap_or(id.as_str()).to_owned()));
    let client_id = section.required("client_id", "write the client id that the provider gave you");
    let client_id = client_id.and_then(|value| value.text().map(str::to_owned));
    let scopes = section.get("scopes").map(|value| scopes(&value, kind));
    let namespace =
        section.get("namespace").map_or_else(|| Some(id.as_str().to_owned()), |value| namespace::parse(&value));
    let (enabled, allow_private) = (section.flag("enabled", true), section.flag("allow_private", false));
    let allow_loopback = section.flag("allow_loopback", false);
    let Some(kind) = kind else {
        // Which further keys it may have, its kind decides.
        section.forgive();
        return None;
    };
    let client_secret = client_secret(section, kind);
    let id_token_alg = id_token_alg(section, kind);
    let groups_claim = if kind.has_id_token() { text("groups_claim") } else { None };
    // With a mistake in the flag itself, its address is not a second mistake.
    let details = kind.details(section, allow_loopback.unwrap_or(true), allow_private.unwrap_or(true));
    Some(ProviderConfig {
        id,
        name: name?,
        kind: details?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes: optional(scopes)?,
        id_token_alg: id_token_alg?,
        groups_claim: optional(groups_claim)?,
        namespace: namespace?,
        enabled: enabled?,
        allow_loopback: allow_loopback?,
        allow_private: allow_private?,
    })
}

/// A setting that may be absent, but not wrong.
#[expect(clippy::option_option, reason = "absent, wrong and there are three things")]
pub(super) fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

#[expect(clippy::option_option, reason = "none at Apple is right, none elsewhere a mistake")]
fn client_secret(section: &Section<'_>, kind: KindName) -> Option<Option<crate::types::SecretText>> {
    if kind == KindName::Apple {
        section.refuse(
            "client_secret",
            "is not used with Apple: it is made for each call from private_key",
            "remove it, and set team_id, key_id and private_key",
        );
        return Some(None);
    }
    let remedy =
        r#"write the secret that the provider gave you, best as client_secret = { env = "NAME" } or { file = "path" }"#;
    section.required("client_secret", remedy).and_then(|value| value.secret()).map(Some)
}

fn id_token_alg(section: &Section<'_>, kind: KindName) -> Option<Alg> {
    if !kind.has_id_token() {
        return Some(Alg::RS256);
    }
    let words = Alg::ALL.map(|alg| (alg.as_str(), alg));
    section.get("id_token_signed_response_alg").map_or(Some(Alg::RS256), |value| value.one_of(&words))
}

/// Scope tokens (RFC 6749, section 3.3).
fn scopes(value: &Value<'_>, kind: Option<KindName>) -> Option<Vec<String>> {
    let scopes = value.list(|value| {
        let text = value.text()?;
        let is_token = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        if !is_token {
            value.fault("is not one scope", "write each scope as a text of its own, without spaces");
        }
        is_token.then(|| text.to_owned())
    })?;
    if kind.is_some_and(KindName::needs_openid) && !scopes.iter().any(|scope| scope == "openid") {
        value.fault("lacks \"openid\", without which there is no ID token", "add \"openid\"");
        return None;
    }
    Some(scopes)
}
