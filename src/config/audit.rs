//! `[audit]`: where the stream of decisions goes.

use std::path::PathBuf;

use super::section::Section;

pub(super) fn read(section: &Section<'_>) -> Option<PathBuf> {
    section.get("file").and_then(|value| value.output_file())
}
