//! A `client_id` that is the address of a document (Client ID Metadata Document, section 3): one spelling for one app.

use url::Url;

/// How each of them begins.
pub(super) const SCHEME: &str = "https://";

/// The longest.
const MAX: usize = 512;

/// Whether a text is one: https, with a host and a path, without user, fragment or dot segments, in its normal spelling,
/// since it is compared letter by letter from here on.
pub(super) fn is_one(text: &str) -> bool {
    if text.len() > MAX || !text.starts_with(SCHEME) {
        return false;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // The normal spelling has no dot segments, percent-encoded or not.
    plain && url.has_host() && url.path() != "/" && url.as_str() == text
}

/// Host, and port if it is unusual.
pub(super) fn host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_one_spelling() {
        for good in
            ["https://a.test/app.json", "https://a.test:8443/x", "https://a.test/x?v=1", "https://[2001:db8::1]/x"]
        {
            assert!(is_one(good), "{good}");
        }
        for bad in [
            "http://a.test/x",
            "https://a.test",
            "https://a.test/",
            "https://a.test/?x=1",
            "https://a.test/x#f",
            "https://a.test/x#",
            "https://u@a.test/x",
            "https://u:p@a.test/x",
            "https://@a.test/x",
            "https://a.test/./x",
            "https://a.test/y/../x",
            "https://a.test/%2e/x",
            "https://a.test/y/%2E%2e/x",
            "https://a.test/.%2e/x",
            "https://A.test/x",
            "HTTPS://a.test/x",
            "https://a.test:443/x",
            "https://a.test:/x",
            "https:/a.test/x",
            "https:///x",
            "https://a.test\\x",
            "https://a.test/x y",
            "https://\u{e4}.test/x",
            " https://a.test/x",
            "https://a.test/x\n",
            "https://0x7f.1/x",
        ] {
            assert!(!is_one(bad), "{bad:?}");
        }
        assert!(!is_one(&format!("https://a.test/{}", "x".repeat(500))));
    }
}
