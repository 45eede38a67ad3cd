//! `[keys]`: signing keys.

use std::time::Duration;

use super::{Keys, lifetimes::within, section::Section};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for Keys {
    fn default() -> Self {
        Self { rotate: 30 * DAY, jwks_max_age: 5 * MINUTE }
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Keys> {
    let default = Keys::default();
    let rotate = within(section, "rotate", default.rotate, MINUTE, 730 * DAY);
    let jwks_max_age = within(section, "jwks_max_age", default.jwks_max_age, Duration::from_secs(1), DAY);
    let keys = Keys { rotate: rotate?, jwks_max_age: jwks_max_age? };
    if keys.rotate < 2 * keys.jwks_max_age {
        section.fault(
            "rotate is shorter than twice jwks_max_age: a key would sign before verifiers know it",
            "make rotate longer, or jwks_max_age shorter",
        );
    }
    Some(keys)
}
