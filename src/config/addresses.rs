//! Addresses that we or people's browsers go to, as the configuration may name them.

use url::Url;

use super::{faults::quoted, value::Value};
use crate::types::urls::is_loopback;

/// What an entry may reach besides public https addresses: its own host and port, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// `allow_loopback`.
    pub loopback: bool,
}

impl Value<'_> {
    /// An absolute https address without user, password or fragment.
    pub fn url(&self, reach: Reach) -> Option<Url> {
        let text = self.text()?;
        let Ok(url) = Url::parse(text) else {
            self.fault(format!("{} is not an address", quoted(text)), "write one such as https://id.example.com/path");
            return None;
        };
        let loopback = url.host().is_some_and(|host| is_loopback(&host));
        let (problem, remedy) = match url.scheme() {
            _ if !url.username().is_empty() || url.password().is_some() => {
                ("has a user name or password in it", "remove what stands before the @")
            }
            _ if url.fragment().is_some() => ("has a fragment", "remove the # and what follows"),
            _ if url.host().is_none() => ("names no host", "write one such as https://id.example.com/path"),
            "http" if !loopback => ("is plain http", "write https; plain http is for loopback hosts only"),
            "https" | "http" if loopback && !reach.loopback => {
                ("is on loopback", "for tests and development, set allow_loopback = true in this section")
            }
            "https" | "http" => return Some(url),
            _ => ("is neither https nor http", "write an https address"),
        };
        self.fault(problem, remedy);
        None
    }

    /// The address of a page that people may read, on the web.
    pub fn page(&self) -> Option<Url> {
        self.url(Reach { loopback: true })
    }
}
