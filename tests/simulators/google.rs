use reqwest::{Method, StatusCode};
use vestibule::demo::simulators::Kind;

use crate::support::{Answer, Bench, CHALLENGE, Pairs, REDIRECT, VERIFIER, landed, verify, with};

const AUTH: &str = "/o/oauth2/v2/auth";
const USUAL: [(&str, &str); 4] = [
    ("scope", "openid email profile"),
    ("nonce", "the nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn come_back(bench: &Bench, person: &str) -> Answer {
    bench.answer(bench.ask(AUTH, &USUAL), person).await
}

fn exchange<'a>(bench: &'a Bench, answer: &'a Answer) -> Pairs<'a> {
    vec![
        ("client_id", bench.id()),
        ("client_secret", bench.secret()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", &answer["code"]),
        ("code_verifier", VERIFIER),
    ]
}

#[actix_web::test]
async fn a_login_from_discovery_to_userinfo() {
    let bench = Bench::of(Kind::Google).await;
    let metadata = bench.get_json(&bench.at("/.well-known/openid-configuration")).await;
    assert_eq!(metadata["issuer"], bench.simulator.origin());
    let asked = bench.ask(AUTH, &USUAL);
    assert!(asked.as_str().starts_with(metadata["authorization_endpoint"].as_str().unwrap()));
    let answer = bench.answer(asked, "grace").await;
    assert_eq!((answer["state"].as_str(), answer["hd"].as_str()), ("the state", "example.com"));
    assert_eq!(answer["iss"], bench.simulator.origin());
    assert!(answer["scope"].contains("https://www.googleapis.com/auth/userinfo.email"));

    let (status, tokens) = bench.post(metadata["token_endpoint"].as_str().unwrap(), &exchange(&bench, &answer)).await;
    assert_eq!((status, tokens["token_type"].as_str()), (StatusCode::OK, Some("Bearer")));
    let jwks = bench.get_json(metadata["jwks_uri"].as_str().unwrap()).await;
    let token = tokens["id_token"].as_str().unwrap();
    let claims = verify(token, &jwks, bench.simulator.origin(), bench.id()).unwrap();
    assert_eq!((claims["nonce"].as_str(), claims["azp"].as_str()), (Some("the nonce"), Some(bench.id())));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"grace@example.com".into(), &true.into()));
    assert_eq!((&claims["hd"], &claims["name"]), (&"example.com".into(), &"Grace Hopper".into()));

    let access = tokens["access_token"].as_str().unwrap();
    let (_, info) = bench.call(Method::GET, metadata["userinfo_endpoint"].as_str().unwrap(), access).await;
    assert_eq!((&info["sub"], &info["email"]), (&claims["sub"], &claims["email"]));

    let revoke = metadata["revocation_endpoint"].as_str().unwrap();
    assert_eq!(bench.post(revoke, &[("token", access)]).await.0, StatusCode::OK);
    let (status, error) = bench.post(revoke, &[("token", access)]).await;
    assert_eq!((status, error["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_token")));
    assert_eq!(bench.call(Method::GET, &bench.at("/v1/userinfo"), access).await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_code_is_for_one_use_by_who_asked_for_it() {
    let bench = Bench::of(Kind::Google).await;
    let answer = come_back(&bench, "ada").await;
    let good = exchange(&bench, &answer);
    for (name, value, status, error, description) in [
        ("client_secret", "wrong", 401, "invalid_client", "Unauthorized"),
        ("client_id", "another", 401, "invalid_client", "Unauthorized"),
        ("grant_type", "password", 400, "unsupported_grant_type", "Invalid grant_type"),
        ("redirect_uri", "http://127.0.0.1:9/callback/test/", 400, "redirect_uri_mismatch", "Bad Request"),
        ("code_verifier", "another", 400, "invalid_grant", "Invalid code verifier."),
        ("code_verifier", "", 400, "invalid_grant", "Missing code verifier."),
        ("code", "4/0unknown", 400, "invalid_grant", "Bad Request"),
    ] {
        let (found, body) = bench.post(&bench.at("/token"), &with(&good, name, value)).await;
        assert_eq!((found.as_u16(), body["error"].as_str()), (status, Some(error)), "{name}={value}");
        assert_eq!(body["error_description"], description, "{name}={value}");
    }
    let basic = with(&with(&good, "client_id", ""), "client_secret", "");
    let request = bench.client.post(bench.at("/token")).basic_auth(bench.id(), Some(bench.secret())).form(&basic);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    let (status, body) = bench.post(&bench.at("/token"), &good).await;
    assert_eq!((status, body["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_grant")));
}

#[actix_web::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let bench = Bench::of(Kind::Google).await;
    let answer = bench.answer(bench.ask(AUTH, &[("scope", "openid")]), "ada").await;
    let (status, body) = bench.post(&bench.at("/token"), &exchange(&bench, &answer)).await;
    assert_eq!((status, body["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_grant")));
}

#[actix_web::test]
async fn a_refusal_comes_back_with_issuer_and_state() {
    let bench = Bench::of(Kind::Google).await;
    let answer = come_back(&bench, "refuse").await;
    let expected = [("error", "access_denied"), ("iss", bench.simulator.origin()), ("state", "the state")];
    assert_eq!(answer, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[actix_web::test]
async fn mistakes_stay_on_googles_own_page() {
    let bench = Bench::of(Kind::Google).await;
    for (change, status, word) in [
        (("client_id", "another"), 401, "invalid_client"),
        (("redirect_uri", "http://127.0.0.1:9/callback/test2"), 400, "redirect_uri_mismatch"),
        (("redirect_uri", "http://127.0.0.1:9/callback/test/sub"), 400, "redirect_uri_mismatch"),
        (("response_type", ""), 400, "response_type"),
        (("scope", ""), 400, "scope"),
        (("prompt", "login"), 400, "Invalid prompt: login"),
    ] {
        let changes: Vec<_> = USUAL.into_iter().chain([change]).collect();
        let page = bench.get(bench.ask(AUTH, &changes)).await;
        assert_eq!(page.status().as_u16(), status, "{change:?}");
        assert!(page.text().await.unwrap().contains(word), "{change:?}");
    }
}

#[actix_web::test]
async fn prompt_none_asks_nobody() {
    let bench = Bench::of(Kind::Google).await;
    let silent: Vec<_> = USUAL.into_iter().chain([("prompt", "none")]).collect();
    let nobody = landed(&bench.get(bench.ask(AUTH, &silent)).await);
    assert_eq!(nobody["error"], "login_required");
    let picked = bench.pick(bench.ask(AUTH, &USUAL), "ada", "").await;
    let cookie = picked.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let request = bench.client.get(bench.ask(AUTH, &silent)).header("Cookie", cookie);
    assert!(landed(&request.send().await.unwrap()).contains_key("code"));
}
