//! `[limits]`: how much one address or app may ask.

use std::{num::NonZeroU32, time::Duration};

use super::{Limits, Rate, faults::quoted, section::Section};

const MINUTE: Duration = Duration::from_secs(60);

impl Default for Limits {
    fn default() -> Self {
        let per_minute = |count| Rate { count, per: MINUTE };
        Self {
            enabled: true,
            per_address: per_minute(NonZeroU32::MIN.saturating_add(119)),
            per_app: per_minute(NonZeroU32::MIN.saturating_add(59)),
        }
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<Limits> {
    let default = Limits::default();
    let enabled = section.flag("enabled", default.enabled);
    let per_address = rate(section, "per_address", default.per_address);
    let per_app = rate(section, "per_app", default.per_app);
    Some(Limits { enabled: enabled?, per_address: per_address?, per_app: per_app? })
}

fn rate(section: &Section<'_>, key: &str, default: Rate) -> Option<Rate> {
    let Some(value) = section.get(key) else { return Some(default) };
    let text = value.text()?;
    let rate = parse(text);
    if rate.is_none() {
        value.fault(format!("{} is not a rate", quoted(text)), r#"write a number and s, m, h or d, such as "120/m""#);
    }
    rate
}

/// `"120/m"`.
fn parse(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let count = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse().ok())??;
    Some(Rate { count, per: Duration::from_secs(seconds) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_in_a_time() {
        let rate = |count, secs| Some(Rate { count: NonZeroU32::new(count).unwrap(), per: Duration::from_secs(secs) });
        assert_eq!(parse("120/m"), rate(120, 60));
        assert_eq!(parse("1/d"), rate(1, 86400));
        for bad in ["0/m", "-1/m", "+1/m", "1", "1/", "/m", "1/w", "1/m/m", "99999999999/m", "1.5/s", " 1/m"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
