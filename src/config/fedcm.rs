//! `[fedcm]`: whether browsers may offer the accounts of this place by themselves.

use super::section::Section;

/// Off unless it is turned on.
pub(super) fn read(section: &Section<'_>) -> Option<bool> {
    section.get("enabled").map_or(Some(false), |value| value.flag())
}
