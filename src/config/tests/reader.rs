//! Hostile and odd texts: each gets a list of mistakes, none a panic.

use std::path::Path;

use proptest::prelude::*;

use super::super::{Config, Environment, Place};

fn parse(text: &str) -> Result<Config, super::super::Faults> {
    Config::parse(text, Path::new("/nowhere"), &Environment::default())
}

const SECTIONS: &str = r#"[listen] [store] [secrets] [providers.p] [providers."P"] [apps.a] [apps.""] [lifetimes] [limits]
    [keys] [log] [branding] [operator] [gate] [[apps]] [providers]"#;

const KEYS: &str = r#"issuer http trusted_proxies tls url master accept kind client_id client_secret scopes namespace name
    redirect_uris secret_sha256 claims.email claims providers session attempt per_app rotate level accent logo
    default_max_age "a\u0000b""#;

const VALUES: &str = r#"1 -1 1.5 true "" "x" "oidc" [] [1] [["x"]] {} {env="X"} {file="/dev/null"} {file=1,env=2} 1979-05-27
    "0.0.0.0/0" "5m" 0 99999999999999999999 {need=1,why=[],keep={}} "https://a.test/#" nan "\u0007""#;

/// Lines that the readers know, with values of every type, in any order.
fn line() -> impl Strategy<Value = String> {
    let word = |words: &'static str| prop::sample::select(words.split_whitespace().collect::<Vec<_>>());
    prop_oneof![
        word(SECTIONS).prop_map(str::to_owned),
        (word(KEYS), word(VALUES)).prop_map(|(key, value)| format!("{key} = {value}")),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let faults = parse(&text).unwrap_err();
        prop_assert!(!faults.to_string().is_empty());
    }

    #[test]
    fn no_configuration_makes_the_reader_panic(lines in prop::collection::vec(line(), 0..30)) {
        let faults = parse(&lines.join("\n")).unwrap_err();
        for fault in faults.iter() {
            prop_assert!(!fault.problem.is_empty() && !fault.remedy.is_empty());
            if let Place::Line(line) = fault.place {
                prop_assert!((1..=lines.len().max(1)).contains(&line));
            }
        }
    }

    #[test]
    fn no_variable_makes_the_reader_panic(name in "VESTIBULE__[A-Za-z_.]{0,30}", value in any::<String>()) {
        let env = Environment::from_iter([(name, value.replace('\0', ""))]);
        prop_assert!(Config::parse("", Path::new("/nowhere"), &env).is_err());
    }
}
