use reqwest::StatusCode;
use serde_json::{Value, json};
use vestibule::demo::simulators::{Fault, Kind, Simulator};

use crate::support::{Bench, REDIRECT, landed, peek, verify};

const AUTH: &str = "/o/oauth2/v2/auth";
const USUAL: [(&str, &str); 2] = [("scope", "openid email"), ("nonce", "the nonce")];

async fn exchange(bench: &Bench, code: &str) -> (StatusCode, Value) {
    let form = [
        ("client_id", bench.id()),
        ("client_secret", bench.secret()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
        ("code", code),
    ];
    bench.post(&bench.at("/token"), &form).await
}

/// An ID token of a login that goes wrong as chosen on the page.
async fn id_token(bench: &Bench, fault: Fault) -> String {
    let answer = landed(&bench.pick(bench.ask(AUTH, &USUAL), "ada", fault.name()).await);
    exchange(bench, &answer["code"]).await.1["id_token"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn each_fault_of_an_id_token_is_one() {
    let bench = Bench::of(Kind::Google).await;
    let keys = bench.get_json(&bench.at("/oauth2/v3/certs")).await;
    let check = |token: &str| verify(token, &keys, bench.simulator.origin(), bench.id());
    for fault in [
        Fault::WrongIssuer,
        Fault::WrongAudience,
        Fault::ForeignApp,
        Fault::Expired,
        Fault::WrongTypes,
        Fault::BadSignature,
        Fault::UnknownKey,
        Fault::AlgNone,
        Fault::AlgHs256,
    ] {
        assert!(check(&id_token(&bench, fault).await).is_err(), "{fault:?}");
    }
    let seen = async |fault| check(&id_token(&bench, fault).await).unwrap();
    assert_eq!(seen(Fault::WrongNonce).await["nonce"], "another-nonce");
    assert!(seen(Fault::MissingNonce).await.get("nonce").is_none());
    assert!(seen(Fault::MissingSubject).await.get("sub").is_none());
    assert_eq!(seen(Fault::OversizedSubject).await["sub"].as_str().unwrap().len(), 300);
    let future = seen(Fault::IssuedInFuture).await;
    let stale = seen(Fault::StaleLogin).await;
    let honest = exchange(&bench, &bench.answer(bench.ask(AUTH, &USUAL), "ada").await["code"]).await.1;
    let honest = check(honest["id_token"].as_str().unwrap()).unwrap();
    assert!(future["iat"].as_u64() > honest["iat"].as_u64().map(|iat| iat + 1800));
    assert!(stale["auth_time"].as_u64() < honest["iat"].as_u64().map(|iat| iat - 80_000));
}

#[actix_web::test]
async fn faults_of_the_answer() {
    let bench = Bench::of(Kind::Google).await;
    let asked = || bench.ask(AUTH, &USUAL);
    let faulty = async |fault: Fault| landed(&bench.pick(asked(), "ada", fault.name()).await);
    assert_eq!(faulty(Fault::WrongState).await["state"], "another-state");
    assert_eq!(faulty(Fault::WrongIss).await["iss"], "https://issuer.invalid");
    assert!(!faulty(Fault::MissingIss).await.contains_key("iss"));
    assert_eq!(faulty(Fault::EmailDeclined).await["scope"], "openid");
}

#[actix_web::test]
async fn armed_faults_hold_until_cleared() {
    let bench = Bench::of(Kind::Google).await;
    let discovery = bench.at("/.well-known/openid-configuration");
    let arm = async |kind: &str| bench.control("/_simulator/fault", json!({ "kind": kind })).await;
    assert_eq!(arm("no_such_fault").await, StatusCode::BAD_REQUEST);
    assert_eq!(arm("http_500").await, StatusCode::NO_CONTENT);
    assert_eq!(bench.get(&discovery).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bench.get(bench.ask(AUTH, &USUAL)).await.status(), StatusCode::OK, "people still get their page");
    bench.control("/_simulator/clear", json!({})).await;
    assert!(bench.get_json(&discovery).await["issuer"].is_string());

    arm("redirected").await;
    assert!(bench.get(&discovery).await.status().is_redirection());
    bench.simulator.clear();
    bench.simulator.fault(Fault::Oversized);
    assert!(bench.get(&discovery).await.bytes().await.unwrap().len() > 1024 * 1024);
    bench.simulator.clear();
    bench.simulator.fault(Fault::NotJson);
    assert!(bench.get(&discovery).await.text().await.unwrap().starts_with("<!doctype html>"));
}

#[actix_web::test]
async fn a_standing_answer_needs_no_page() {
    let bench = Bench::of(Kind::Google).await;
    let stand = async |person: &str| bench.control("/_simulator/answer", json!({ "person": person })).await;
    assert_eq!(stand("nobody").await, StatusCode::BAD_REQUEST);
    assert_eq!(stand("alan").await, StatusCode::NO_CONTENT);
    let answer = landed(&bench.get(bench.ask(AUTH, &USUAL)).await);
    let tokens = exchange(&bench, &answer["code"]).await.1;
    assert_eq!(peek(tokens["id_token"].as_str().unwrap())["email_verified"], false);
    bench.simulator.answer_with("refuse");
    assert_eq!(landed(&bench.get(bench.ask(AUTH, &USUAL)).await)["error"], "access_denied");
}

#[actix_web::test]
async fn a_page_is_answered_once_by_someone_who_is_on_it() {
    let bench = Bench::of(Kind::Google).await;
    assert_eq!(bench.pick(bench.ask(AUTH, &USUAL), "nobody", "").await.status(), StatusCode::BAD_REQUEST);
    let page = bench.get(bench.ask(AUTH, &USUAL)).await.text().await.unwrap();
    let request = crate::support::hidden(&page, "request");
    let form = [("request", request.as_str()), ("answer", "ada")];
    let send = async || bench.client.post(bench.at("/_simulator/choose")).form(&form).send().await.unwrap().status();
    assert_eq!((send().await, send().await), (StatusCode::FOUND, StatusCode::BAD_REQUEST));
}

#[actix_web::test]
async fn the_page_escapes_and_shows_odd_names() {
    let mut simulator = Simulator::new(Kind::Github);
    simulator.client_id = "<script>alert(1)</script>".to_owned();
    let simulator = simulator.start().await.unwrap();
    let bench = Bench { simulator, client: crate::support::client() };
    let page = bench.get(bench.ask("/login/oauth/authorize", &[("scope", "<b>")])).await.text().await.unwrap();
    assert!(!page.contains("<script>") && !page.contains("<b>,") && page.contains("&#60;b&#62;"));
    assert!(page.contains("<bdi>فاطمة الفهرية</bdi>"));
}

#[actix_web::test]
async fn without_registered_redirects_any_on_loopback_will_do_and_nothing_else() {
    let simulator = Simulator::new(Kind::Google).start().await.unwrap();
    let bench = Bench { simulator, client: crate::support::client() };
    for (uri, status) in [
        ("http://localhost:1/any", 200),
        ("http://[::1]:1/any", 200),
        ("https://example.com/any", 400),
        ("http://127.0.0.1.example.com/any", 400),
        ("http://127.0.0.1:1/any#fragment", 400),
        ("javascript:alert(1)", 400),
    ] {
        let asked = bench.ask(AUTH, &[("scope", "openid"), ("redirect_uri", uri)]);
        assert_eq!(bench.get(asked).await.status().as_u16(), status, "{uri}");
    }
}

#[actix_web::test]
async fn sections_of_a_configuration_parse() {
    for kind in Kind::ALL {
        let simulator = Simulator::new(kind).start().await.unwrap();
        let table: toml::Table = simulator.provider_section("x").parse().unwrap();
        let section = &table["providers"]["x"];
        assert_eq!(section["kind"].as_str(), Some(kind.as_str()));
        assert_eq!(section["issuer"].as_str(), Some(simulator.origin()));
        let secret = if kind == Kind::Apple { "private_key" } else { "client_secret" };
        assert_eq!(section[secret].as_str(), Some(simulator.client_secret()));
        assert_eq!(kind.as_str().parse(), Ok(kind));
        simulator.stop().await;
    }
}
