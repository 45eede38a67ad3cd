//! `[secrets]`: what seals, and what makes pseudonyms.

use super::{Secrets, secret_source::MAKE_ONE, section::Section};

pub(super) fn read(section: &Section<'_>) -> Option<Secrets> {
    let master = section.required("master", MAKE_ONE).and_then(|value| value.key());
    let pepper = section.get("pepper").map(|value| (value.key(), value));
    let others = section.get("accept");
    let accept = others.as_ref().map_or(Some(Vec::new()), |value| value.list(|value| value.key()));
    if let (Some((Some(key), value)), Some(master)) = (&pepper, &master)
        && key == master
    {
        value.fault("is the master, too: whoever learns one has both", MAKE_ONE);
    }
    if pepper.is_none()
        && let Some(others) = others
        && accept.as_ref().is_none_or(|accept| !accept.is_empty())
    {
        others.fault(
            "`accept` without `pepper`: with a new master the derived pepper would change, and everyone's `sub` with it",
            "keep the pepper of the master used so far: `vestibule init --pepper-of FILE` (the file of that master) \
             writes it to vestibule-pepper; then set pepper = { file = \"vestibule-pepper\" }",
        );
        return None;
    }
    let pepper = match pepper {
        Some((pepper, _)) => Some(pepper?),
        None => None,
    };
    Some(Secrets { master: master?, pepper, accept: accept? })
}
