//! Key derivation by label. Inputs are length-prefixed, so that no two lists of inputs give the same bytes.

use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

/// Appends each part with its length before it.
pub(super) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// HMAC-SHA-256 over length-prefixed parts.
pub(super) fn hmac_parts(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(key, &length_prefixed(parts)).as_ref());
    out
}

struct Length32;

impl hkdf::KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes; `None` only if the library refuses, which it does for longer outputs.
pub(super) fn hkdf32(salt: &[u8], material: &[&[u8]], info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let joined = Zeroizing::new(length_prefixed(material));
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&joined);
    let mut out = Zeroizing::new([0; 32]);
    prk.expand(&[info], Length32).ok()?.fill(out.as_mut_slice()).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_give_the_same_bytes() {
        assert_ne!(length_prefixed(&[b"ab", b"c"]), length_prefixed(&[b"a", b"bc"]));
        assert_ne!(length_prefixed(&[b"ab"]), length_prefixed(&[b"ab", b""]));
    }

    #[test]
    fn hkdf_agrees_with_rfc_5869_in_what_it_depends_on() {
        let one = hkdf32(b"salt", &[b"key"], b"info").unwrap();
        assert_eq!(*one, *hkdf32(b"salt", &[b"key"], b"info").unwrap());
        for other in [
            hkdf32(b"salT", &[b"key"], b"info"),
            hkdf32(b"salt", &[b"kez"], b"info"),
            hkdf32(b"salt", &[b"key"], b"infp"),
            hkdf32(b"salt", &[b"ke", b"y"], b"info"),
        ] {
            assert_ne!(*one, *other.unwrap());
        }
    }
}
