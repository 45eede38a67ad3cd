//! `[fedcm]`: whether browsers may offer the accounts of this place by themselves.

use super::section::Section;

/// Off unless it is turned on.
pub(super) fn read(section: &Section<'_>) -> Option<bool> {
    section.flag("enabled", false)
}
