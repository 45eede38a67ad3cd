//! `[branding]`: how this place looks.

use super::{Branding, faults::quoted, section::Section, value::Value};

pub(super) fn read(section: &Section<'_>) -> Branding {
    Branding {
        name: section.get("name").and_then(|value| value.text()).map(str::to_owned),
        logo: section.get("logo").and_then(|value| value.file()),
        accent: section.get("accent").and_then(|value| colour(&value)),
    }
}

fn colour(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let is_colour =
        text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !is_colour {
        value.fault(format!("{} is not a colour", quoted(text)), r##"write one as "#rrggbb", such as "#1a73e8""##);
    }
    is_colour.then(|| text.to_owned())
}
