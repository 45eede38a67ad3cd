//! Claims for people: decoded, with a plain word for each.

use serde_json::{Map, Value};

use crate::types::{Timestamp, bytes};

/// A row of the table.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) gloss: &'static str,
}

/// Header and claims of a compact JWS (RFC 7515, section 3.1). It does not verify; the client library has done that.
pub(super) fn decode(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.').map(|part| {
        let bytes = bytes::from_base64url(part)?;
        serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
    });
    Some((parts.next()??, parts.next()??))
}

/// Claims as rows: first what is about the person, then what is about the token, then what nobody foresaw.
pub(super) fn rows(claims: &Map<String, Value>) -> Vec<Row> {
    let place = |name: &str| GLOSSES.iter().position(|(known, _)| *known == name).unwrap_or(GLOSSES.len());
    let mut present: Vec<_> = claims.iter().filter(|(_, value)| !value.is_null()).collect();
    present.sort_by_key(|(name, _)| place(name));
    present
        .into_iter()
        .map(|(name, value)| Row { name: name.clone(), value: show(name, value), gloss: gloss(name) })
        .collect()
}

fn show(name: &str, value: &Value) -> String {
    match (name, value) {
        ("iat" | "exp" | "nbf" | "auth_time", Value::Number(secs)) => {
            let at = secs.as_u64().map(|secs| Timestamp::from_secs(secs).rfc3339()).unwrap_or_default();
            format!("{secs} ({at})")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

fn gloss(name: &str) -> &'static str {
    GLOSSES.iter().find(|(known, _)| *known == name).map_or("", |(_, gloss)| gloss)
}

/// Claims and header parameters in plain words, in the order of the table.
const GLOSSES: [(&str, &str); 27] = [
    ("sub", "you, under a name that only this app has"),
    ("name", "your name"),
    ("given_name", "your first name"),
    ("family_name", "your last name"),
    ("preferred_username", "what you like to be called"),
    ("email", "your e-mail address"),
    ("email_verified", "whether someone checked that the address is yours"),
    ("picture", "your picture"),
    ("locale", "your language"),
    ("updated_at", "when this was last changed"),
    ("iss", "who says so: the broker"),
    ("aud", "whom it is for: this app"),
    ("azp", "who asked for it"),
    ("auth_time", "when you signed in"),
    ("iat", "when it was made"),
    ("nbf", "from when on it is good"),
    ("exp", "until when it is good"),
    ("nonce", "ties it to this one sign-in"),
    ("at_hash", "ties it to the access token"),
    ("sid", "your session at the broker, under a name that only this app has"),
    ("jti", "the name of this token"),
    ("acr", "how you signed in"),
    ("amr", "how you signed in"),
    ("alg", "the kind of signature"),
    ("kid", "which of the broker's keys signed it"),
    ("typ", "what kind of token it is"),
    ("client_id", "who asked for it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_takes_two_objects_and_nothing_else() {
        let (header, claims) = decode("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4IiwiZXhwIjoxfQ.c2ln").unwrap();
        assert_eq!(header.get("alg"), Some(&Value::from("RS256")));
        let rows = rows(&claims);
        let found: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.value.as_str())).collect();
        assert_eq!(found, [("sub", "x"), ("exp", "1 (1970-01-01T00:00:01Z)")]);
        for bad in ["", "e30", "e30.W10.x", "!.e30.x", "e30=.e30.x"] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
