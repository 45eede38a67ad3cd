//! `[store]`: where records live.

use super::{StoreUrl, section::Section, value::Value};
use crate::types::SecretText;

const DEFAULT: &str = "vestibule.db";
const REMEDY: &str = "write sqlite:///absolute/path, sqlite://relative/path, redis://, rediss://, redis+sentinel:// or \
                      redis+cluster://";

pub(super) fn read(section: &Section<'_>) -> Option<StoreUrl> {
    match section.get("url") {
        None => Some(StoreUrl::Sqlite(section.cx.base.join(DEFAULT))),
        Some(value) => parse(&value),
    }
}

/// The address may hold a password, so no message repeats it.
fn parse(value: &Value<'_>) -> Option<StoreUrl> {
    const REDIS: [&str; 4] = ["redis", "rediss", "redis+sentinel", "redis+cluster"];
    let url = value.secret()?;
    let Some((scheme, rest)) = url.expose().split_once("://") else {
        value.fault("is not the address of a store", REMEDY);
        return None;
    };
    match scheme {
        "sqlite" if rest.is_empty() || rest.ends_with('/') || rest.contains(['?', '#']) || rest == ":memory:" => {
            value.fault("does not name a database file", "write sqlite:///absolute/path or sqlite://relative/path");
            None
        }
        "sqlite" => Some(StoreUrl::Sqlite(value.cx.base.join(rest))),
        _ if REDIS.contains(&scheme) && !rest.is_empty() => Some(StoreUrl::Redis(SecretText::new(url.expose()))),
        _ => {
            value.fault("is of no kind of store that is known here", REMEDY);
            None
        }
    }
}
