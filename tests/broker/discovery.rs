//! Discovery says what is there.

use crate::stage::{Browser, OnStore, Stage};

/// Every endpoint that is named answers, and what the token endpoint takes is what is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_that_is_named_is_there() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let browser = Browser::new();
    let document = browser.get(&format!("{}/.well-known/openid-configuration", stage.issuer)).await.json();
    let members = document.as_object().unwrap();
    let endpoints: Vec<_> = members.iter().filter(|(name, _)| name.ends_with("_endpoint")).collect();
    assert_eq!(endpoints.len(), 8, "{endpoints:?}");
    for (name, url) in endpoints {
        let status = browser.post(url.as_str().unwrap(), &[], &[]).await.status.as_u16();
        assert!(![404, 405].contains(&status), "{name}: {status}");
    }
    let grants = serde_json::json!([
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange"
    ]);
    assert_eq!(document["grant_types_supported"], grants);
    let token = format!("{}/token", stage.issuer);
    for grant_type in ["authorization_code", "refresh_token", "password"] {
        let form = [("grant_type", grant_type), ("client_id", "native")];
        let error = browser.post(&token, &form, &[]).await.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(error, if grant_type == "password" { "unsupported_grant_type" } else { "invalid_request" });
    }
    let scopes = document["scopes_supported"].as_array().unwrap();
    assert!(scopes.iter().any(|scope| scope == "offline_access"));
    assert_eq!(document["revocation_endpoint_auth_methods_supported"].as_array().unwrap().len(), 4);
    assert_eq!(document["introspection_endpoint_auth_methods_supported"].as_array().unwrap().len(), 3);
    stage.stop().await;
}
