//! What we hand out: an opaque text with a recognisable prefix that is a sealed value. It says nothing to who holds
//! it, two of them cannot be compared, and one kind is never taken for another.

use serde::{Serialize, de::DeserializeOwned};

use super::{Lock, OpenError, Place, Sealer};
use crate::types::bytes;

/// The kind of what is handed out, with the prefix by which secret scanners know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenKind {
    prefix: &'static str,
    label: &'static str,
}

/// An authorization code.
pub const CODE: TokenKind = TokenKind { prefix: "vst_c_", label: "code" };
/// A refresh token.
pub const REFRESH: TokenKind = TokenKind { prefix: "vst_r_", label: "refresh token" };
/// A device code.
pub const DEVICE: TokenKind = TokenKind { prefix: "vst_d_", label: "device code" };
/// What a device code gets its tokens for, once the person has said yes; handed to nobody in the open.
pub const DEVICE_GRANT: TokenKind = TokenKind { prefix: "", label: "device grant" };
/// The locator inside an access token.
pub const ACCESS: TokenKind = TokenKind { prefix: "", label: "access token" };
/// The session cookie.
pub const SESSION: TokenKind = TokenKind { prefix: "vst_s_", label: "session cookie" };
/// The cookie of a gated host.
pub const GATE: TokenKind = TokenKind { prefix: "vst_g_", label: "gate cookie" };
/// The cookie that only the browser itself sends (FedCM).
pub const FEDCM: TokenKind = TokenKind { prefix: "vst_f_", label: "fedcm cookie" };
/// What a window of the browser goes on with (FedCM).
pub const FEDCM_ASK: TokenKind = TokenKind { prefix: "", label: "fedcm request" };
/// A sign-in of a gated host on its way, in a cookie.
pub const GATE_ATTEMPT: TokenKind = TokenKind { prefix: "", label: "gate attempt" };
/// Where a gated host takes a person back to.
pub const GATE_TARGET: TokenKind = TokenKind { prefix: "", label: "gate target" };
/// The cookie of an attempt.
pub const ATTEMPT: TokenKind = TokenKind { prefix: "", label: "attempt cookie" };
/// A form token against cross-site request forgery.
pub const FORM: TokenKind = TokenKind { prefix: "", label: "form token" };
/// The parameters of a provider's `form_post` answer, on their way to the callback.
pub const PARKED: TokenKind = TokenKind { prefix: "", label: "parked callback" };
/// A nonce for proofs of possession (RFC 9449, section 8).
pub const NONCE: TokenKind = TokenKind { prefix: "", label: "dpop nonce" };
/// What the page after signing out is to do.
pub const FAREWELL: TokenKind = TokenKind { prefix: "", label: "farewell" };
/// A note for the next page, in a cookie.
pub const FLASH: TokenKind = TokenKind { prefix: "", label: "flash cookie" };

/// The longest token that is looked at; longer ones are refused before any work.
const MAX_TEXT: usize = 8192;

impl Sealer {
    /// Seals `value` into a text to hand out.
    pub fn hand_out<T: Serialize>(&self, kind: TokenKind, value: &T) -> String {
        // What did not serialise would open nowhere.
        let sealed = self.seal_value(Place::of(kind.label, b""), Lock::Master, value).unwrap_or_default();
        let mut text = kind.prefix.to_owned();
        bytes::push_base64url(&sealed, &mut text);
        text
    }

    /// Opens what [`Sealer::hand_out`] made for the same kind.
    ///
    /// # Errors
    /// [`OpenError`] for anything else: another kind, another spelling, cut, changed or foreign.
    pub fn take_back<T: DeserializeOwned>(&self, kind: TokenKind, text: &str) -> Result<T, OpenError> {
        if text.len() > MAX_TEXT {
            return Err(OpenError);
        }
        let sealed = text.strip_prefix(kind.prefix).and_then(bytes::from_base64url).ok_or(OpenError)?;
        self.open_value(Place::of(kind.label, b""), Lock::Master, &sealed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::{Secret32, SystemRandom};

    fn sealer() -> Sealer {
        Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom))
    }

    #[test]
    fn a_token_opens_as_its_own_kind_only() {
        let sealer = sealer();
        let kinds = [
            CODE,
            REFRESH,
            DEVICE,
            DEVICE_GRANT,
            ACCESS,
            SESSION,
            GATE,
            GATE_ATTEMPT,
            GATE_TARGET,
            ATTEMPT,
            FORM,
            PARKED,
            NONCE,
            FAREWELL,
            FLASH,
        ];
        for kind in kinds {
            let text = sealer.hand_out(kind, &("P", 7));
            for other in kinds {
                let opened = sealer.take_back::<(String, u32)>(other, &text);
                assert_eq!(opened.is_ok(), other == kind, "{kind:?} as {other:?}");
                let bare = text.trim_start_matches(kind.prefix);
                let dressed = format!("{}{bare}", other.prefix);
                assert_eq!(sealer.take_back::<(String, u32)>(other, &dressed).is_ok(), other == kind);
            }
        }
    }

    #[test]
    fn one_token_has_one_spelling() {
        let sealer = sealer();
        let text = sealer.hand_out(CODE, &"x");
        assert!(sealer.take_back::<String>(CODE, &text).is_ok());
        for n in 0..text.len() {
            assert!(sealer.take_back::<String>(CODE, text.split_at(n).0).is_err());
        }
        for other in [format!("{text}A"), format!("{text}="), text.to_uppercase(), format!(" {text}")] {
            assert!(sealer.take_back::<String>(CODE, &other).is_err());
        }
        let last = text.chars().last().unwrap();
        for c in ('A'..='Z').chain('a'..='z').chain('0'..='9').filter(|c| *c != last) {
            let changed = format!("{}{c}", text.split_at(text.len() - 1).0);
            assert!(sealer.take_back::<String>(CODE, &changed).is_err());
        }
    }
}
