//! `[operator]`: who runs this place, for the privacy page.

use super::{Operator, section::Section};

pub(super) fn read(section: &Section<'_>) -> Operator {
    let text = |key| section.get(key).and_then(|value| value.text()).map(str::to_owned);
    Operator {
        name: text("name"),
        contact: text("contact"),
        country: text("country"),
        address: text("address"),
        authority: text("authority"),
    }
}
