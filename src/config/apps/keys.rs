//! `jwks` and `jwks_uri`: the keys that an app signs its own statements with (RFC 7591, section 2).

use std::sync::Arc;

use serde_json::Value as Json;

use crate::{
    config::{
        addresses::Reach,
        raw::{Node, Raw},
        section::Section,
        value::Value,
    },
    types::app_keys::{AppKeys, KeySource},
};

/// The keys of an app; `Some(None)` for one that has none.
#[expect(clippy::option_option, reason = "the outer one says whether there was a mistake, as in every reader")]
pub(super) fn read(section: &Section<'_>, loopback: bool) -> Option<Option<KeySource>> {
    let inline = section.get("jwks");
    let published = section.get("jwks_uri");
    if let (Some(_), Some(value)) = (&inline, &published) {
        value.fault("comes beside `jwks`", "write where the keys are once: `jwks` or `jwks_uri` (RFC 7591, section 2)");
        return None;
    }
    match (inline, published) {
        (Some(value), _) => set(&value).map(|keys| Some(KeySource::Inline(Arc::new(keys)))),
        (None, Some(value)) => value.url(Reach { loopback }).map(|url| Some(KeySource::Published(url))),
        (None, None) => Some(None),
    }
}

/// A set, as a table or as the text of a JSON document.
fn set(value: &Value<'_>) -> Option<AppKeys> {
    let set = match value.raw() {
        Raw::Text(text) => serde_json::from_str(text).unwrap_or(Json::Null),
        raw => json(raw),
    };
    AppKeys::parse(&set)
        .map_err(|problem| {
            value.fault(
                problem.to_string(),
                "write the public keys alone, such as jwks = { keys = [{ kty = \"EC\", crv = \"P-256\", x = \"…\", y = \
                 \"…\" }] }",
            );
        })
        .ok()
}

fn json(raw: &Raw) -> Json {
    let of = |node: &Node| json(&node.value);
    match raw {
        Raw::Text(text) => text.as_str().into(),
        Raw::Integer(number) => (*number).into(),
        Raw::Flag(flag) => (*flag).into(),
        Raw::List(items) => items.iter().map(of).collect(),
        Raw::Table(table) => table.0.iter().map(|entry| (entry.key.clone(), of(&entry.node))).collect(),
        Raw::Other(_) => Json::Null,
    }
}
