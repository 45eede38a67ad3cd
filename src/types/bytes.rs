//! Bytes as text: base64url without padding (RFC 7515, section 2), strictly, so that one value has one spelling.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Bytes to base64url without padding.
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends bytes to `out` as base64url without padding.
pub fn push_base64url(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// base64url without padding to bytes; `None` for padding, another alphabet or stray trailing bits.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

/// Bytes to lower-case hex.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Lower-case hex of 32 bytes, as a configuration names a SHA-256; `None` for anything else.
pub fn sha256_from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

/// Equal, in a time that depends on the lengths alone.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(from_base64url("AQI"), Some(vec![1, 2]));
        for other in ["AQI=", "AQJ", "AQI ", "AQ+", "AQ/I", "A"] {
            assert_eq!(from_base64url(other), None, "{other}");
        }
    }

    #[test]
    fn a_configured_hash_is_lower_case_hex_of_32_bytes() {
        let hash = sha256(b"secret");
        assert_eq!(sha256_from_hex(&to_hex(&hash)), Some(hash));
        assert_eq!(sha256_from_hex(&to_hex(&hash).to_uppercase()), None);
        assert_eq!(sha256_from_hex("ab"), None);
        assert_eq!(sha256_from_hex(&"+1".repeat(32)), None);
    }
}
