//! Apps behind the gate.

use super::*;

/// An app behind the gate; its section stands at the end of the file.
fn gated(lines: &str) -> String {
    let trusting = good().replace("[secrets]", "trusted_proxies = [\"127.0.0.1\"]\n[secrets]");
    format!("{trusting}[apps.wiki]\nname = \"Wiki\"\n{lines}\n")
}

const GATE: &str = "gate = \"https://wiki.example.com\"\n";

#[test]
fn an_app_behind_the_gate_has_its_own_way_back() {
    let rules = r#"access = [
  { path = "/public/", methods = ["GET"], public = true },
  { emails = ["*@example.com", "ada@example.org", "*@.example.net"], providers = ["google"] },
  { groups = ["google:example.com"] },
  { path = "/api", apps = ["notes"] },
]
facts_max_age = "1h"
[gate]
recheck = "5s"
headers = "x-auth-request"
authorization_bearer = true
unverified_email = true"#;
    let config = parse(&gated(&format!("{GATE}{rules}"))).unwrap_or_else(|faults| panic!("{faults}"));
    let wiki = &config.apps[&"wiki".parse().unwrap_or_else(|_| panic!())];
    let uris: Vec<&str> = wiki.redirect_uris.iter().map(|uri| uri.as_str()).collect();
    assert_eq!(uris, ["https://wiki.example.com/.vestibule/callback"]);
    assert_eq!(wiki.access.as_ref().map(Vec::len), Some(4));
    assert_eq!(wiki.grant_types, [GrantType::AuthorizationCode]);
    assert!(config.gate.authorization_bearer && config.gate.unverified_email && config.gate.recheck.as_secs() == 5);
}

/// What stands after `access =` of an app behind the gate, the setting that is wrong, and a word of what is said.
const RULES: &[(&str, &str, &str)] = &[
    ("[]", "apps.wiki.access", "nobody"),
    ("[{}]\nredirect_uris = [\"https://w.example/cb\"]", "apps.wiki.redirect_uris", "gate"),
    ("[{ path = \"/a/../b\" }]", "apps.wiki.access[0].path", "dot"),
    ("[{ path = \"/a?b\" }]", "apps.wiki.access[0].path", "query"),
    ("[{ methods = [\"get\"] }]", "apps.wiki.access[0].methods[0]", "upper"),
    ("[{ emails = [\"*\"] }]", "apps.wiki.access[0].emails[0]", "*@"),
    ("[{ emails = [] }]", "apps.wiki.access[0].emails", "nobody"),
    ("[{ providers = [\"gogle\"] }]", "apps.wiki.access[0].providers[0]", "google"),
    ("[{ groups = [\"github:acme\"] }]", "apps.wiki.access[0].groups[0]", "github"),
    ("[{ groups = [\"acme\"] }]", "apps.wiki.access[0].groups[0]", "section"),
    ("[{ apps = [\"note\"] }]", "apps.wiki.access[0].apps[0]", "notes"),
    ("[{ email = [\"a@b\"] }]", "apps.wiki.access[0].email", "emails"),
    ("[{ public = true, emails = [\"*@b\"] }]", "apps.wiki.access[0]", "public"),
    ("[{ apps = [\"notes\"], emails = [\"*@b\"] }]", "apps.wiki.access[0]", "machines"),
    ("[{}]\nfacts_max_age = \"1s\"", "apps.wiki.facts_max_age", "1day"),
    ("[{}]\n[gate]\nrecheck = \"1h\"", "gate.recheck", "1m"),
    ("[{}]\n[gate]\nheaders = \"X\"", "gate.headers", "remote"),
];

/// The same for the whole section.
const SECTIONS: &[(&str, &str, &str)] = &[
    ("gate = \"https://wiki.example.com\"", "apps.wiki.access", "is missing"),
    ("gate = \"https://wiki.example.com/\"\naccess = [{}]", "apps.wiki.gate", "slash"),
    ("gate = \"http://wiki.example.com\"\naccess = [{}]", "apps.wiki.gate", "loopback"),
    ("gate = \"https://login.example.com:8443\"\naccess = [{}]", "apps.wiki.gate", "issuer"),
    ("redirect_uris = [\"https://w.example/cb\"]\naccess = [{ path = \"/a\" }]", "apps.wiki.access[0]", "gate"),
    ("redirect_uris = [\"https://w.example/cb\"]\naccess = [{ public = true }]", "apps.wiki.access[0]", "gate"),
];

#[test]
fn a_rule_that_could_not_mean_what_it_says_stops_the_start() {
    for (rules, path, word) in RULES {
        says(&gated(&format!("{GATE}access = {rules}")), path, word);
    }
    for (section, path, word) in SECTIONS {
        says(&gated(section), path, word);
    }
}

/// The gate asks in the name of its app, openly and unsigned: what the app demands of its requests and tokens would either
/// keep everybody out or hold nothing.
#[test]
fn an_app_behind_the_gate_demands_nothing_of_requests_that_it_does_not_make() {
    for line in [
        "profile = \"fapi2\"",
        "dpop_bound_access_tokens = true",
        "require_pushed_authorization_requests = true",
        "request_objects = true",
        "require_signed_request_object = true",
        "request_object_signing_alg = \"ES256\"",
    ] {
        let keys = "token_endpoint_auth_method = \"private_key_jwt\"\njwks_uri = \"https://wiki.example.com/jwks\"\n";
        let fault = only_fault(&gated(&format!("{GATE}access = [{{}}]\n{keys}{line}")));
        assert_eq!(Some(fault.path.as_str()), line.split(' ').next().map(|key| format!("apps.wiki.{key}")).as_deref());
        assert!(fault.problem.contains("gate"), "{line}: {fault:?}");
    }
}

#[test]
fn gated_hosts_are_apart_and_need_a_proxy_that_is_believed() {
    let second = "[apps.board]\nname = \"Board\"\ngate = \"https://wiki.example.com:8443\"\naccess = [{}]\n";
    let fault = only_fault(&gated(&format!("{GATE}access = [{{}}]\n{second}")));
    assert!(fault.problem.contains("another app"), "{fault:?}");
    let alone = format!("{}[apps.wiki]\nname = \"Wiki\"\n{GATE}access = [{{}}]\n", good());
    assert!(only_fault(&alone).problem.contains("trusted_proxies"));
}
