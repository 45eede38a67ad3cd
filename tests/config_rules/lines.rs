//! Rules that one line breaks.

use super::*;

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
