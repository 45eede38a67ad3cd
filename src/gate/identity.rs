//! The headers that tell an app who asks. Each answer that lets a request through carries all of them, empty where there
//! is nothing to say, so that whatever a client sent under these names is overwritten.

use actix_web::{
    HttpResponseBuilder,
    http::header::{self, HeaderName, HeaderValue},
};

use crate::{
    config::Gate,
    types::{Claim, Claims, gate},
};

/// The longest value of one header, in bytes; a longer one is left empty.
const MAX_VALUE: usize = 1024;

static AUTH: HeaderName = HeaderName::from_static(gate::AUTH);
static JWT: HeaderName = HeaderName::from_static(gate::JWT);

/// How a request came to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody who signed in.
    User,
    /// A program.
    Machine,
    /// Anyone.
    Anonymous,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
            Self::Anonymous => "anonymous",
        }
    }
}

/// The headers of one identity, ready to be sent.
#[derive(Clone, Debug)]
pub struct Identity(Vec<(HeaderName, HeaderValue)>);

/// What goes into them.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Who, as the app knows them.
    pub user: String,
    /// Their address.
    pub email: String,
    /// Whether their provider verified it.
    pub is_verified: bool,
    /// What they are called.
    pub name: String,
    /// Their groups, joined by commas.
    pub groups: String,
    /// The signed assertion of it all.
    pub jwt: String,
}

impl Facts {
    /// From what the app may see. What does not fit a header is left out.
    pub fn of(user: &str, seen: &Claims) -> Self {
        let text = |claim| fitting(seen.text(claim).unwrap_or_default()).unwrap_or_default().to_owned();
        Self {
            user: user.to_owned(),
            email: text(Claim::Email),
            is_verified: seen.get(Claim::EmailVerified) == Some(&serde_json::Value::Bool(true)),
            name: text(Claim::Name),
            groups: groups(seen).join(","),
            jwt: String::new(),
        }
    }
}

/// The groups that fit into one header together. One that contains what joins them would be two.
pub fn groups(seen: &Claims) -> Vec<&str> {
    let all = seen.get(Claim::Groups).and_then(serde_json::Value::as_array).into_iter().flatten();
    let mut room = MAX_VALUE;
    all.filter_map(serde_json::Value::as_str)
        .filter(|name| !name.contains(',') && fitting(name).is_some())
        .filter(|name| {
            let fits = name.len() < room;
            room -= if fits { name.len() + 1 } else { 0 };
            fits
        })
        .collect()
}

/// A text that a header carries as it is: no control character, nothing around it that a proxy would take away.
pub fn fitting(text: &str) -> Option<&str> {
    let fits = text.len() <= MAX_VALUE && !text.chars().any(char::is_control) && text.trim() == text;
    fits.then_some(text)
}

impl Identity {
    /// Under the names that the operator chose. An address that nobody verified is left out unless they want it: a header
    /// cannot say so, and apps take it for who somebody is.
    pub fn new(gate: Gate, kind: Kind, facts: &Facts) -> Self {
        let names = gate.headers.names();
        let email = if facts.is_verified || gate.unverified_email { facts.email.as_str() } else { "" };
        let values = [&facts.user, email, &facts.name, &facts.groups];
        let named = names.map(HeaderName::from_static).into_iter().zip(values.map(value));
        let mut all: Vec<(HeaderName, HeaderValue)> = named.collect();
        all.push((AUTH.clone(), HeaderValue::from_static(kind.as_str())));
        all.push((JWT.clone(), value(&facts.jwt)));
        if gate.authorization_bearer {
            let bearer = if facts.jwt.is_empty() { String::new() } else { format!("Bearer {}", facts.jwt) };
            all.push((header::AUTHORIZATION, value(&bearer)));
        }
        Self(all)
    }

    /// Puts them on an answer.
    pub fn send(&self, response: &mut HttpResponseBuilder) {
        for (name, value) in &self.0 {
            response.insert_header((name.clone(), value.clone()));
        }
    }
}

/// Other than ASCII goes out as UTF-8.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::GateHeaders;

    fn sent(gate: Gate, facts: &Facts) -> Vec<(String, String)> {
        let all = Identity::new(gate, Kind::User, facts).0;
        let text = |value: HeaderValue| String::from_utf8(value.as_bytes().to_vec()).unwrap();
        all.into_iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    #[test]
    fn every_header_is_there_whatever_is_known() {
        for gate in [Gate::default(), Gate { headers: GateHeaders::XAuthRequest, ..Gate::default() }] {
            let names: Vec<String> = sent(gate, &Facts::default()).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names.len(), 6, "{names:?}");
        }
        let with_bearer = Gate { authorization_bearer: true, ..Gate::default() };
        assert!(sent(with_bearer, &Facts::default()).contains(&("authorization".into(), String::new())));
    }

    #[test]
    fn what_no_header_can_carry_is_left_out() {
        let mut seen = Claims::default();
        seen.insert(Claim::Name, json!("Ada\r\nRemote-User: root"));
        seen.insert(Claim::Email, json!(format!("{}@example.org", "a".repeat(2000))));
        seen.insert(Claim::EmailVerified, json!(true));
        seen.insert(Claim::Groups, json!(["ops", "a,b", "x\ny", " padded", "ops two", "g".repeat(1100)]));
        let facts = Facts::of("sub", &seen);
        assert_eq!((facts.name.as_str(), facts.email.as_str(), facts.groups.as_str()), ("", "", "ops,ops two"));
        seen.insert(Claim::Name, json!("Åda Lövelace"));
        let headers = sent(Gate::default(), &Facts::of("sub", &seen));
        assert!(headers.contains(&("remote-name".into(), "Åda Lövelace".into())));
    }

    /// C-75: an address that a provider did not verify is anybody's who writes it into their profile there.
    #[test]
    fn an_address_is_named_only_if_it_is_verified() {
        let mut seen = Claims::default();
        seen.insert(Claim::Email, json!("ada@example.org"));
        let whole = ("remote-email".to_owned(), "ada@example.org".to_owned());
        let names = |gate, seen: &Claims| sent(gate, &Facts::of("sub", seen)).contains(&whole);
        let wanted = Gate { unverified_email: true, ..Gate::default() };
        assert!(!names(Gate::default(), &seen) && names(wanted, &seen));
        for verified in [json!(false), json!("true"), json!(true)] {
            seen.insert(Claim::EmailVerified, verified.clone());
            assert_eq!((names(Gate::default(), &seen), names(wanted, &seen)), (verified == json!(true), true));
        }
    }

    #[test]
    fn groups_together_fit_one_header() {
        let mut seen = Claims::default();
        let many: Vec<String> = (0..100).map(|n| format!("group-number-{n:03}")).collect();
        seen.insert(Claim::Groups, json!(many));
        let joined = groups(&seen).join(",");
        assert!(joined.len() <= MAX_VALUE && joined.len() > 900, "{}", joined.len());
    }
}
