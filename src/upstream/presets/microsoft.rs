//! Microsoft: many tenants behind one door. An account is a tenant and an object in it; an address is whatever the
//! tenant's administrator typed, unless `xms_edov` says that its domain was verified ("nOAuth").

use serde_json::Value;
use url::Url;

use super::{BuildError, Parts, issuer};
use crate::upstream::{
    Begin, UpstreamError, UpstreamSubject,
    authorize::{self, Parameter},
    metadata::{Issuers, is_guid},
    oidc::{Documents, OidcProvider, Person, Quirks, Tells},
    profile,
};

const AUTHORITY: &str = "https://login.microsoftonline.com";
/// The tenant of all personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

pub(super) fn provider(parts: Parts<'_>, tenant: &str, base: Option<&Url>) -> Result<OidcProvider, BuildError> {
    let authority = issuer(AUTHORITY, base);
    let mut at = Url::parse(&authority).map_err(|_| parts.bad_address())?;
    at.path_segments_mut().map_err(|()| parts.bad_address())?.clear().push(tenant).push("v2.0");
    let admits = Tenants::of(tenant);
    let quirks = Quirks {
        parameters,
        // An optional claim there; `prompt=login` itself is honoured.
        states_auth_time: false,
        // It signs people out by their browsers alone.
        tells: Tells::Nothing,
        read: Box::new(move |documents| read(documents, &admits)),
        ..Quirks::none(Issuers::Tenants(authority))
    };
    parts.discovered("microsoft", at.as_str(), quirks)
}

/// `login_hint` and `select_account` exclude each other there.
fn parameters(begin: &Begin) -> Vec<Parameter> {
    let begin = Begin {
        login_hint: begin.login_hint.clone().filter(|_| !begin.select_account),
        select_account: begin.select_account && !authorize::wants_login(begin),
        ..begin.clone()
    };
    authorize::standard(&begin)
}

/// Whose accounts the configured `tenant` admits.
enum Tenants {
    /// `common`.
    All,
    /// `organizations`: no personal accounts.
    Work,
    /// One, by its id.
    One(String),
    /// A domain: the issuer that discovery states for it names the one tenant.
    OfIssuer,
}

impl Tenants {
    fn of(tenant: &str) -> Self {
        match tenant {
            "common" => Self::All,
            "organizations" => Self::Work,
            "consumers" => Self::One(CONSUMERS.to_owned()),
            guid if is_guid(guid) => Self::One(guid.to_ascii_lowercase()),
            _ => Self::OfIssuer,
        }
    }

    fn admits(&self, tid: &str) -> bool {
        match self {
            Self::All | Self::OfIssuer => true,
            Self::Work => tid != CONSUMERS,
            Self::One(tenant) => tid == tenant,
        }
    }
}

fn read(documents: &Documents<'_>, admits: &Tenants) -> Result<Person, UpstreamError> {
    let guid = |name: &str| {
        let text = documents.token.get(name).and_then(Value::as_str).filter(|text| is_guid(text));
        text.map(str::to_ascii_lowercase).ok_or_else(|| UpstreamError::Invalid(format!("ID token: {name}")))
    };
    let (tid, oid) = (guid("tid")?, guid("oid")?);
    if !admits.admits(&tid) {
        return Err(UpstreamError::NotAllowed("the account is of another tenant"));
    }
    // Both have one length, so that the joined text has one reading.
    let subject = UpstreamSubject::new(format!("{tid}.{oid}"));
    let subject = subject.ok_or_else(|| UpstreamError::Invalid("ID token: tid and oid".into()))?;
    let mut claims = documents.claims.clone();
    profile::set_email_verified(&mut claims, documents.token.get("xms_edov").is_some_and(is_true));
    Ok(Person { subject, claims, hosted_domain: None })
}

/// `xms_edov` was seen as `true`, `1` and `"1"`, and once `"true"`.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(said) => *said,
        Value::Number(number) => number.as_u64() == Some(1),
        Value::String(text) => text == "1" || text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}
