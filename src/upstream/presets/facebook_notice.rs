//! Facebook's `signed_request`: base64url of an HMAC, a dot, base64url of JSON. It names no recipient: whoever shares
//! the app's secret takes it, so each address of ours stands for one app.

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::{
    types::{Timestamp, bytes::from_base64url, json::Members},
    upstream::{
        fetch::Object,
        jws,
        notice::{self, Fault, News, Notice, REMEMBERED, Unheard, Word, malformed},
    },
};

/// The longest one that is looked at, in bytes.
const MAX: usize = 4096;

/// Verifies one that came to the address of `kind`.
pub(super) fn verify(
    kind: &str,
    word: Word,
    signed_request: &str,
    secret: &str,
    namespace: &str,
    now: Timestamp,
) -> Result<Notice, Unheard> {
    let (payload, said) = read(signed_request, secret)?;
    let issued = jws::time(&said, "issued_at").ok().flatten().ok_or(malformed("issued_at"))?;
    let issued = notice::in_time(issued, now, REMEMBERED)?;
    let whom = Some(notice::subject(said.get("user_id"))?);
    // It has no name of its own; but it is signed whole, so its text is one.
    let name = notice::name(&[b"facebook", namespace.as_bytes(), kind.as_bytes(), payload.as_bytes()]);
    Ok(Notice { name, issued, news: vec![News { whom, word }] })
}

/// What is signed, as it came and as it reads.
fn read<'r>(signed_request: &'r str, secret: &str) -> Result<(&'r str, Object), Unheard> {
    let whole = Some(signed_request).filter(|text| text.len() <= MAX);
    let (signature, payload) = whole.and_then(|text| text.split_once('.')).ok_or(malformed("not a signed request"))?;
    let signature = unpadded(signature).ok_or(malformed("not a signed request"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    // In constant time. An empty secret would be everybody's.
    if secret.is_empty() || hmac::verify(&key, payload.as_bytes(), &signature).is_err() {
        return Err(Fault::AuthenticationFailed.because("the signature does not verify"));
    }
    let said = unpadded(payload).and_then(|json| Members::read(&json));
    let said = said.ok_or(malformed("not a signed request"))?;
    let named = said.get("algorithm").and_then(Value::as_str);
    if !named.is_some_and(|alg| alg.eq_ignore_ascii_case("HMAC-SHA256")) {
        return Err(Fault::InvalidKey.because("signed with another algorithm"));
    }
    Ok((payload, said))
}

/// Facebook sends none, but says nothing of it: padding is taken.
fn unpadded(text: &str) -> Option<Vec<u8>> {
    from_base64url(text.trim_end_matches('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facebook's own example, and one with all members.
    const CLASSIC: &str = "vlXgu64BQGFSQrY0ZcJBZASMvYvTHu9GQ0YM9rjPSso.\
                           eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsIjAiOiJwYXlsb2FkIn0";
    const WHOLE: &str = "fFFF5_a2UYgYssqC5gFG1KdKdEMQfcey4r5q9NaiJJM.\
                         eyJ1c2VyX2lkIjoiMjE4NDcxIiwiYWxnb3JpdGhtIjoiSE1BQy1TSEEyNTYiLCJpc3N1ZWRfYXQiOjEyOTE4MzY4MDAsImV4cGly\
                         ZXMiOjEyOTE4NDA0MDB9";
    const ISSUED: Timestamp = Timestamp::from_secs(1_291_836_800);

    fn verified(text: &str, now: Timestamp) -> Result<Notice, Unheard> {
        verify("deletion", Word::Gone, text, "app-secret-0123", "facebook", now)
    }

    #[test]
    fn known_signatures_verify() {
        let (_, said) = read(CLASSIC, "secret").unwrap();
        assert_eq!(said.get("0").and_then(Value::as_str), Some("payload"));
        let notice = verified(WHOLE, ISSUED.plus(std::time::Duration::from_secs(3600))).unwrap();
        assert_eq!(notice.issued, ISSUED);
        let [News { whom: Some(whom), word: Word::Gone }] = notice.news.as_slice() else { panic!("{notice:?}") };
        assert_eq!(whom.expose(), "218471");
    }

    #[test]
    fn others_do_not() {
        let (signature, payload) = WHOLE.split_once('.').unwrap();
        let fault = |text: &str, now| match verified(text, now) {
            Err(Unheard::Wrong { fault, .. }) => fault,
            other => panic!("{text}: {other:?}"),
        };
        assert!(matches!(read(WHOLE, "another"), Err(Unheard::Wrong { fault: Fault::AuthenticationFailed, .. })));
        for text in ["", ".", "a", &format!("{signature}.{payload}x"), &format!(".{payload}"), &"x".repeat(5000)] {
            fault(text, ISSUED);
        }
        assert_eq!(fault(WHOLE, ISSUED.minus(std::time::Duration::from_secs(120))), Fault::InvalidRequest, "to come");
        assert_eq!(fault(WHOLE, ISSUED.plus(REMEMBERED.saturating_mul(2))), Fault::InvalidRequest, "too old");
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"app-secret-0123");
        for (said, expected) in [
            (r#"{"user_id":"1","algorithm":"none","issued_at":1291836800}"#, Fault::InvalidKey),
            (r#"{"user_id":"1","issued_at":1291836800}"#, Fault::InvalidKey),
            (r#"{"user_id":1,"algorithm":"hmac-sha256","issued_at":1291836800}"#, Fault::InvalidRequest),
            (r#"{"user_id":"1","algorithm":"HMAC-SHA256"}"#, Fault::InvalidRequest),
            ("[]", Fault::InvalidRequest),
        ] {
            let payload = crate::types::bytes::to_base64url(said.as_bytes());
            let signature = crate::types::bytes::to_base64url(hmac::sign(&key, payload.as_bytes()).as_ref());
            assert_eq!(fault(&format!("{signature}.{payload}"), ISSUED), expected, "{said}");
        }
        let empty = read(CLASSIC, "");
        assert!(empty.is_err());
    }

    #[test]
    fn each_address_and_each_namespace_hears_for_itself() {
        let name =
            |kind, namespace| verify(kind, Word::Gone, WHOLE, "app-secret-0123", namespace, ISSUED).unwrap().name;
        assert_eq!(name("deletion", "facebook"), name("deletion", "facebook"));
        assert_ne!(name("deletion", "facebook"), name("deauthorize", "facebook"));
        assert_ne!(name("deletion", "facebook"), name("deletion", "other"));
    }
}
