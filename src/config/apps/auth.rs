//! How an app proves who it is, and what it may use at the token endpoint.

use jsonwebtoken::Algorithm;

use crate::{
    config::{faults::quoted, raw::Raw, section::Section, value::Value},
    types::{
        app::{AppAuth, GrantType, SecretMethod},
        app_keys::KeySource,
        bytes,
    },
};

/// `token_endpoint_auth_method` (RFC 7591, section 2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    None,
    Secret(SecretMethod),
    PrivateKey,
    Later,
}

const METHODS: [(&str, Method); 7] = [
    ("client_secret_basic", Method::Secret(SecretMethod::Basic)),
    ("client_secret_post", Method::Secret(SecretMethod::Post)),
    ("none", Method::None),
    ("client_secret_jwt", Method::Later),
    ("private_key_jwt", Method::PrivateKey),
    ("tls_client_auth", Method::Later),
    ("self_signed_tls_client_auth", Method::Later),
];

/// Algorithms of what apps sign, assertions and requests, as RFC 7518 and RFC 8037 name them.
pub(super) const STATEMENT_ALGS: [(&str, Algorithm); 4] = [
    ("ES256", Algorithm::ES256),
    ("RS256", Algorithm::RS256),
    ("PS256", Algorithm::PS256),
    ("EdDSA", Algorithm::EdDSA),
];

pub(super) fn read(section: &Section<'_>, keys: Option<&KeySource>) -> Option<AppAuth> {
    let alg = section.get("token_endpoint_auth_signing_alg").map(|value| (value.one_of(&STATEMENT_ALGS), value));
    let auth = method(section, keys)?;
    match (auth, alg) {
        (AppAuth::PrivateKey { .. }, Some((alg, _))) => Some(AppAuth::PrivateKey { alg: Some(alg?) }),
        (auth, None) => Some(auth),
        (_, Some((_, value))) => {
            value.fault("is for apps that prove themselves with private_key_jwt", "remove it");
            None
        }
    }
}

fn method(section: &Section<'_>, keys: Option<&KeySource>) -> Option<AppAuth> {
    let secrets = section.get("secret_sha256").map(|value| hashes(&value));
    let method = section.get("token_endpoint_auth_method").map(|value| (value.one_of(&METHODS), value));
    let (method, value) = match method {
        Some((None, _)) => return None,
        Some((Some(method), value)) => (Some(method), Some(value)),
        None => (None, None),
    };
    let wrong = |problem: &str, remedy: &str| {
        if let Some(value) = &value {
            value.fault(problem, remedy);
        }
        None
    };
    match (method, secrets) {
        (Some(Method::Later), _) => {
            wrong("is known, but not in this build yet", "use private_key_jwt, a secret, or none")
        }
        (Some(Method::PrivateKey), Some(_)) => {
            wrong("is proven by a key, but there is secret_sha256, too", "remove secret_sha256")
        }
        (Some(Method::PrivateKey), None) if keys.is_none() => {
            wrong("needs the app's public keys", "add `jwks` or `jwks_uri`")
        }
        (Some(Method::PrivateKey), None) => Some(AppAuth::PrivateKey { alg: None }),
        (Some(Method::None), Some(_)) => {
            wrong("says that there is no secret, but there is secret_sha256", "remove one of the two")
        }
        (Some(Method::Secret(_)), None) => wrong(
            "needs a secret, but there is no secret_sha256",
            "`vestibule app new` makes one; a public client has \"none\"",
        ),
        (None | Some(Method::None), None) => Some(AppAuth::Public),
        (method, Some(sha256)) => {
            let method = match method {
                Some(Method::Secret(method)) => Some(method),
                _ => None,
            };
            Some(AppAuth::Secret { sha256: sha256?, method })
        }
    }
}

/// One hash, or several while a secret is rolled.
pub(in crate::config) fn hashes(value: &Value<'_>) -> Option<Vec<[u8; 32]>> {
    let Raw::List(items) = value.raw() else { return hash(value).map(|hash| vec![hash]) };
    if items.is_empty() {
        value.fault(
            "holds no hash, so that the app could never prove who it is",
            "`vestibule app new` makes a secret; a public client has no secret_sha256 at all",
        );
        return None;
    }
    value.list(hash)
}

fn hash(value: &Value<'_>) -> Option<[u8; 32]> {
    let text = value.text()?;
    let Some(hash) = bytes::sha256_from_hex(text) else {
        // Somebody may have put the secret itself there: it is not repeated.
        value.fault(
            "is not a SHA-256 of 64 lower-case hex digits",
            "`vestibule app new` makes a secret and its hash; or: printf %s \"$SECRET\" | sha256sum",
        );
        return None;
    };
    if hash == bytes::sha256(b"") {
        value.fault("is the hash of nothing, an empty secret", "`vestibule app new` makes a secret and its hash");
        return None;
    }
    Some(hash)
}

/// `grant_types` (RFC 7591, section 2).
pub(super) fn grant_types(section: &Section<'_>, auth: Option<&AppAuth>) -> Option<Vec<GrantType>> {
    let is_public = auth.is_some_and(|auth| *auth == AppAuth::Public);
    if let Some(value) = section.get("exchange_to").filter(|_| is_public) {
        value.fault("is for apps with a secret", "give the app a secret (`vestibule app new`), or remove it");
        return None;
    }
    let Some(value) = section.get("grant_types") else { return Some(GrantType::DEFAULT.to_vec()) };
    let grants = value.list(grant_type)?;
    if let Some(problem) = wrong_together(&grants, is_public) {
        value.fault(problem.0, problem.1);
        return None;
    }
    Some(grants)
}

/// What is wrong with a set of grant types, and the remedy.
fn wrong_together(grants: &[GrantType], is_public: bool) -> Option<(String, &'static str)> {
    if let Some(grant) = grants.iter().find(|grant| is_public && !grant.is_for_public()) {
        let problem = format!("has {}, which an app without a secret cannot use", quoted(grant.as_str()));
        return Some((problem, "give the app a secret (`vestibule app new`), or remove it"));
    }
    let begins = |grant: &GrantType| *grant != GrantType::RefreshToken;
    (!grants.iter().any(begins)).then(|| {
        ("lacks \"authorization_code\", without which nobody can sign in".into(), "add \"authorization_code\"")
    })
}

fn grant_type(value: &Value<'_>) -> Option<GrantType> {
    const LATER: [&str; 1] = ["urn:ietf:params:oauth:grant-type:jwt-bearer"];
    const NEVER: [&str; 2] = ["implicit", "password"];
    let text = value.text()?;
    if let Some(grant) = GrantType::ALL.into_iter().find(|grant| grant.as_str() == text) {
        return Some(grant);
    }
    let (problem, remedy) = match text {
        _ if NEVER.contains(&text) => {
            ("has no place here (RFC 9700, section 2)", "remove it: authorization_code does it")
        }
        _ if LATER.contains(&text) => ("is known, but not in this build yet", "remove it"),
        _ => return value.one_of(&GrantType::ALL.map(|grant| (grant.as_str(), grant))),
    };
    value.fault(format!("{} {problem}", quoted(text)), remedy);
    None
}
