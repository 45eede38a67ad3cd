use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::StatusCode;
use serde_json::{Value, json};
use vestibule::{
    demo::simulators::Kind,
    types::{Clock, SystemClock},
};

use crate::support::{Answer, Bench, REDIRECT, hidden_fields, verify, with};

const USUAL: [(&str, &str); 3] = [("scope", "name email"), ("response_mode", "form_post"), ("nonce", "the nonce")];

/// A client secret as an app makes it, with some claims changed.
fn secret(bench: &Bench, kid: &str, changes: &Value) -> String {
    signed(bench, bench.secret(), kid, changes)
}

fn signed(bench: &Bench, p8: &str, kid: &str, changes: &Value) -> String {
    let now = SystemClock.now().as_secs();
    let mut claims = json!({
        "iss": "SIMTEAM001",
        "iat": now,
        "exp": now + 300,
        "aud": "https://appleid.apple.com",
        "sub": bench.id(),
    });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(kid.to_owned());
    let key = EncodingKey::from_ec_pem(p8.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

async fn posted(bench: &Bench, answer: &str) -> Answer {
    let page = bench.pick(bench.ask("/auth/authorize", &USUAL), answer, "").await;
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("action=\"{REDIRECT}\"")) && page.contains("<button"));
    hidden_fields(&page)
}

async fn exchange(bench: &Bench, code: &str, secret: &str, changes: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut form = vec![
        ("client_id", bench.id()),
        ("client_secret", secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", code),
    ];
    for (name, value) in changes {
        form = with(&form, name, value);
    }
    bench.post(&bench.at("/auth/token"), &form).await
}

#[actix_web::test]
async fn a_login_whose_name_comes_once() {
    let bench = Bench::of(Kind::Apple).await;
    let fields = posted(&bench, "grace").await;
    let user: Value = serde_json::from_str(&fields["user"]).unwrap();
    assert_eq!(user["name"], json!({ "firstName": "Grace", "lastName": "Hopper" }));
    assert_eq!(fields["state"], "the state");

    let own = secret(&bench, "SIMKEY0001", &json!({}));
    let (status, tokens) = exchange(&bench, &fields["code"], &own, &[]).await;
    assert_eq!((status, tokens["refresh_token"].is_string()), (StatusCode::OK, true));
    let keys = bench.get_json(&bench.at("/auth/keys")).await;
    let token = tokens["id_token"].as_str().unwrap();
    let claims = verify(token, &keys, bench.simulator.origin(), bench.id()).unwrap();
    assert_eq!((&claims["email_verified"], &claims["is_private_email"]), (&"true".into(), &"true".into()));
    assert_eq!(claims["nonce"], "the nonce");
    assert!(claims["email"].as_str().unwrap().ends_with("@privaterelay.appleid.com") && claims.get("name").is_none());
    assert_eq!(bench.get(bench.at("/userinfo")).await.status(), StatusCode::NOT_FOUND);

    assert!(!posted(&bench, "grace").await.contains_key("user"));
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("client_id", bench.id()), ("client_secret", own.as_str()), ("token", token)];
    assert_eq!(bench.post(&bench.at("/auth/revoke"), &form).await.0, StatusCode::OK);
    assert!(posted(&bench, "grace").await.contains_key("user"));
    let garbage = [form[0], form[1], ("token", "garbage")];
    assert_eq!(bench.post(&bench.at("/auth/revoke"), &garbage).await.0, StatusCode::OK);
}

#[actix_web::test]
async fn a_client_secret_is_a_jwt_of_the_teams_key() {
    let bench = Bench::of(Kind::Apple).await;
    let code = posted(&bench, "ada").await.remove("code").unwrap();
    let now = SystemClock.now().as_secs();
    for (kid, changes) in [
        ("OTHERKEY01", json!({})),
        ("SIMKEY0001", json!({ "iss": "OTHERTEAM1" })),
        ("SIMKEY0001", json!({ "sub": "com.example.other" })),
        ("SIMKEY0001", json!({ "aud": "https://example.com" })),
        ("SIMKEY0001", json!({ "exp": now - 1 })),
        ("SIMKEY0001", json!({ "exp": now + 15_777_001 })),
        ("SIMKEY0001", json!({ "iat": now + 3600, "exp": now + 7200 })),
    ] {
        let (status, body) = exchange(&bench, &code, &secret(&bench, kid, &changes), &[]).await;
        assert_eq!((status, body), (StatusCode::BAD_REQUEST, json!({ "error": "invalid_client" })), "{kid} {changes}");
    }
    let good = secret(&bench, "SIMKEY0001", &json!({}));
    let other = Bench::of(Kind::Apple).await;
    let forged = signed(&bench, other.secret(), "SIMKEY0001", &json!({}));
    for bad in ["", "secret", &forged] {
        assert_eq!(exchange(&bench, &code, bad, &[]).await.1["error"], "invalid_client");
    }
    for (name, value, error) in [
        ("redirect_uri", "http://127.0.0.1:9/other", "invalid_grant"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("code", "unknown", "invalid_grant"),
    ] {
        assert_eq!(exchange(&bench, &code, &good, &[(name, value)]).await.1["error"], error, "{name}");
    }
    assert_eq!(exchange(&bench, &code, &good, &[]).await.0, StatusCode::OK);
    assert_eq!(exchange(&bench, &code, &good, &[]).await.1["error"], "invalid_grant");
}

#[actix_web::test]
async fn cancelling_has_apples_word() {
    let bench = Bench::of(Kind::Apple).await;
    let fields = posted(&bench, "refuse").await;
    assert_eq!((fields["error"].as_str(), fields["state"].as_str()), ("user_cancelled_authorize", "the state"));
    assert!(!fields.contains_key("code"));
}

#[actix_web::test]
async fn a_scope_needs_form_post() {
    let bench = Bench::of(Kind::Apple).await;
    let page = bench.get(bench.ask("/auth/authorize", &[("scope", "name")])).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(page.text().await.unwrap().contains("response_mode must be form_post"));
}

#[actix_web::test]
async fn the_hybrid_answer_carries_an_id_token() {
    let bench = Bench::of(Kind::Apple).await;
    let hybrid: Vec<_> = USUAL.into_iter().chain([("response_type", "code id_token")]).collect();
    let page = bench.pick(bench.ask("/auth/authorize", &hybrid), "ada", "").await;
    let fields = hidden_fields(&page.text().await.unwrap());
    let keys = bench.get_json(&bench.at("/auth/keys")).await;
    let claims = verify(&fields["id_token"], &keys, bench.simulator.origin(), bench.id()).unwrap();
    assert!(claims["c_hash"].is_string());
    assert_eq!(claims["email_verified"], true);
}
