//! Parameters of a request: the first of each name, and an empty one counts as absent.

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

/// Names and values from a query or a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// From `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &str) -> Self {
        Self::parse_bytes(text.as_bytes())
    }

    /// The same, from a body as it came.
    pub(crate) fn parse_bytes(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// From a body, then from the query: what some providers do with `POST`.
    pub(crate) fn of(request: &HttpRequest, body: &[u8]) -> Self {
        let mut all = Self::parse_bytes(body);
        all.0.extend(Self::parse(request.query_string()).0);
        all
    }

    /// The value, or nothing when it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The same, as an owned text that is empty when absent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
}

/// `Authorization: Basic`, both halves form-decoded (RFC 6749, section 2.3.1).
pub(crate) fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let value = authorization(request, "Basic")?;
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |half: &str| Params::parse(&format!("half={half}")).text("half");
    Some((decode(id), decode(secret)))
}

/// `Authorization: Bearer` (RFC 6750, section 2.1).
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    authorization(request, "Bearer")
}

/// What follows the scheme in `Authorization`.
pub(crate) fn authorization<'r>(request: &'r HttpRequest, scheme: &str) -> Option<&'r str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (found, rest) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn empty_is_absent_and_the_first_counts() {
        let params = Params::parse("a=1&a=2&b=&c=x%20y+z");
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (Some("1"), None, Some("x y z")));
    }

    #[test]
    fn basic_halves_are_form_decoded() {
        let value = format!("basic {}", STANDARD.encode("a%3Ab:c+d%2B"));
        let request = TestRequest::default().insert_header((header::AUTHORIZATION, value)).to_http_request();
        assert_eq!(basic(&request), Some(("a:b".into(), "c d+".into())));
        assert_eq!(bearer(&request), None);
    }
}
