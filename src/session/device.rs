//! What a browser is, in coarse words: enough for a person to know their own, too little to know one among many.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Browser and system, by family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `Firefox`.
    pub browser: String,
    /// `Windows`.
    pub system: String,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.browser, self.system)
    }
}
