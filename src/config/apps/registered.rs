//! An app that registers itself (RFC 7591): its metadata are read by the very rules of the configuration. What only an
//! operator may say of an app is no metadata: it is ignored, like everything that nobody here knows.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Map, Value as Json};

use super::{access, read_one};
use crate::{
    config::{
        environment::Environment,
        faults::Place,
        raw::{Entry, Node, Raw, Table},
        section::{Context, Section},
    },
    types::{App, AppId, app::GrantType, bytes, written_name},
};

/// The members that are understood, and what the configuration calls them.
const MEMBERS: [(&str, &str); 24] = [
    ("application_type", "application_type"),
    ("client_name", "name"),
    ("client_uri", "client_uri"),
    ("default_acr_values", "default_acr_values"),
    ("default_max_age", "default_max_age"),
    ("dpop_bound_access_tokens", "dpop_bound_access_tokens"),
    ("grant_types", "grant_types"),
    ("id_token_signed_response_alg", "id_token_signed_response_alg"),
    ("jwks", "jwks"),
    ("jwks_uri", "jwks_uri"),
    ("policy_uri", "policy_uri"),
    ("post_logout_redirect_uris", "post_logout_redirect_uris"),
    ("redirect_uris", "redirect_uris"),
    ("request_object_signing_alg", "request_object_signing_alg"),
    ("require_pushed_authorization_requests", "require_pushed_authorization_requests"),
    ("require_signed_request_object", "require_signed_request_object"),
    ("response_types", "response_types"),
    ("subject_type", "subject_type"),
    ("token_endpoint_auth_method", "token_endpoint_auth_method"),
    ("token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_alg"),
    ("tos_uri", "tos_uri"),
    ("userinfo_signed_response_alg", "userinfo_signed_response_alg"),
    ("vestibule_claims", "claims"),
    // Read and checked elsewhere.
    ("sector_identifier_uri", ""),
];

/// What an error about has a name of its own (RFC 7591, section 3.2.2).
const REDIRECTS: &str = "redirect_uris";

/// The longest text, and the longest list.
const MAX_TEXT: usize = 2000;
const MAX_ITEMS: usize = 32;
const MAX_NAME: usize = 80;
/// The longest word on one claim: the person reads all of them before they answer.
const MAX_WORD: usize = 300;

/// Why metadata are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NotRegistered {
    /// Whether it is about `redirect_uris` (RFC 7591, section 3.2.2).
    pub redirects: bool,
    /// What is wrong, in words of ours.
    pub problem: String,
}

impl NotRegistered {
    /// For a reason that is not about `redirect_uris`.
    pub fn because(problem: impl Into<String>) -> Self {
        Self { redirects: false, problem: problem.into() }
    }
}

/// What of `metadata` is understood here.
pub fn understood(metadata: Map<String, Json>) -> Map<String, Json> {
    let known = |name: &str| MEMBERS.iter().any(|(member, _)| *member == name);
    metadata.into_iter().filter(|(name, value)| known(name) && !value.is_null()).collect()
}

/// Whether an app with such metadata has a secret: the standard's default is `client_secret_basic`.
pub fn wants_secret(metadata: &Map<String, Json>) -> bool {
    let method = metadata.get("token_endpoint_auth_method").and_then(Json::as_str);
    matches!(method, None | Some("client_secret_basic" | "client_secret_post"))
}

/// The app that metadata describe.
///
/// # Errors
/// The first of what is wrong with them.
pub fn registered(
    id: AppId,
    metadata: &Map<String, Json>,
    secret: Option<[u8; 32]>,
    sector: Option<&str>,
) -> Result<App, NotRegistered> {
    let mut table = Table::default();
    for (member, key) in MEMBERS.iter().filter(|(_, key)| !key.is_empty()) {
        if let Some(value) = metadata.get(*member) {
            let wrong = |why| NotRegistered { redirects: *member == REDIRECTS, problem: format!("{member} {why}") };
            table.0.push(entry(key, node(value).map_err(wrong)?));
        }
    }
    let text = |text: &str| Node { value: Raw::Text(text.to_owned()), place: Place::File, spelling: None };
    if table.get("name").is_none() {
        table.0.push(entry("name", text(id.as_str())));
    }
    if let Some(secret) = secret {
        table.0.push(entry("secret_sha256", text(&bytes::to_hex(&secret))));
    }
    if let Some(sector) = sector {
        table.0.push(entry("sector", text(sector)));
    }
    let env = Environment::default();
    let cx = Context::new(&env, Path::new(""), Vec::new());
    let nothing = BTreeSet::new();
    let app = read_one(id, &Section::root(&cx, &table), access::Names { providers: &nothing, apps: &nothing });
    if let Some(fault) = cx.faults.into_inner().into_iter().next() {
        let redirects = fault.path.starts_with(REDIRECTS);
        return Err(NotRegistered { redirects, problem: format!("{} {}", fault.path, fault.problem) });
    }
    check(app.ok_or_else(|| NotRegistered::because("the metadata describe no app"))?)
}

/// What an operator may say of an app, and an app not of itself.
fn check(app: App) -> Result<App, NotRegistered> {
    let allowed = |grant: &GrantType| matches!(grant, GrantType::AuthorizationCode | GrantType::RefreshToken);
    if !app.grant_types.iter().all(allowed) {
        return Err(NotRegistered::because("grant_types may be authorization_code and refresh_token only"));
    }
    if app.redirect_uris.is_empty() {
        return Err(NotRegistered { redirects: true, problem: "redirect_uris is missing".into() });
    }
    if app.name.chars().count() > MAX_NAME || !written_name::is_plain(&app.name) {
        return Err(NotRegistered::because("client_name is too long, or has characters that nobody can see"));
    }
    let said = app.claims.values().flat_map(|claim| [Some(&claim.why), claim.keep.as_ref()]).flatten();
    if said.into_iter().any(|word| word.chars().count() > MAX_WORD || !written_name::is_plain(word)) {
        return Err(NotRegistered::because(
            "what vestibule_claims says is too long, or has characters that nobody can see",
        ));
    }
    Ok(app)
}

fn entry(key: &str, node: Node) -> Entry {
    Entry { key: key.to_owned(), place: Place::File, node }
}

/// A JSON value as the configuration would have it.
fn node(value: &Json) -> Result<Node, &'static str> {
    let raw = match value {
        Json::String(text) if text.len() > MAX_TEXT => return Err("is too long"),
        Json::String(text) => Raw::Text(text.clone()),
        Json::Bool(flag) => Raw::Flag(*flag),
        Json::Number(number) => number.as_i64().map_or(Raw::Other("a broken number"), Raw::Integer),
        Json::Array(items) if items.len() > MAX_ITEMS => return Err("has too many items"),
        Json::Array(items) => Raw::List(items.iter().map(node).collect::<Result<_, _>>()?),
        Json::Object(members) if members.len() > MAX_ITEMS => return Err("has too many members"),
        Json::Object(members) => {
            let entries = members.iter().map(|(key, value)| node(value).map(|node| entry(key, node)));
            Raw::Table(Table(entries.collect::<Result<_, _>>()?))
        }
        Json::Null => Raw::Other("null"),
    };
    Ok(Node { value: raw, place: Place::File, spelling: None })
}
