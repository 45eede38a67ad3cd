use serde_json::Value;

use super::Words;
use crate::types::{Claim, Timestamp};

/// The value of a claim as a person reads it.
pub(super) fn in_words(claim: Claim, value: &Value, t: &Words<'_>) -> String {
    match (claim, value) {
        (_, Value::Bool(true)) => t.say("value-yes"),
        (_, Value::Bool(false)) => t.say("value-no"),
        (Claim::UpdatedAt, Value::Number(seconds)) => {
            let at = Timestamp::from_secs(seconds.as_u64().unwrap_or_default()).rfc3339();
            at.split('T').next().unwrap_or_default().to_owned()
        }
        _ => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter()),
        // An address (OpenID Connect Core, section 5.1.1).
        Value::Object(members) => match members.get("formatted").and_then(Value::as_str) {
            Some(formatted) => formatted.to_owned(),
            None => joined(members.values()),
        },
        other => other.to_string(),
    }
}

fn joined<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(plain).collect::<Vec<_>>().join(", ")
}
