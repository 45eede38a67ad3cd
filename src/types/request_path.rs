//! Paths of requests, read strictly: what a proxy, an app and we could read differently is no path at all
//! (SECURITY: AC-61). A path that decides who may pass has one reading, or the answer is no.

use std::{borrow::Cow, fmt};

use percent_encoding::percent_decode_str;

/// The longest path that is looked at, in bytes.
const MAX: usize = 8 * 1024;

/// A path with one reading: absolute, decoded once, without empty, dot or parameter segments.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestPath(String);

/// A path that could be read in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path can be read in more than one way: {0}")]
pub struct Ambiguous(&'static str);

impl RequestPath {
    /// From the target of a request: its query is cut off; there must be no fragment.
    ///
    /// # Errors
    /// [`Ambiguous`], with what about it.
    pub fn parse(target: &str) -> Result<Self, Ambiguous> {
        if target.len() > MAX {
            return Err(Ambiguous("it is too long"));
        }
        if target.contains('#') {
            return Err(Ambiguous("it has a fragment"));
        }
        let raw = target.split('?').next().unwrap_or_default();
        if !raw.starts_with('/') {
            return Err(Ambiguous("it is not absolute"));
        }
        if raw.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(Ambiguous("it has a control character or a space"));
        }
        let decoded = decode(raw)?;
        check(&decoded)?;
        Ok(Self(decoded.into_owned()))
    }

    /// The path, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestPath({:?})", self.0)
    }
}

/// Decodes once. What decodes to a delimiter, to an escape or to nothing printable means one thing here and another
/// there.
fn decode(raw: &str) -> Result<Cow<'_, str>, Ambiguous> {
    let mut rest = raw;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(digits) = digits else { return Err(Ambiguous("it has a broken escape")) };
        match u8::from_str_radix(digits, 16) {
            Ok(b'/' | b'\\' | b'%' | b'?' | b'#' | b';') => return Err(Ambiguous("it has an escaped delimiter")),
            Ok(0..=0x1f | 0x7f) => return Err(Ambiguous("it has an escaped control character")),
            _ => rest = after,
        }
    }
    percent_decode_str(raw).decode_utf8().map_err(|_| Ambiguous("it is not UTF-8"))
}

fn check(decoded: &str) -> Result<(), Ambiguous> {
    if decoded.contains('\\') {
        return Err(Ambiguous("it has a backslash"));
    }
    if decoded.contains(';') {
        return Err(Ambiguous("it has a path parameter"));
    }
    let mut segments = decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment.is_empty() && !last {
            return Err(Ambiguous("it has an empty segment"));
        }
        // Some servers cut dots and blanks from the end of a segment, which makes `.. ` a way up.
        let bare = segment.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        if bare.is_empty() && !segment.is_empty() {
            return Err(Ambiguous("it has a dot segment"));
        }
        if segment.chars().any(|c| c.is_control() || is_slash_like(c)) {
            return Err(Ambiguous("it has a character that looks like a delimiter"));
        }
    }
    Ok(())
}

/// Characters that a careless best-fit conversion turns into a delimiter.
const fn is_slash_like(c: char) -> bool {
    matches!(
        c,
        '\u{2044}'
            | '\u{2215}'
            | '\u{29f8}'
            | '\u{ff0f}'
            | '\u{ff3c}'
            | '\u{2216}'
            | '\u{2024}'
            | '\u{ff0e}'
            | '\u{2025}'
            | '\u{2026}'
    )
}

/// The start of paths that a rule means, at a segment's end: `/public` and `/public/` mean `/public/x`, never
/// `/publicity`; `/public/` does not mean `/public` itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrefix {
    path: RequestPath,
    /// The same in lower case, made once: rules are asked with every request.
    lower: String,
}

impl PathPrefix {
    /// From a rule.
    ///
    /// # Errors
    /// [`Ambiguous`]; a query is one, too.
    pub fn parse(text: &str) -> Result<Self, Ambiguous> {
        if text.contains('?') {
            return Err(Ambiguous("it has a query"));
        }
        let path = RequestPath::parse(text)?;
        let lower = path.as_str().to_lowercase();
        Ok(Self { path, lower })
    }

    /// The start of the paths, decoded.
    pub fn as_str(&self) -> &str {
        self.path.as_str()
    }

    /// Whether the path begins so, letter by letter: for rules that open something to everybody.
    pub fn opens(&self, path: &RequestPath) -> bool {
        begins(path.as_str(), self.path.as_str())
    }

    /// Whether an app could take the path for one that begins so, whatever the case of its letters: for rules that say
    /// who may pass, so that `/ADMIN` falls under the rule for `/admin`.
    pub fn covers(&self, path: &RequestPath) -> bool {
        begins(&path.as_str().to_lowercase(), &self.lower)
    }
}

fn begins(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_paths_have_one_reading() {
        for (target, path) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("/a?x=/public/../y", "/a"),
            ("/%61dmin", "/admin"),
            ("/caf%C3%A9", "/café"),
            ("/a.b/.well-known/x", "/a.b/.well-known/x"),
            ("/a%20b", "/a b"),
            ("/~u/-_.x:@!$&'()*+,=", "/~u/-_.x:@!$&'()*+,="),
        ] {
            assert_eq!(RequestPath::parse(target).map(|p| p.as_str().to_owned()), Ok(path.to_owned()), "{target}");
        }
    }

    #[test]
    fn tricks_have_none() {
        for trick in [
            "",
            "admin",
            "*",
            "http://x/admin",
            "/public/../admin",
            "/public/%2e%2e/admin",
            "/public/.%2e/admin",
            "/public/..;/admin",
            "/public;x=1/admin",
            "/public%2f..%2fadmin",
            "/public%2Fadmin",
            "/public\\..\\admin",
            "/public/%5c../admin",
            "//admin",
            "/public//admin",
            "/admin%00/public/",
            "/admin#/public/",
            "/admin%23/public/",
            "/admin%3f/public/",
            "/%2561dmin",
            "/%252e%252e/admin",
            "/%",
            "/%4",
            "/%zz",
            "/%u002e",
            "/a/./b",
            "/a/.",
            "/..",
            "/.",
            "/...",
            "/a/.. /b",
            "/a/..%20/b",
            "/a\tb",
            "/a b",
            "/%0aadmin",
            "/%ff",
            "/%c0%ae%c0%ae/admin",
            "/\u{ff0e}\u{ff0e}/admin",
            "/public\u{2215}admin",
            "/a%3bx",
            "/a\u{7f}",
            "/a%7f",
        ] {
            assert!(RequestPath::parse(trick).is_err(), "{trick:?}");
        }
        assert!(RequestPath::parse(&format!("/{}", "a".repeat(MAX))).is_err());
    }

    #[test]
    fn a_prefix_ends_at_a_segment() {
        let opens =
            |prefix: &str, path: &str| PathPrefix::parse(prefix).unwrap().opens(&RequestPath::parse(path).unwrap());
        for (prefix, path, fits) in [
            ("/public/", "/public/x", true),
            ("/public/", "/public/", true),
            ("/public/", "/public", false),
            ("/public", "/public", true),
            ("/public", "/public/x", true),
            ("/public", "/publicity", false),
            ("/", "/anything", true),
            ("/public/", "/PUBLIC/x", false),
            ("/public/", "/x/public/", false),
            ("/caf%C3%A9/", "/caf%c3%a9/x", true),
        ] {
            assert_eq!(opens(prefix, path), fits, "{prefix} {path}");
        }
        let admin = PathPrefix::parse("/admin").unwrap();
        assert!(admin.covers(&RequestPath::parse("/ADMIN/x").unwrap()));
        assert!(!admin.covers(&RequestPath::parse("/administrator").unwrap()));
    }

    proptest! {
        /// Whatever passes, an app that decodes again, resolves dots or merges slashes reads the same.
        #[test]
        fn what_passes_is_read_the_same_by_everyone(text in "/[a-zA-Z0-9%./;\\\\?#_ -]{0,40}") {
            if let Ok(path) = RequestPath::parse(&text) {
                let path = path.as_str();
                prop_assert!(!path.contains("//") && !path.contains('%') && !path.contains('\\') && !path.contains(';'));
                prop_assert!(path.split('/').all(|segment| segment != "." && segment != ".."));
                let url = url::Url::parse(&format!("http://h{}", text.split('?').next().unwrap())).unwrap();
                let read = percent_encoding::percent_decode_str(url.path()).decode_utf8().unwrap().into_owned();
                prop_assert_eq!(read, path);
            }
        }
    }
}
