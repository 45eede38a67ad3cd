//! Reading the authorization response: hostile input that the browser carries (RFC 6749, section 4.1.2; RFC 9207).
//! Nothing of it is believed before provider, `state` and `iss` fit what was begun.

use super::{Callback, Held, UpstreamError};
use crate::types::{ProviderId, SecretText, bytes::constant_time_eq};

/// The most characters of a provider's text that reach a log line.
const SHOWN: usize = 100;

/// What is known of `iss` at this provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Iss {
    /// Its metadata announces the parameter: it must be there, in errors too.
    Announced,
    /// It may be there, and must then be right.
    Optional,
}

/// The code of an answer that belongs to what is held.
pub(super) fn code<'c>(
    me: &ProviderId,
    held: &Held,
    callback: &'c Callback,
    iss: Iss,
) -> Result<&'c SecretText, UpstreamError> {
    let invalid = |why: &str| Err(UpstreamError::Invalid(format!("authorization response: {why}")));
    if held.provider != *me {
        return invalid("begun at another provider");
    }
    if held.state.is_empty() || !constant_time_eq(held.state.as_bytes(), callback.state.as_bytes()) {
        return invalid("another state");
    }
    match (&callback.iss, &held.issuer) {
        (Some(given), Some(expected)) if given != expected => return invalid("another iss"),
        (None, _) if iss == Iss::Announced => return invalid("no iss"),
        _ => {}
    }
    if let Some(error) = &callback.error {
        return Err(refusal(error, callback.error_reason.as_deref()));
    }
    match &callback.code {
        Some(code) if !code.is_empty() => Ok(code),
        _ => invalid("neither code nor error"),
    }
}

/// What a provider's error code comes to. Some have words of their own for a person who said no: Facebook's reason
/// `user_denied`, Apple's `user_cancelled_authorize`, LinkedIn's `user_cancelled_login`.
pub(super) fn refusal(error: &str, reason: Option<&str>) -> UpstreamError {
    match error {
        "access_denied" | "user_denied" | "user_cancelled_authorize" | "user_cancelled_login" => {
            UpstreamError::Cancelled
        }
        _ if matches!(reason, Some("user_denied" | "cancel")) => UpstreamError::Cancelled,
        "temporarily_unavailable" | "server_error" => UpstreamError::Unavailable(error.into()),
        other => UpstreamError::Refused(cut(other)),
    }
}

/// Foreign text for a log line: escaped, and at most 100 characters of it.
pub(super) fn cut(text: &str) -> String {
    text.chars().flat_map(char::escape_default).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        Held {
            provider: "home".parse().unwrap(),
            state: "s-1".into(),
            nonce: None,
            verifier: None,
            issuer: Some("https://op.example".into()),
            begun: crate::types::Timestamp::default(),
            not_before: None,
            groups: false,
        }
    }

    fn answer(change: impl FnOnce(&mut Callback)) -> Callback {
        let mut callback = Callback {
            state: "s-1".into(),
            code: Some(SecretText::new("c-1")),
            iss: Some("https://op.example".into()),
            ..Callback::default()
        };
        change(&mut callback);
        callback
    }

    fn read(callback: &Callback, iss: Iss) -> Result<String, UpstreamError> {
        code(&"home".parse().unwrap(), &held(), callback, iss).map(|code| code.expose().to_owned())
    }

    #[test]
    fn iss_must_fit_before_anything_is_believed() {
        assert_eq!(read(&answer(|_| ()), Iss::Announced), Ok("c-1".into()));
        assert_eq!(read(&answer(|a| a.iss = None), Iss::Optional), Ok("c-1".into()));
        let invalid =
            |change: fn(&mut Callback), iss| matches!(read(&answer(change), iss), Err(UpstreamError::Invalid(_)));
        assert!(invalid(|a| a.iss = None, Iss::Announced));
        for other in
            ["https://op.example/", "https://OP.example", "https://evil.example", "", "https%3A%2F%2Fop.example"]
        {
            let foreign = answer(|a| a.iss = Some(other.into()));
            assert!(matches!(read(&foreign, Iss::Optional), Err(UpstreamError::Invalid(_))), "{other}");
        }
        let lying_error = |a: &mut Callback| {
            (a.error, a.iss) = (Some("access_denied".into()), Some("https://evil.example".into()));
        };
        assert!(invalid(lying_error, Iss::Optional), "an error of another issuer is no error of this one");
        assert!(invalid(|a| a.state = "s-2".into(), Iss::Optional));
        assert!(invalid(|a| a.state.clear(), Iss::Optional));
        assert!(invalid(|a| a.code = None, Iss::Optional));
        assert!(invalid(|a| a.code = Some(SecretText::new("")), Iss::Optional));
        let elsewhere = code(&"other".parse().unwrap(), &held(), &answer(|_| ()), Iss::Optional).map(drop);
        assert!(matches!(elsewhere, Err(UpstreamError::Invalid(_))));
    }

    #[test]
    fn every_way_to_say_no_is_a_no() {
        for (error, reason) in [
            ("access_denied", None),
            ("access_denied", Some("user_denied")),
            ("user_cancelled_authorize", None),
            ("user_cancelled_login", None),
            ("interaction_required", Some("cancel")),
        ] {
            assert_eq!(refusal(error, reason), UpstreamError::Cancelled, "{error}");
        }
        assert!(matches!(refusal("temporarily_unavailable", None), UpstreamError::Unavailable(_)));
        assert_eq!(refusal("invalid_scope", None), UpstreamError::Refused("invalid_scope".into()));
    }

    #[test]
    fn a_providers_words_are_cut_and_escaped() {
        let UpstreamError::Refused(shown) = refusal(&"\u{1b}[31m<b>\n".repeat(500), None) else { panic!("refused") };
        assert!(shown.len() <= SHOWN && shown.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{shown}");
    }
}
