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

/// Claims as rows, in the order of the document.
pub(super) fn rows(claims: &Map<String, Value>) -> Vec<Row> {
    let present = claims.iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| Row { name: name.clone(), value: show(name, value), gloss: gloss(name) }).collect()
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
    match name {
        "iss" => "who says so: the broker",
        "sub" => "you, under a name that only this app has",
        "aud" => "whom it is for: this app",
        "azp" => "who asked for it",
        "exp" => "until when it is good",
        "iat" => "when it was made",
        "nbf" => "from when on it is good",
        "auth_time" => "when you signed in",
        "nonce" => "ties it to this one sign-in",
        "at_hash" => "ties it to the access token",
        "sid" => "your session at the broker, under a name that only this app has",
        "jti" => "the name of this token",
        "acr" | "amr" => "how you signed in",
        "email" => "your e-mail address",
        "email_verified" => "whether someone checked that the address is yours",
        "name" => "your name",
        "given_name" => "your first name",
        "family_name" => "your last name",
        "preferred_username" => "what you like to be called",
        "picture" => "your picture",
        "locale" => "your language",
        "updated_at" => "when this was last changed",
        "alg" => "the kind of signature",
        "kid" => "which of the broker's keys signed it",
        "typ" => "what kind of token it is",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_takes_two_objects_and_nothing_else() {
        let (header, claims) = decode("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4IiwiZXhwIjoxfQ.c2ln").unwrap();
        assert_eq!(header.get("alg"), Some(&Value::from("RS256")));
        let rows = rows(&claims);
        assert!(rows.iter().any(|row| row.name == "exp" && row.value == "1 (1970-01-01T00:00:01Z)"));
        for bad in ["", "e30", "e30.W10.x", "!.e30.x", "e30=.e30.x"] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
