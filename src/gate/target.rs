//! Where a person goes back to after signing in: sealed, so that no return address is ever taken from a parameter, and
//! always at the registered origin.

use serde::{Deserialize, Serialize};

use crate::{
    seal::token,
    types::{AppId, gate::GateOrigin},
    web::House,
};

/// The longest address that is carried: it travels in headers, which proxies cut off at 4 or 8 KB.
const MAX: usize = 2048;

/// A path and query of one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "t")]
    target: String,
}

impl Target {
    /// The front page of an app.
    pub fn front(app: &AppId) -> Self {
        Self { app: app.clone(), target: "/".into() }
    }

    /// What was asked for. Of one that is too long to travel the path is kept, or the front page.
    pub fn of(app: &AppId, target: &str) -> Self {
        let path = target.split('?').next().unwrap_or("/");
        let fitting = [target, path].into_iter().find(|target| target.len() <= MAX && is_here(target));
        Self { app: app.clone(), target: fitting.unwrap_or("/").to_owned() }
    }

    /// As a text to carry.
    pub fn seal(&self, house: &House) -> String {
        house.sealer.hand_out(token::GATE_TARGET, self)
    }

    /// Reads [`Target::seal`]; the front page where it is not one of this app's.
    pub fn open(house: &House, app: &AppId, text: Option<&str>) -> Self {
        let opened = text.and_then(|text| house.sealer.take_back::<Self>(token::GATE_TARGET, text).ok());
        opened.filter(|target| target.app == *app && is_here(&target.target)).unwrap_or_else(|| Self::front(app))
    }

    /// The whole address.
    pub fn at(&self, origin: &GateOrigin) -> String {
        origin.at(&self.target)
    }
}

/// An absolute path that a header can carry.
fn is_here(target: &str) -> bool {
    target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_to_travel_loses_its_query_then_its_path() {
        let app: AppId = "wiki".parse().unwrap();
        let of = |target: &str| Target::of(&app, target).target;
        assert_eq!(of("/a/b?c=d&e"), "/a/b?c=d&e");
        assert_eq!(of(&format!("/a?{}", "x".repeat(MAX))), "/a");
        assert_eq!(of(&format!("/{}", "x".repeat(MAX))), "/");
        assert_eq!(of("https://evil.test/"), "/");
        assert_eq!(of("/a\r\nSet-Cookie:x"), "/");
    }

    /// With the origin before it, whatever a path looks like it stays there.
    #[test]
    fn it_is_always_at_the_origin() {
        let (app, origin): (AppId, GateOrigin) = ("wiki".parse().unwrap(), "https://wiki.test".parse().unwrap());
        for tricky in ["//evil.test/", "/\\evil.test", "/@evil.test", "/.evil.test", "/%2f%2fevil.test"] {
            let url = url::Url::parse(&Target::of(&app, tricky).at(&origin)).unwrap();
            assert_eq!(url.origin().ascii_serialization(), "https://wiki.test", "{tricky}");
        }
    }
}
