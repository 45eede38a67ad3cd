//! Who an access token is for (RFC 8707).

use serde_json::json;

use crate::stage::{App, Browser, OnStore, Page, Stage, Tokens, jws_claims, param};

/// RFC 8707: the audiences that the app may name, and ourselves with `openid`; narrower at the token endpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resources_become_audiences() {
    let stage = Stage::start_with(OnStore::Sqlite, |config| {
        config.replace("[apps.notes]\n", "[apps.notes]\naudiences = [\"https://one.test\", \"https://two.test/api\"]\n")
    })
    .await;
    let (browser, app, issuer) = (Browser::new(), App::of(&stage), stage.issuer.clone());
    browser.sign_in(&stage, &[], "google").await;
    let answer = async |request: &[(&str, &str)]| browser.get(&stage.authorize(request)).await.location().unwrap();
    let audience = |tokens: &Tokens| jws_claims(&tokens.access)["aud"].clone();
    assert_eq!(audience(&app.tokens(&answer(&[]).await).await), json!(["notes", issuer]));
    let both = format!("{}&resource=https://two.test/api", stage.authorize(&[("resource", "https://one.test")]));
    let tokens = app.tokens(&browser.get(&both).await.location().unwrap()).await;
    assert_eq!(audience(&tokens), json!(["https://one.test", "https://two.test/api", issuer]));
    assert_eq!(app.userinfo(&tokens.access).await.status, 200);
    let one = Tokens::of(&app.refresh(&tokens.refresh, &[("resource", "https://one.test")]).await);
    assert_eq!(audience(&one), json!(["https://one.test", issuer]));
    // An answer that was lost comes again for the service that is named now.
    let other = Tokens::of(&app.refresh(&tokens.refresh, &[("resource", "https://two.test/api")]).await);
    assert_eq!((audience(&other), &other.refresh), (json!(["https://two.test/api", issuer]), &one.refresh));
    let all = Tokens::of(&app.refresh(&one.refresh, &[]).await);
    assert_eq!(audience(&all), json!(["https://one.test", "https://two.test/api", issuer]));
    let code = param(&answer(&[("resource", "https://one.test")]).await, "code").unwrap();
    let target = |page: &Page| (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned());
    let refused = (400, "invalid_target".to_owned());
    assert_eq!(target(&app.token(&[("code", &code), ("resource", "https://two.test/api")]).await), refused);
    assert_eq!(target(&app.token(&[("code", &code), ("resource", "https://evil.test")]).await), refused);
    let narrow = Tokens::of(&app.token(&[("code", &code)]).await);
    assert_eq!(audience(&narrow), json!(["https://one.test", issuer]));
    assert_eq!(target(&app.refresh(&narrow.refresh, &[("resource", "https://two.test/api")]).await), refused);
    for wrong in ["https://evil.test", "https://one.test/", "x", "https://one.test#x"] {
        assert_eq!(param(&answer(&[("resource", wrong)]).await, "error").as_deref(), Some("invalid_target"), "{wrong}");
    }
    // One that UserInfo does not take holds nothing that would open what UserInfo says.
    let silent = app.refresh(&narrow.refresh, &[("scope", "email")]).await.json();
    let silent = silent["access_token"].as_str().unwrap().to_owned();
    assert_eq!(jws_claims(&silent)["aud"], json!(["https://one.test"]));
    assert_eq!(app.userinfo(&silent).await.status, 401);
    assert_eq!(app.introspect(&silent, &[]).await.json()["active"], true);
    let locator = |token: &str| jws_claims(token)["vst"].as_str().unwrap().len();
    assert!(locator(&silent) + 40 < locator(&narrow.access), "there is no key of 32 bytes in it");
    assert_eq!(app.revoke(&silent, &[]).await.status, 200);
    assert_eq!(app.introspect(&silent, &[]).await.json(), json!({ "active": false }));
    assert_eq!(app.userinfo(&narrow.access).await.status, 200, "the rest of the grant is as it was");
    for own in [issuer.clone(), format!("{issuer}/userinfo")] {
        let tokens = app.tokens(&answer(&[("resource", &own)]).await).await;
        assert_eq!(audience(&tokens), json!(["notes", issuer]), "UserInfo is meant by openid already");
    }
    stage.stop().await;
}
