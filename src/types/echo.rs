//! What an app sends along and gets back unchanged: hostile input everywhere it is echoed, bounded in size.

use serde::{Deserialize, Serialize};

macro_rules! echoed {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most bytes that are taken.
            pub const MAX: usize = $max;

            /// Takes it in; `None` when it is too long to be kept in a cookie.
            pub fn new(text: &str) -> Option<Self> {
                (text.len() <= Self::MAX).then(|| Self(text.to_owned()))
            }

            /// As it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

echoed! {
    /// `state` of an app's request (RFC 6749, section 4.1.1).
    AppState, 1536
}
echoed! {
    /// `nonce` of an app's request (OpenID Connect Core, section 3.1.2.1).
    AppNonce, 512
}
