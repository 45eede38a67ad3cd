//! `kind = "…"`: which further keys a provider has, and what they become.

use url::Url;

use super::{endpoints, optional, service_account};
use crate::{
    config::{ProviderKind, addresses::Reach, faults::quoted, section::Section, value::Value},
    types::{SecretText, urls::is_loopback},
};

/// A kind by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KindName {
    Google,
    Facebook,
    Github,
    Microsoft,
    Apple,
    Gitlab,
    Oidc,
    Oauth2,
}

use KindName::{Apple, Facebook, Github, Gitlab, Google, Microsoft, Oauth2, Oidc};

/// Keys that only some kinds have.
const SPECIAL: [(&str, &[KindName]); 15] = [
    ("risc_service_account", &[Google]),
    ("issuer", &[Google, Facebook, Github, Microsoft, Apple, Gitlab, Oidc]),
    ("id_token_signed_response_alg", &[Google, Microsoft, Apple, Gitlab, Oidc]),
    ("groups_claim", &[Google, Microsoft, Apple, Gitlab, Oidc]),
    ("hosted_domain", &[Google]),
    ("graph_version", &[Facebook]),
    ("tenant", &[Microsoft]),
    ("team_id", &[Apple]),
    ("key_id", &[Apple]),
    ("private_key", &[Apple]),
    ("authorization_endpoint", &[Oauth2]),
    ("token_endpoint", &[Oauth2]),
    ("userinfo_endpoint", &[Oauth2]),
    ("audience_check", &[Oauth2]),
    ("claims", &[Oauth2]),
];

impl KindName {
    pub const ALL: [Self; 8] = [Google, Facebook, Github, Microsoft, Apple, Gitlab, Oidc, Oauth2];

    pub const fn as_str(self) -> &'static str {
        match self {
            Google => "google",
            Facebook => "facebook",
            Github => "github",
            Microsoft => "microsoft",
            Apple => "apple",
            Gitlab => "gitlab",
            Oidc => "oidc",
            Oauth2 => "oauth2",
        }
    }

    /// What people call a provider of this kind; the general kinds have no name of their own.
    pub const fn title(self) -> Option<&'static str> {
        match self {
            Google => Some("Google"),
            Facebook => Some("Facebook"),
            Github => Some("GitHub"),
            Microsoft => Some("Microsoft"),
            Apple => Some("Apple"),
            Gitlab => Some("GitLab"),
            Oidc | Oauth2 => None,
        }
    }

    pub const fn has_id_token(self) -> bool {
        matches!(self, Google | Microsoft | Apple | Gitlab | Oidc)
    }

    /// Apple gives ID tokens without the scope.
    pub const fn needs_openid(self) -> bool {
        matches!(self, Google | Microsoft | Gitlab | Oidc)
    }

    /// Reads the keys of this kind; refuses those of the others.
    pub fn details(self, section: &Section<'_>, allow_loopback: bool, allow_private: bool) -> Option<ProviderKind> {
        for (key, kinds) in SPECIAL.iter().filter(|(_, kinds)| !kinds.contains(&self)) {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
            let problem = format!("means nothing for kind = \"{}\"", self.as_str());
            section.refuse(key, &problem, &format!("remove it; it is for {}", kinds.join(", ")));
        }
        let reach = Reach { loopback: allow_loopback };
        let base = || optional(section.get("issuer").map(|value| moved(&value, reach, allow_private)));
        match self {
            Google => {
                let domain = optional(section.get("hosted_domain").map(|value| domain(&value)));
                let account = section.get("risc_service_account").map(|value| service_account::read(&value));
                let (account, base) = (optional(account), base());
                Some(ProviderKind::Google { hosted_domain: domain?, service_account: account?, base: base? })
            }
            Facebook => {
                let version = optional(section.get("graph_version").map(|value| graph_version(&value)));
                let base = base();
                Some(ProviderKind::Facebook { graph_version: version?, base: base? })
            }
            Github => base().map(|base| ProviderKind::Github { base }),
            Microsoft => {
                let tenant = section.get("tenant").map_or_else(|| Some("common".into()), |value| domain(&value));
                let base = base();
                Some(ProviderKind::Microsoft { tenant: tenant?, base: base? })
            }
            Apple => apple(section, base()),
            Gitlab => section
                .get("issuer")
                .map_or_else(|| Some("https://gitlab.com".into()), |value| issuer(&value, reach))
                .map(|issuer| ProviderKind::Gitlab { issuer }),
            Oidc => section
                .required("issuer", "write the issuer as the provider's discovery document has it")
                .and_then(|value| issuer(&value, reach))
                .map(|issuer| ProviderKind::Oidc { issuer }),
            Oauth2 => endpoints::read(section, reach).map(Box::new).map(ProviderKind::Oauth2),
        }
    }
}

#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn apple(section: &Section<'_>, base: Option<Option<Url>>) -> Option<ProviderKind> {
    let word = |key, remedy| section.required(key, remedy).and_then(|value| alphanumeric(&value));
    let team_id = word("team_id", "write the ten characters of your team, from Apple's developer account");
    let key_id = word("key_id", "write the ten characters of the key, as Apple lists it");
    let private_key = section
        .required("private_key", r#"write private_key = { file = "AuthKey_….p8" }, the file that Apple gave you"#)
        .and_then(|value| private_key(&value));
    Some(ProviderKind::Apple { team_id: team_id?, key_id: key_id?, private_key: private_key?, base: base? })
}

fn private_key(value: &Value<'_>) -> Option<SecretText> {
    let pem = value.secret()?;
    if jsonwebtoken::EncodingKey::from_ec_pem(pem.expose().as_bytes()).is_err() {
        value.fault("is not an EC private key in PEM (PKCS#8)", "use the .p8 file that Apple gave you, as it is");
        return None;
    }
    Some(pem)
}

/// The issuer of another, exactly as its discovery document spells it: it is compared as text.
fn issuer(value: &Value<'_>, reach: Reach) -> Option<String> {
    let url = value.url(reach)?;
    if url.query().is_some() {
        value.fault("has a query", "remove the ? and what follows");
        return None;
    }
    value.text().map(str::to_owned)
}

/// Where a simulator of a provider stands, whose own addresses are built in.
fn moved(value: &Value<'_>, reach: Reach, allow_private: bool) -> Option<Url> {
    let url = value.url(reach)?;
    if !url.host().is_some_and(|host| is_loopback(&host)) && !allow_private {
        value.fault(
            "this kind has its addresses built in",
            "remove it; for a simulator write its address, and allow_loopback = true or allow_private = true",
        );
        return None;
    }
    Some(url)
}

fn domain(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.len() <= 253 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if !fits {
        value.fault(format!("{} is not a domain", quoted(text)), "write one such as \"example.com\"");
    }
    fits.then(|| text.to_ascii_lowercase())
}

fn alphanumeric(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !fits {
        value.fault("has other characters than letters and digits", "write it as Apple lists it");
    }
    fits.then(|| text.to_owned())
}

/// `v21.0`.
fn graph_version(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text
        .strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor));
    if !fits {
        value.fault(format!("{} is not a version of the Graph API", quoted(text)), "write one such as \"v23.0\"");
    }
    fits.then(|| text.to_owned())
}
