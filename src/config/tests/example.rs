//! `vestibule.example.toml` is the manual: held to the code in both directions.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use super::super::{
    Config, Environment, Keys, Lifetimes, Limits, Log,
    load::read_root,
    overrides,
    raw::{Raw, Table, read_file},
    section::{Context, Section},
};
use crate::types::bytes;

const EXAMPLE: &str = include_str!("../../../vestibule.example.toml");

/// The example with every setting set.
fn all_set() -> String {
    let set =
        |line: &'static str| line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c != ' ' && c != '#'));
    EXAMPLE.lines().map(|line| set(line).unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn secret(seed: &str) -> String {
    bytes::to_base64url(&bytes::sha256(seed.as_bytes()))
}

/// What the example refers to but does not hold.
fn surroundings(folder: &Path) -> Environment {
    let key = aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING)
        .and_then(|pair| pair.to_pkcs8v1())
        .unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    for name in ["AuthKey_F6G7H8I9J0.p8", "chain.pem", "key.pem", "logo.svg"] {
        fs::write(folder.join(name), &pem).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let account = serde_json::json!({
        "client_email": "risc@example.iam.gserviceaccount.com", "private_key_id": "k1", "private_key": rsa_pem(),
    });
    fs::write(folder.join("risc.json"), account.to_string()).unwrap();
    fs::set_permissions(folder.join("risc.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let providers = ["GOOGLE", "FACEBOOK", "GITHUB", "MICROSOFT", "GITLAB", "HOME", "FORUM"];
    let mut variables: Vec<_> =
        providers.iter().map(|name| (format!("{name}_CLIENT_SECRET"), "s3cret".to_owned())).collect();
    variables.push(("VESTIBULE__SECRETS__MASTER".into(), secret("master")));
    variables.push(("VESTIBULE__SECRETS__PEPPER".into(), secret("pepper")));
    variables.push(("VESTIBULE__SECRETS__ACCEPT".into(), format!("[\"{}\"]", secret("before"))));
    variables.into_iter().collect()
}

fn rsa_pem() -> String {
    use aws_lc_rs::{
        encoding::{AsDer, Pkcs8V1Der},
        rsa::{KeyPair, KeySize},
    };
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
}

#[test]
fn it_is_a_configuration_as_it_stands_and_with_everything_set() {
    let folder = tempfile::tempdir().unwrap();
    let env = surroundings(folder.path());
    let sparse = Config::parse(EXAMPLE, folder.path(), &env).unwrap();
    assert!(sparse.providers.is_empty() && sparse.apps.is_empty());
    let config = Config::parse(&all_set(), folder.path(), &env).unwrap();
    let ids: Vec<_> = config.providers.iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(ids, ["google", "facebook", "github", "microsoft", "apple", "gitlab", "home", "forum"]);
    assert_eq!(config.apps.len(), 3);
}

#[test]
fn the_defaults_that_it_names_are_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let env = surroundings(folder.path());
    let sparse = Config::parse(EXAMPLE, folder.path(), &env).unwrap();
    let full = Config::parse(&all_set(), folder.path(), &env).unwrap();
    for config in [&sparse, &full] {
        assert_eq!(config.lifetimes, Lifetimes::default());
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.keys, Keys::default());
        assert_eq!(config.log, Log::default());
        assert_eq!(config.listen.http, "127.0.0.1:8080".parse().unwrap());
    }
    assert_eq!(
        (sparse.listen.http, sparse.listen.management, sparse.store),
        (full.listen.http, full.listen.management, full.store)
    );
}

#[test]
fn it_has_every_key_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let env = surroundings(folder.path());
    let text = all_set();
    let mut faults = Vec::new();
    let written = read_file(&text, &mut faults).unwrap();
    let mut table = read_file(&text, &mut faults).unwrap();
    overrides::apply(&mut table, &env, &mut faults);
    let cx = Context::new(&env, folder.path(), faults);
    read_root(Section::root(&cx, &table)).unwrap();
    let known = cx.known.into_inner();
    assert!(known.len() > 100, "the readers say what they ask for");
    let missing: BTreeSet<_> = known
        .iter()
        .filter(|pattern| !has(&written, &pattern.split('.').collect::<Vec<_>>()))
        // Any secret may be written in either way.
        .filter(|pattern| !pattern.ends_with(".env") && !pattern.ends_with(".file"))
        .collect();
    assert!(missing.is_empty(), "not in vestibule.example.toml: {missing:?}");
}

fn has(table: &Table, pattern: &[&str]) -> bool {
    let [key, rest @ ..] = pattern else { return true };
    table.0.iter().filter(|entry| *key == "*" || entry.key == *key).any(|entry| match &entry.node.value {
        Raw::Table(inner) => has(inner, rest),
        _ => rest.is_empty(),
    })
}
