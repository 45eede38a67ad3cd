//! Words of the registration standards and of later work that an app's section may hold. None is ignored: what this
//! build does anyway is accepted, what it would not do is refused, since whoever writes it relies on it.

use crate::config::section::Section;

/// Settings that this build does not act on.
const LATER: [&str; 13] = [
    // RFC 7591, OpenID Connect Registration, Logout, CIBA, RFC 8705, RFC 9126, RFC 9449.
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "initiate_login_uri",
    "introspection_signed_response_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_uris",
    "require_auth_time",
    "scope",
    "software_id",
    "software_version",
    "tls_client_certificate_bound_access_tokens",
    "userinfo_encrypted_response_alg",
];

/// Settings that have another name here, or none.
const ELSEWHERE: [(&str, &str, &str); 5] = [
    ("client_id", "is the section's own name", "remove it"),
    ("client_name", "is called `name` here", "rename it"),
    (
        "client_secret",
        "is never kept here, only its hash is",
        "`vestibule app new` makes a secret and the line secret_sha256 for it",
    ),
    ("sector_identifier_uri", "is for registered apps", "write sector = \"…\" instead"),
    ("id_token_lifetime", "is the same for all apps", "set it in [lifetimes]"),
];

pub(super) fn read(section: &Section<'_>) {
    // `sub` is always pairwise and the answer always a code: those are the only words that are true.
    if let Some(value) = section.get("subject_type") {
        value.one_of(&[("pairwise", ())]);
    }
    if let Some(value) = section.get("response_types") {
        value.list(|value| value.one_of(&[("code", ())]));
    }
    for key in LATER {
        section.later(key);
    }
    for (key, problem, remedy) in ELSEWHERE {
        section.refuse(key, problem, remedy);
    }
}
