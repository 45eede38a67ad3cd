//! `[log]`: what is logged, and how.

use super::{Log, section::Section};

impl Default for Log {
    fn default() -> Self {
        Self { json: false, level: "info".into() }
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Log> {
    const LEVELS: [(&str, &str); 5] =
        [("error", "error"), ("warn", "warn"), ("info", "info"), ("debug", "debug"), ("trace", "trace")];
    let default = Log::default();
    let json =
        section.get("format").map_or(Some(default.json), |value| value.one_of(&[("text", false), ("json", true)]));
    let level = section.get("level").map_or(Some(default.level), |value| value.one_of(&LEVELS).map(str::to_owned));
    Some(Log { json: json?, level: level? })
}
