use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vestibule::demo::simulators::Kind;

use crate::support::{Answer, Bench, CHALLENGE, Pairs, REDIRECT, VERIFIER, bare, with};

const AUTHORIZE: &str = "/login/oauth/authorize";
const TOKEN: &str = "/login/oauth/access_token";
const USUAL: [(&str, &str); 4] = [
    ("scope", "read:user user:email"),
    ("response_type", ""),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

fn exchange<'a>(bench: &'a Bench, answer: &'a Answer) -> Pairs<'a> {
    vec![
        ("client_id", bench.id()),
        ("client_secret", bench.secret()),
        ("redirect_uri", REDIRECT),
        ("code", &answer["code"]),
        ("code_verifier", VERIFIER),
    ]
}

async fn token_of(bench: &Bench, person: &str, scope: &str) -> String {
    let asked: Vec<_> = USUAL.into_iter().chain([("scope", scope)]).collect();
    let answer = bench.answer(bench.ask(AUTHORIZE, &asked), person).await;
    let (_, tokens) = bench.post(&bench.at(TOKEN), &exchange(bench, &answer)).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn about(bench: &Bench, method: Method, path: &str, token: &str, secret: &str) -> (StatusCode, Value) {
    let url = bench.at(&format!("/applications/{}/{path}", bench.id()));
    let request = bench.client.request(method, url).basic_auth(bench.id(), Some(secret));
    let response = request.json(&json!({ "access_token": token })).send().await.unwrap();
    (response.status(), response.json().await.unwrap_or_default())
}

#[actix_web::test]
async fn a_login_to_the_rest_api() {
    let bench = Bench::of(Kind::Github).await;
    let answer = bench.answer(bench.ask(AUTHORIZE, &USUAL), "ada").await;
    assert_eq!(answer["state"], "the state");
    let (status, tokens) = bench.post(&bench.at(TOKEN), &exchange(&bench, &answer)).await;
    assert_eq!((status, tokens["scope"].as_str()), (StatusCode::OK, Some("read:user,user:email")));
    let token = tokens["access_token"].as_str().unwrap();
    let (_, user) = bench.call(Method::GET, &bench.at("/user"), token).await;
    assert_eq!(
        (&user["id"], &user["login"], &user["email"]),
        (&1_815_121.into(), &"ada".into(), &"ada@example.com".into())
    );
    let anonymous = bare().get(bench.at("/user")).bearer_auth(token).send().await.unwrap();
    assert_eq!(anonymous.status(), StatusCode::FORBIDDEN, "GitHub wants a User-Agent");
}

#[actix_web::test]
async fn the_default_answer_is_form_encoded() {
    let bench = Bench::of(Kind::Github).await;
    let answer = bench.answer(bench.ask(AUTHORIZE, &USUAL), "ada").await;
    let response = bench.client.post(bench.at(TOKEN)).form(&exchange(&bench, &answer)).send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/x-www-form-urlencoded"));
    let body = response.bytes().await.unwrap();
    let body: Answer = url::form_urlencoded::parse(&body).into_owned().collect();
    assert_eq!((body["token_type"].as_str(), body["scope"].as_str()), ("bearer", "read:user,user:email"));
    assert!(body["access_token"].starts_with("gho_"));
}

#[actix_web::test]
async fn errors_come_with_status_200() {
    let bench = Bench::of(Kind::Github).await;
    let answer = bench.answer(bench.ask(AUTHORIZE, &USUAL), "ada").await;
    let good = exchange(&bench, &answer);
    for (name, value, error) in [
        ("client_secret", "wrong", "incorrect_client_credentials"),
        ("redirect_uri", "http://127.0.0.1:9/other", "redirect_uri_mismatch"),
        ("code_verifier", "wrong", "bad_verification_code"),
        ("code_verifier", "", "bad_verification_code"),
        ("code", "unknown", "bad_verification_code"),
    ] {
        let (status, body) = bench.post(&bench.at(TOKEN), &with(&good, name, value)).await;
        assert_eq!((status, body["error"].as_str()), (StatusCode::OK, Some(error)), "{name}={value}");
        assert!(body["error_uri"].is_string() && body.get("access_token").is_none());
    }
    assert!(bench.post(&bench.at(TOKEN), &good).await.1["access_token"].is_string());
    assert_eq!(bench.post(&bench.at(TOKEN), &good).await.1["error"], "bad_verification_code");
}

#[actix_web::test]
async fn a_private_address_is_seen_only_with_its_scope() {
    let bench = Bench::of(Kind::Github).await;
    let token = token_of(&bench, "grace", "user:email").await;
    let (_, user) = bench.call(Method::GET, &bench.at("/user"), &token).await;
    assert_eq!(user["email"], Value::Null);
    let (_, emails) = bench.call(Method::GET, &bench.at("/user/emails"), &token).await;
    let primary = json!({ "email": "grace@example.org", "primary": true, "verified": true, "visibility": "private" });
    assert!(emails.as_array().unwrap().contains(&primary));
    assert!(emails[0]["email"].as_str().unwrap().ends_with("@users.noreply.github.com"));
    let narrow = token_of(&bench, "grace", "read:user").await;
    assert_eq!(bench.call(Method::GET, &bench.at("/user/emails"), &narrow).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.call(Method::GET, &bench.at("/user"), "gho_x").await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_token_can_be_checked_and_given_back() {
    let bench = Bench::of(Kind::Github).await;
    let token = token_of(&bench, "ada", "user:email").await;
    assert_eq!(about(&bench, Method::POST, "token", &token, "wrong").await.0, StatusCode::UNAUTHORIZED);
    let (_, checked) = about(&bench, Method::POST, "token", &token, bench.secret()).await;
    assert_eq!(checked["app"]["client_id"], bench.id());
    bench.control("/_simulator/fault", json!({ "kind": "foreign_app" })).await;
    assert_eq!(about(&bench, Method::POST, "token", &token, bench.secret()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(about(&bench, Method::DELETE, "grant", &token, bench.secret()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(bench.call(Method::GET, &bench.at("/user"), &token).await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn refusals_redirects_and_challenges() {
    let bench = Bench::of(Kind::Github).await;
    let answer = bench.answer(bench.ask(AUTHORIZE, &USUAL), "refuse").await;
    assert_eq!(answer["error_description"], "The user has denied your application access.");
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "the state"));
    let below = format!("{REDIRECT}/below");
    assert_eq!(bench.get(bench.ask(AUTHORIZE, &[("redirect_uri", &below)])).await.status(), StatusCode::OK);
    let beside = format!("{REDIRECT}beside");
    let page = bench.get(bench.ask(AUTHORIZE, &[("redirect_uri", &beside)])).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    let plain: Vec<_> = USUAL.into_iter().chain([("code_challenge_method", "plain")]).collect();
    let answer = crate::support::landed(&bench.get(bench.ask(AUTHORIZE, &plain)).await);
    assert_eq!(answer["error"], "invalid_request");
}
