//! Providers.

use super::*;

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
