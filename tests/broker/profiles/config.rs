//! Config OP: what discovery says. That all of it is true, `discovery.rs` looks at.

use serde_json::{Value, json};
use vestibule::types::bytes;

use crate::stage::{Browser, OnStore, Page, Stage};

const MODULUS_2048: usize = 256;

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    document[name].as_array().unwrap_or_else(|| panic!("no {name}")).iter().map(|one| one.as_str().unwrap()).collect()
}

/// Public keys to verify with, each by its name, of a size that holds.
fn is_a_set_of_public_keys(page: &Page) {
    assert_eq!(page.status, 200);
    let set = page.json();
    let keys = set["keys"].as_array().unwrap();
    let names: std::collections::BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(names.len() == keys.len() && !keys.is_empty(), "{names:?}");
    for key in keys {
        assert_eq!(key["use"], "sig");
        for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(secret).is_none(), "{secret}");
        }
        let number = |name: &str| bytes::from_base64url(key[name].as_str().unwrap()).unwrap();
        match (key["kty"].as_str().unwrap(), key["alg"].as_str().unwrap()) {
            ("RSA", "RS256") => {
                assert!(number("n").len() >= MODULUS_2048 && number("n")[0] != 0, "no leading zero");
                assert_eq!(number("e"), [1, 0, 1]);
            }
            ("EC", "ES256") => {
                assert_eq!((&key["crv"], number("x").len(), number("y").len()), (&json!("P-256"), 32, 32))
            }
            ("OKP", "EdDSA") => assert_eq!((&key["crv"], number("x").len()), (&json!("Ed25519"), 32)),
            other => panic!("{other:?}"),
        }
    }
    assert!(keys.iter().any(|key| key["alg"] == "RS256"));
}

/// All that the suite looks for, behind an https issuer as everybody has one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oidcc_discovery_endpoint_verification() {
    const ISSUER: &str = "https://login.test";
    let stage = Stage::start_with(OnStore::Sqlite, |config| {
        let (_, rest) = config.split_once('\n').unwrap();
        format!("issuer = \"{ISSUER}\"\n{rest}")
    })
    .await;
    let browser = Browser::new();
    let page = browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
    let document = page.json();
    assert_eq!(document["issuer"], ISSUER, "as it was configured, with nothing behind it");
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || ["jwks_uri", "check_session_iframe"].contains(&name.as_str()) {
            let url: url::Url = value.as_str().unwrap().parse().unwrap();
            assert_eq!((url.scheme(), url.host_str(), url.fragment()), ("https", Some("login.test"), None), "{name}");
        }
        assert!(!value.is_null() && value != &json!([]) && value != &json!(""), "{name}");
    }
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"] {
        assert!(document[name].is_string(), "{name}");
    }
    for (name, value) in [
        ("response_types_supported", "code"),
        ("grant_types_supported", "authorization_code"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("userinfo_signing_alg_values_supported", "RS256"),
        ("request_object_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("claims_supported", "email"),
        ("code_challenge_methods_supported", "S256"),
    ] {
        assert!(list(&document, name).contains(&value), "{name} {value}");
    }
    assert!(list(&document, "subject_types_supported").iter().all(|kind| ["pairwise", "public"].contains(kind)));
    assert!(!list(&document, "grant_types_supported").contains(&"implicit"));
    for (name, value) in [
        ("claims_parameter_supported", true),
        ("request_parameter_supported", true),
        ("request_uri_parameter_supported", false),
    ] {
        assert_eq!(document[name], value, "{name} is said and not left to its default");
    }
    let is_scope_token = |scope: &&str| scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    assert!(list(&document, "scopes_supported").iter().all(is_scope_token));
    for tag in list(&document, "ui_locales_supported") {
        assert!((2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase()), "BCP 47: {tag}");
    }
    is_a_set_of_public_keys(&browser.get(&format!("{}/jwks", stage.issuer)).await);
    stage.stop().await;
}
