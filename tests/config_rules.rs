//! Each rule of the configuration: a file that breaks it is refused, once, with its line, its setting and a way out,
//! and no secret of the file is ever part of what is said.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use vestibule::{
    config::{AudienceCheck, Config, Environment, Fault, Faults, Place, ProviderKind, StoreUrl},
    types::{
        app::{AppAuth, GrantType, Need},
        bytes,
        claims::Claim,
        urls::FreePort,
    },
};

const CLIENT_SECRET: &str = "canary-client-secret";

fn master() -> String {
    bytes::to_base64url(&bytes::sha256(b"canary master"))
}

fn hash() -> String {
    bytes::to_hex(&bytes::sha256(b"canary app secret"))
}

/// A good file. Tests change or add lines.
fn good() -> String {
    format!(
        r#"issuer = "https://login.example.com"
[listen]
http = "0.0.0.0:8080"
[secrets]
master = "{}"
[providers.google]
kind = "google"
client_id = "id-at-google"
client_secret = "{CLIENT_SECRET}"
[apps.notes]
name = "Notes"
redirect_uris = ["https://notes.example.com/callback"]
secret_sha256 = "{}"
claims.email = {{ need = "required", why = "To send you the notes that you share." }}
"#,
        master(),
        hash()
    )
}

fn parse(text: &str) -> Result<Config, Faults> {
    Config::parse(text, Path::new("/etc/vestibule"), &Environment::default())
}

/// The one mistake in `text`.
fn only_fault(text: &str) -> Fault {
    let faults = match parse(text) {
        Ok(_) => panic!("nothing is wrong with\n{text}"),
        Err(faults) => faults,
    };
    let said = faults.to_string();
    for secret in [CLIENT_SECRET, &master()] {
        assert!(!said.contains(secret), "{said}");
    }
    let all: Vec<_> = faults.iter().cloned().collect();
    let [fault] = all.as_slice() else { panic!("one mistake in\n{text}\nbut\n{said}") };
    assert!(!fault.remedy.is_empty());
    fault.clone()
}

/// Replaces one line of the good file by others; the mistake is on the last of them.
fn with_line(key: &str, replacement: &str) -> (String, usize) {
    let text = good();
    let at = text.lines().position(|line| line.starts_with(key)).unwrap_or_else(|| panic!("no line {key}"));
    let lines: Vec<_> = text.lines().enumerate().map(|(n, line)| if n == at { replacement } else { line }).collect();
    (lines.join("\n"), at + replacement.lines().count())
}

#[test]
fn a_good_file_is_read_to_finished_types() {
    let config = parse(&good()).unwrap();
    assert_eq!(config.issuer.as_str(), "https://login.example.com");
    assert_eq!(config.store, StoreUrl::Sqlite("/etc/vestibule/vestibule.db".into()));
    assert!(config.secrets.pepper.is_none() && config.secrets.accept.is_empty());
    let google = &config.providers[0];
    assert_eq!((google.name.as_str(), google.namespace.as_str(), google.enabled), ("Google", "google", true));
    assert!(matches!(google.kind, ProviderKind::Google { hosted_domain: None, service_account: None, base: None }));
    let notes = &config.apps[&"notes".parse().unwrap()];
    assert!(matches!(&notes.auth, AppAuth::Secret { sha256, method: None } if bytes::to_hex(&sha256[0]) == hash()));
    assert_eq!(notes.grant_types, GrantType::DEFAULT);
    assert_eq!(notes.claims[&Claim::Email].need, Need::Required);
    assert_eq!(notes.origins, ["https://notes.example.com"]);
}

/// A line that is replaced, by what, the setting that is named, and a word of the problem or the remedy.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    // Who we are, and whom we believe.
    ("issuer", "issuer = \"http://login.example.com\"", "issuer", "loopback"),
    ("issuer", "issuer = \"https://login.example.com/\"", "issuer", "scheme, host and port"),
    ("issuer", "issuer = 7", "issuer", "text"),
    ("issuer", "", "issuer", "is missing"),
    ("issuer", "isuer = \"https://login.example.com\"", "isuer", "did you mean `issuer`"),
    ("[secrets]", "[secret]", "secret", "did you mean `secrets`"),
    ("issuer", "issuer = \"\"", "issuer", "empty"),
    ("http", "http = \"localhost\"", "listen.http", "IP address"),
    ("http", "trusted_proxies = [\"0.0.0.0/0\"]", "listen.trusted_proxies[0]", "your own proxies"),
    ("http", "trusted_proxies = [\"10.0.0.0/8\", \"::/0\"]", "listen.trusted_proxies[1]", "strangers"),
    ("http", "trusted_proxies = [\"proxy\"]", "listen.trusted_proxies[0]", "network"),
    ("http", "trusted_proxies = \"10.0.0.1\"", "listen.trusted_proxies", "list"),
    ("http", "http = \"127.0.0.1:9090\"", "listen", "same address"),
    ("http", "htttp = \"0.0.0.0:8080\"", "listen.htttp", "did you mean `http`"),
    ("http", "tls = \"chain.pem\"", "listen.tls", "table"),
    ("http", "[listen]", "", "there already"),
    // What seals.
    ("master", "master = \"dG9vIHNob3J0\"", "secrets.master", "shorter than 32 bytes"),
    ("master", "master = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "secrets.master", "not random"),
    ("master", "master = \"change me please, this is no secret at all\"", "secrets.master", "base64url"),
    ("master", "master = { env = \"NOT_SET\" }", "secrets.master", "NOT_SET"),
    ("master", "master = { file = \"no-such-file\" }", "secrets.master", "/etc/vestibule/no-such-file"),
    ("master", "master = { }", "secrets.master", "where the secret is"),
    ("master", "master = { evn = \"X\" }", "secrets.master.evn", "did you mean `env`"),
    ("[secrets]", "[secrets]\naccept = []\npeper = \"x\"", "secrets.peper", "did you mean `pepper`"),
    // Providers.
    ("kind", "kind = \"gogle\"", "providers.google.kind", "did you mean \"google\""),
    ("kind", "kind = \"facebook\"\nrisc_service_account = \"x\"", "providers.google.risc_service_account", "google"),
    ("kind", "kind = \"facebook\"\ngraph_version = \"23\"", "providers.google.graph_version", "v23.0"),
    ("kind", "kind = \"oidc\"", "providers.google.issuer", "is missing"),
    ("kind", "kind = \"oidc\"\nissuer = \"http://id.example.com\"", "providers.google.issuer", "https"),
    ("client_id", "", "providers.google.client_id", "is missing"),
    ("client_secret", "", "providers.google.client_secret", "is missing"),
    ("client_secret", "client_secret = \"\"", "providers.google.client_secret", "empty"),
    ("client_secret", "client_secret = [\"x\"]", "providers.google.client_secret", "text"),
    ("[providers.google]", "[providers.\"a b\"]", "providers.\"a b\"", "64 of the characters"),
    // Apps.
    ("[apps.notes]", "[apps.\"n*tes\"]", "apps.\"n*tes\"", "64 of the characters"),
    ("name", "", "apps.notes.name", "is missing"),
    ("redirect_uris", "", "apps.notes.redirect_uris", "is missing"),
    ("redirect_uris", "redirect_uris = []", "apps.notes.redirect_uris", "is empty"),
    ("redirect_uris", "redirect_uris = [\"https://*.example.com/cb\"]", "apps.notes.redirect_uris[0]", "wildcard"),
    ("redirect_uris", "redirect_uris = [\"https://a.example/cb#x\"]", "apps.notes.redirect_uris[0]", "fragment"),
    ("redirect_uris", "redirect_uris = [\"https://u:p@a.example/cb\"]", "apps.notes.redirect_uris[0]", "user name"),
    ("redirect_uris", "redirect_uris = [\"http://a.example/cb\"]", "apps.notes.redirect_uris[0]", "loopback"),
    ("redirect_uris", "redirect_uris = [\"com.example.app:/cb\"]", "apps.notes.redirect_uris[0]", "public native"),
    (
        "redirect_uris",
        "application_type = \"native\"\nredirect_uris = [\"com.example.app:/cb\"]",
        "apps.notes.redirect_uris[0]",
        "public native",
    ),
    ("secret_sha256", "secret_sha256 = \"canary-client-secret\"", "apps.notes.secret_sha256", "vestibule app new"),
    ("secret_sha256", "secret_sha256 = []", "apps.notes.secret_sha256", "vestibule app new"),
    (
        "secret_sha256",
        "secret_sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        "apps.notes.secret_sha256",
        "empty secret",
    ),
    ("secret_sha256", "client_secret = \"canary-client-secret\"", "apps.notes.client_secret", "vestibule app new"),
    (
        "secret_sha256",
        "token_endpoint_auth_method = \"client_secret_post\"",
        "apps.notes.token_endpoint_auth_method",
        "secret_sha256",
    ),
    (
        "secret_sha256",
        "token_endpoint_auth_method = \"private_key_jwt\"",
        "apps.notes.token_endpoint_auth_method",
        "jwks",
    ),
    (
        "secret_sha256",
        "token_endpoint_auth_method = \"tls_client_auth\"",
        "apps.notes.token_endpoint_auth_method",
        "not in this build yet",
    ),
    ("secret_sha256", "jwks = { keys = [] }", "apps.notes.jwks", "1 to 20 keys"),
    ("secret_sha256", "jwks = { keys = [{ kty = \"oct\", k = \"AQAB\" }] }", "apps.notes.jwks", "public keys alone"),
    ("secret_sha256", "jwks = '{\"keys\":'", "apps.notes.jwks", "not a JWK set"),
    ("secret_sha256", "jwks_uri = \"http://notes.example.com/jwks\"", "apps.notes.jwks_uri", "plain http"),
    ("secret_sha256", "jwks_uri = \"https://127.0.0.1/jwks\"", "apps.notes.jwks_uri", "allow_loopback"),
    (
        "secret_sha256",
        "token_endpoint_auth_signing_alg = \"ES256\"",
        "apps.notes.token_endpoint_auth_signing_alg",
        "private_key_jwt",
    ),
    (
        "secret_sha256",
        "require_pushed_authorization_requests = true",
        "apps.notes.require_pushed_authorization_requests",
        "prove who they are",
    ),
    ("secret_sha256", "request_objects = true", "apps.notes.request_objects", "jwks"),
    ("secret_sha256", "require_signed_request_object = true", "apps.notes.require_signed_request_object", "jwks"),
    ("secret_sha256", "request_object_signing_alg = \"ES256\"", "apps.notes.request_object_signing_alg", "jwks"),
    ("secret_sha256", "request_object_signing_alg = \"none\"", "apps.notes.request_object_signing_alg", "ES256"),
    (
        "secret_sha256",
        "request_objects = false\nrequire_signed_request_object = true",
        "apps.notes.require_signed_request_object",
        "request_objects = false",
    ),
    ("secret_sha256", "profile = \"fapi2\"", "apps.notes.profile", "private_key_jwt"),
    ("secret_sha256", "profile = \"fapi3\"", "apps.notes.profile", "fapi2"),
    (
        "secret_sha256",
        "token_endpoint_auth_method = \"private_key_jwt\"\njwks_uri = \"https://notes.example.com/jwks\"\nprofile = \
         \"fapi2\"\ngrant_types = [\"authorization_code\", \"urn:ietf:params:oauth:grant-type:device_code\"]",
        "apps.notes.grant_types",
        "fapi2",
    ),
    (
        "secret_sha256",
        "jwks_uri = \"https://notes.example.com/jwks\"\nrequire_signed_request_object = true\ngrant_types = \
         [\"authorization_code\", \"urn:ietf:params:oauth:grant-type:device_code\"]",
        "apps.notes.grant_types",
        "require_signed_request_object",
    ),
    (
        "secret_sha256",
        "token_endpoint_auth_method = \"private_key_jwt\"\njwks_uri = \"https://notes.example.com/jwks\"\nprofile = \
         \"fapi2\"\nid_token_signed_response_alg = \"RS256\"",
        "apps.notes.id_token_signed_response_alg",
        "fapi2",
    ),
    (
        "claims.email",
        "claims.emial = { need = \"required\", why = \"x\" }",
        "apps.notes.claims.emial",
        "did you mean `email`",
    ),
    ("claims.email", "claims.sub = { need = \"required\", why = \"x\" }", "apps.notes.claims.sub", "always given"),
    ("claims.email", "claims.email = { need = \"required\", why = \" \" }", "apps.notes.claims.email.why", "empty"),
    ("claims.email", "claims.email = { need = \"required\" }", "apps.notes.claims.email.why", "is missing"),
    ("claims.email", "claims.email = { need = \"always\", why = \"x\" }", "apps.notes.claims.email.need", "optional"),
    (
        "claims.email",
        "claims.email = { need = \"required\", why = \"x\", kep = \"y\" }",
        "apps.notes.claims.email.kep",
        "`keep`",
    ),
    ("claims.email", "providers = [\"gogle\"]", "apps.notes.providers[0]", "did you mean \"google\""),
    ("claims.email", "providers = []", "apps.notes.providers", "nobody"),
    ("claims.email", "grant_types = [\"implicit\"]", "apps.notes.grant_types[0]", "authorization_code"),
    ("claims.email", "grant_types = [\"refresh_token\"]", "apps.notes.grant_types", "nobody can sign in"),
    ("claims.email", "audiences = [\"api\"]", "apps.notes.audiences[0]", "absolute URI"),
    ("claims.email", "audiences = [\"https://api.example.com/#x\"]", "apps.notes.audiences[0]", "fragment"),
    ("claims.email", "resource_uris = [\"/api\"]", "apps.notes.resource_uris[0]", "absolute URI"),
    ("secret_sha256", "grant_types = [\"client_credentials\"]", "apps.notes.grant_types", "without a secret"),
    ("claims.email", "grant_types = []", "apps.notes.grant_types", "authorization_code"),
    ("claims.email", "origins = [\"https://a.example/\"]", "apps.notes.origins[0]", "slash"),
    ("claims.email", "default_max_age = -1", "apps.notes.default_max_age", "less than zero"),
    ("claims.email", "pkce = \"optional\"", "apps.notes.pkce", "required"),
    ("claims.email", "subject_type = \"public\"", "apps.notes.subject_type", "pairwise"),
    ("claims.email", "policy_uri = \"javascript:alert(1)\"", "apps.notes.policy_uri", "no host"),
    // How apps are told.
    ("secret_sha256", "events_poll = true", "apps.notes.events_poll", "secret_sha256"),
];

/// The same with lines that are added after one, or at the end.
const ADDED: &[(&str, &str, &str, &str)] = &[
    // Providers.
    ("kind", "tenant = \"common\"", "providers.google.tenant", "microsoft"),
    ("kind", "issuer = \"https://accounts.example\"", "providers.google.issuer", "built in"),
    ("kind", "issuer = \"http://127.0.0.1:1\"", "providers.google.issuer", "allow_loopback"),
    ("kind", "scopes = [\"email\"]", "providers.google.scopes", "openid"),
    ("kind", "scopes = [\"openid email\"]", "providers.google.scopes[0]", "of its own"),
    ("kind", "id_token_signed_response_alg = \"HS256\"", "providers.google.id_token_signed_response_alg", "RS256"),
    ("kind", "enabled = \"no\"", "providers.google.enabled", "true or false"),
    ("kind", "risc_service_account = \"x\"", "providers.google.risc_service_account", "service account"),
    // How long, how much.
    ("", "[lifetimes]\ncode = \"11m\"", "lifetimes.code", "10m"),
    ("", "[lifetimes]\naccess_token = \"2h\"", "lifetimes.access_token", "1h"),
    ("", "[lifetimes]\nsession_idle = \"8d\"", "lifetimes.session_idle", "longer than session"),
    ("", "[lifetimes]\nattempt = 900", "lifetimes.attempt", "unit"),
    ("", "[lifetimes]\nattempt = \"soon\"", "lifetimes.attempt", "duration"),
    ("", "[limits]\nper_app = \"0/m\"", "limits.per_app", "120/m"),
    ("", "[log]\nlevel = \"verbose\"", "log.level", "debug"),
    ("", "[branding]\naccent = \"red\"", "branding.accent", "#rrggbb"),
    // How apps are told.
    ("name", "events_uri = \"http://notes.example.com/e\"", "apps.notes.events_uri", "https"),
    ("name", "events_uri = \"http://127.0.0.1:1/e\"", "apps.notes.events_uri", "allow_loopback"),
    ("name", "events_uri = \"https://a:b@notes.example.com/e\"", "apps.notes.events_uri", "user name"),
    ("name", "events_poll = true\nevents_uri = \"https://n.example/e\"", "apps.notes.events_poll", "choose"),
    ("name", "events_authorization = \"Bearer x\"", "apps.notes.events_authorization", "events_uri"),
    (
        "name",
        "events_uri = \"https://n.example/e\"\nevents_authorization = \"Bearer é\"",
        "apps.notes.events_authorization",
        "plain characters",
    ),
    ("name", "backchannel_logout_uri = \"https://127.0.0.1/l\"", "apps.notes.backchannel_logout_uri", "allow_loopback"),
    (
        "name",
        "backchannel_logout_session_required = true",
        "apps.notes.backchannel_logout_session_required",
        "backchannel_logout_uri",
    ),
    ("name", "contacts = \"ada@example.com\"", "apps.notes.contacts", "list"),
    ("", "[store]\nurl = \"postgres://canary-client-secret@db\"", "store.url", "redis://"),
    ("", "[store]\nurl = \"sqlite://\"", "store.url", "database file"),
];

/// That `text` has this one mistake, and where it is.
fn says(text: &str, path: &str, word: &str) -> usize {
    let fault = only_fault(text);
    assert_eq!(fault.path, path, "{fault:?}");
    assert!(format!("{} {}", fault.problem, fault.remedy).contains(word), "{word}: {fault:?}");
    let Place::Line(line) = fault.place else { panic!("no line in {fault:?}") };
    line
}

#[test]
fn a_file_that_breaks_a_rule_is_refused_once_with_place_and_remedy() {
    for (key, replacement, path, word) in BROKEN {
        let (text, last) = with_line(key, replacement);
        let line = says(&text, path, word);
        let near = last.saturating_sub(replacement.lines().count().max(4) + 1)..=last.max(1);
        assert!(near.contains(&line), "{replacement}: line {line}, not {near:?}");
    }
}

#[test]
fn a_line_that_breaks_a_rule_is_refused_once_with_place_and_remedy() {
    for (key, added, path, word) in ADDED {
        let good = good();
        let after = good.lines().position(|line| !key.is_empty() && line.starts_with(key));
        let after = after.map_or(good.lines().count(), |at| at + 1);
        let mut lines: Vec<&str> = good.lines().collect();
        lines.splice(after..after, added.lines());
        let line = says(&lines.join("\n"), path, word);
        // Where a setting is missing, it is the section's own line.
        let near = after.saturating_sub(1)..=after + added.lines().count();
        assert!(near.contains(&line), "{added}: line {line}, not {near:?}");
    }
}

#[test]
fn settings_of_later_work_are_refused_and_never_ignored() {
    let of_apps = ["initiate_login_uri = \"https://notes.example.com/login\""];
    for line in of_apps {
        let fault = only_fault(&format!("{}{line}\n", good()));
        assert!(fault.problem.contains("not in this build yet"), "{fault:?}");
        assert_eq!(fault.place, Place::Line(15));
    }
}

#[test]
fn documents_of_apps_are_believed_only_where_that_is_asked_for_and_have_no_section() {
    let registration = |lines: &str| parse(&format!("{}[registration]\n{lines}", good())).unwrap().registration;
    assert!(!registration("").client_id_documents && registration("client_id_documents = true\n").client_id_documents);
    assert!(registration("client_id_documents = true\n").client_id_document_audiences.is_empty());
    let named = registration("client_id_document_audiences = [\"https://mcp.example.com/mcp\"]\n");
    assert_eq!(named.client_id_document_audiences, ["https://mcp.example.com/mcp"]);
    let fault = only_fault(&format!("{}[registration]\nclient_id_document_audiences = [\"mcp\"]\n", good()));
    assert!(fault.problem.contains("not an absolute URI"), "{fault:?}");
    let fault = only_fault(&good().replace("[apps.notes]", "[apps.\"https://a.test/app.json\"]"));
    assert!(fault.problem.contains("1 to 64"), "{fault:?}");
}

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
authorization_bearer = true"#;
    let config = parse(&gated(&format!("{GATE}{rules}"))).unwrap_or_else(|faults| panic!("{faults}"));
    let wiki = &config.apps[&"wiki".parse().unwrap_or_else(|_| panic!())];
    let uris: Vec<&str> = wiki.redirect_uris.iter().map(|uri| uri.as_str()).collect();
    assert_eq!(uris, ["https://wiki.example.com/.vestibule/callback"]);
    assert_eq!(wiki.access.as_ref().map(Vec::len), Some(4));
    assert_eq!(wiki.grant_types, [GrantType::AuthorizationCode]);
    assert!(config.gate.authorization_bearer && config.gate.recheck.as_secs() == 5);
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

#[test]
fn names_are_unique_whatever_the_case() {
    let text = good() + "[apps.Notes]\nname = \"N\"\nredirect_uris = [\"https://n.example/cb\"]\n";
    assert_eq!(only_fault(&text).path, "apps.Notes");
    let text = good() + "[providers.GOOGLE]\nkind = \"github\"\nclient_id = \"x\"\nclient_secret = \"y\"\n";
    assert_eq!(only_fault(&text).path, "providers.GOOGLE");
    let text = good() + "[apps.notes]\n";
    assert_eq!(only_fault(&text).place, Place::Line(15));
}

#[test]
fn providers_that_share_a_namespace_are_the_same_provider() {
    let home = |namespace: &str| {
        format!(
            "{}[providers.home]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"x\"\n\
             client_secret = \"y\"\nnamespace = \"{namespace}\"\n",
            good()
        )
    };
    assert!(parse(&home("home")).is_ok());
    assert!(only_fault(&home("google")).problem.contains("taken for"));
    let twice = |more: &str| {
        format!(
            "{}[providers.google2]\nkind = \"google\"\nclient_id = \"id-at-google\"\nclient_secret = \"y\"\n{more}",
            good()
        )
    };
    assert!(only_fault(&twice("")).remedy.contains("namespace = \"google\""));
    assert!(parse(&twice("namespace = \"google\"\n")).is_ok());
}

#[test]
fn other_masters_need_a_pepper_of_its_own() {
    let other = bytes::to_base64url(&bytes::sha256(b"another"));
    let (text, _) = with_line("[secrets]", &format!("[secrets]\naccept = [\"{other}\"]"));
    let fault = only_fault(&text);
    assert!(fault.path == "secrets.accept" && fault.remedy.contains("vestibule init --pepper-of"), "{fault:?}");
    let pepper = bytes::to_base64url(&bytes::sha256(b"pepper"));
    let (text, _) = with_line("[secrets]", &format!("[secrets]\naccept = [\"{other}\"]\npepper = \"{pepper}\""));
    assert_eq!(parse(&text).unwrap().secrets.accept.len(), 1);
    let (text, _) = with_line("[secrets]", &format!("[secrets]\npepper = \"{}\"", master()));
    assert!(only_fault(&text).problem.contains("master"));
}

#[test]
fn a_native_public_app_may_have_a_private_scheme() {
    let text = good()
        + "[apps.phone]\nname = \"Phone\"\napplication_type = \"native\"\nredirect_uris = [\"com.example.app:/cb\", \
           \"http://127.0.0.1/cb\"]\n";
    let config = parse(&text).unwrap();
    let phone = &config.apps[&"phone".parse().unwrap()];
    assert!(phone.is_public() && phone.free_port() == FreePort::OnLiterals && phone.origins == ["http://127.0.0.1"]);
}

#[test]
fn a_provider_without_id_tokens_is_described_by_its_endpoints() {
    let text = good()
        + "[providers.forum]\nkind = \"oauth2\"\nclient_id = \"x\"\nclient_secret = \"y\"\n\
           authorization_endpoint = \"https://f.example/a\"\ntoken_endpoint = \"https://f.example/t\"\n\
           userinfo_endpoint = \"https://f.example/me\"\n";
    let claims = "claims.sub = \"/data/id\"\nclaims.nickname = \"/data/nick\"\n";
    let config = parse(&format!("{text}{claims}")).unwrap();
    let ProviderKind::Oauth2(endpoints) = &config.providers[1].kind else { panic!() };
    assert_eq!(endpoints.subject, "/data/id");
    assert_eq!(endpoints.claims[&Claim::Nickname], "/data/nick");
    assert_eq!(endpoints.audience_check, AudienceCheck::CodeExchange);
    assert_eq!(only_fault(&text).path, "providers.forum.claims");
    for (more, path) in [
        ("claims.nickname = \"/nick\"", "providers.forum.claims.sub"),
        ("claims.sub = \"id\"", "providers.forum.claims.sub"),
        ("claims.sub = \"/id\"\nclaims.nick = \"/nick\"", "providers.forum.claims.nick"),
        (
            "claims.sub = \"/id\"\nid_token_signed_response_alg = \"RS256\"",
            "providers.forum.id_token_signed_response_alg",
        ),
        ("claims.sub = \"/id\"\naudience_check = \"none\"", "providers.forum.audience_check"),
    ] {
        assert_eq!(only_fault(&format!("{text}{more}\n")).path, path, "{more}");
    }
}

#[test]
fn apple_has_a_key_instead_of_a_secret() {
    let text = good() + "[providers.apple]\nkind = \"apple\"\nclient_id = \"x\"\nteam_id = \"A1\"\nkey_id = \"B2\"\n";
    let bad_key = format!("{text}private_key = \"canary-client-secret\"\n");
    assert!(only_fault(&bad_key).problem.contains("EC private key"));
    assert_eq!(only_fault(&text).path, "providers.apple.private_key");
}

#[test]
fn variables_override_the_file_and_are_named_when_they_are_wrong() {
    let with = |variables: &[(&str, &str)]| {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::parse(&good(), Path::new("/etc/vestibule"), &env)
    };
    let config = with(&[
        ("VESTIBULE__LISTEN__HTTP", "127.0.0.1:1"),
        ("vestibule__store__url", "\"redis://redis:6379/0\""),
        ("VESTIBULE__LISTEN__TRUSTED_PROXIES", "[\"10.0.0.1\"]"),
        ("VESTIBULE__PROVIDERS__GOOGLE__CLIENT_ID", "1234567890"),
        ("VESTIBULE__PROVIDERS__GOOGLE__CLIENT_SECRET", "{ env = \"SECRET\" }"),
        ("SECRET", "from the environment"),
        ("VESTIBULE__APPS__NOTES__CLAIMS__NAME", "{ need = \"optional\", why = \"To greet you.\" }"),
        ("VESTIBULE__PROVIDERS__HUB__KIND", "github"),
        ("VESTIBULE__PROVIDERS__HUB__CLIENT_ID", "x"),
        ("VESTIBULE__PROVIDERS__HUB__CLIENT_SECRET", "y"),
        ("VESTIBULE_CONFIG", "no override"),
    ])
    .unwrap();
    assert_eq!(config.listen.http, "127.0.0.1:1".parse().unwrap());
    assert!(matches!(config.store, StoreUrl::Redis(_)));
    assert_eq!(config.listen.trusted_proxies, ["10.0.0.1/32".parse().unwrap()]);
    assert_eq!(config.providers[0].client_id, "1234567890");
    assert_eq!(config.providers[0].client_secret.as_ref().unwrap().expose(), "from the environment");
    assert_eq!(config.apps[&"notes".parse().unwrap()].claims.len(), 2);
    assert_eq!(config.providers[1].id.as_str(), "hub");

    for (name, value, word) in [
        ("VESTIBULE__LISTEN__HTTP", "nowhere", "IP address"),
        ("VESTIBULE__LISTEN__HTTPS", "127.0.0.1:1", "no such setting"),
        ("VESTIBULE__SECRETS__MASTER", CLIENT_SECRET, "base64url"),
        ("VESTIBULE__ISSUER__HOST", "x", "no table"),
        ("VESTIBULE__", "x", "names no setting"),
        ("VESTIBULE__LISTEN____HTTP", "x", "names no setting"),
    ] {
        let faults = with(&[(name, value)]).unwrap_err();
        let fault = faults.iter().next().unwrap();
        assert_eq!((faults.count(), &fault.place), (1, &Place::Variable(name.into())), "{faults}");
        assert!(format!("{} {}", fault.problem, fault.remedy).contains(word), "{faults}");
        assert!(!faults.to_string().contains(CLIENT_SECRET));
    }
    let faults = with(&[("VESTIBULE__LISTEN__HTTP", "[::]:1"), ("vestibule__listen__http", "[::]:2")]).unwrap_err();
    assert!(faults.to_string().contains("another variable"), "{faults}");
}

#[test]
fn dashes_and_underscores_are_the_same_in_a_variable() {
    let app = |id: &str| format!("[apps.{id}]\nname = \"N\"\nredirect_uris = [\"https://n.example/cb\"]\n");
    let env = Environment::from_iter([("VESTIBULE__APPS__MY_APP__NAME", "Mine")]);
    let config = Config::parse(&(good() + &app("my-app")), Path::new(""), &env).unwrap();
    assert_eq!(config.apps[&"my-app".parse().unwrap()].name, "Mine");
    let faults = Config::parse(&(good() + &app("my-app") + &app("my_app")), Path::new(""), &env).unwrap_err();
    assert!(faults.to_string().contains("two sections"), "{faults}");
}
