use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vestibule::demo::simulators::Kind;

use crate::support::{Answer, Bench, CHALLENGE, Pairs, REDIRECT, VERIFIER, hidden_fields, peek, verify, with};

const CONTOSO: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const USUAL: [(&str, &str); 4] = [
    ("scope", "openid profile email"),
    ("nonce", "the nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

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

async fn tokens_of(bench: &Bench, person: &str) -> Value {
    let answer = bench.answer(bench.ask("/common/oauth2/v2.0/authorize", &USUAL), person).await;
    let (status, tokens) = bench.post(&bench.at("/common/oauth2/v2.0/token"), &exchange(bench, &answer)).await;
    assert_eq!(status, StatusCode::OK);
    tokens
}

async fn metadata(bench: &Bench, tenant: &str) -> Value {
    bench.get_json(&bench.at(&format!("/{tenant}/v2.0/.well-known/openid-configuration"))).await
}

#[actix_web::test]
async fn common_has_a_template_where_a_tenant_has_an_issuer() {
    let bench = Bench::of(Kind::Microsoft).await;
    let base = bench.simulator.origin();
    for (tenant, issuer) in [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        ("consumers", CONSUMERS),
        ("contoso.example", CONTOSO),
        (CONTOSO, CONTOSO),
    ] {
        assert_eq!(metadata(&bench, tenant).await["issuer"], format!("{base}/{issuer}/v2.0"), "{tenant}");
    }
    assert_eq!(metadata(&bench, "nowhere").await["error"], "invalid_tenant");

    let tokens = tokens_of(&bench, "ada").await;
    let keys = bench.get_json(metadata(&bench, "common").await["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(keys["keys"][0]["issuer"], format!("{base}/{{tenantid}}/v2.0"));
    let token = tokens["id_token"].as_str().unwrap();
    let claims = verify(token, &keys, &format!("{base}/{CONTOSO}/v2.0"), bench.id()).unwrap();
    assert_eq!((&claims["tid"], &claims["nonce"]), (&CONTOSO.into(), &"the nonce".into()));
    assert!(claims["oid"].is_string() && claims.get("email_verified").is_none());
    let access = tokens["access_token"].as_str().unwrap();
    let (_, info) = bench.call(Method::GET, &bench.at("/oidc/userinfo"), access).await;
    assert_eq!(info["sub"], claims["sub"]);
}

#[actix_web::test]
async fn xms_edov_comes_in_every_type_or_not_at_all() {
    let bench = Bench::of(Kind::Microsoft).await;
    for (person, edov) in
        [("ada", json!(true)), ("grace", json!("1")), ("maximiliana", json!(1)), ("alan", Value::Null)]
    {
        let claims = peek(tokens_of(&bench, person).await["id_token"].as_str().unwrap());
        assert_eq!(claims["xms_edov"], edov, "{person}");
    }
    let claims = peek(tokens_of(&bench, "fatima").await["id_token"].as_str().unwrap());
    assert_eq!(claims["tid"], CONSUMERS);
}

#[actix_web::test]
async fn a_tenant_shows_its_own_people() {
    let bench = Bench::of(Kind::Microsoft).await;
    for (tenant, there, absent) in
        [("organizations", "Alan", "الفهرية"), ("consumers", "الفهرية", "Alan"), ("contoso.example", "Grace", "Alan")]
    {
        let page = bench.get(bench.ask(&format!("/{tenant}/oauth2/v2.0/authorize"), &USUAL)).await;
        let page = page.text().await.unwrap();
        assert!(page.contains(there) && !page.contains(absent), "{tenant}");
    }
    let asked = bench.ask("/contoso.example/oauth2/v2.0/authorize", &USUAL);
    assert_eq!(bench.pick(asked, "alan", "").await.status(), StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn token_errors_carry_numbers() {
    let bench = Bench::of(Kind::Microsoft).await;
    let answer = bench.answer(bench.ask("/common/oauth2/v2.0/authorize", &USUAL), "ada").await;
    let good = exchange(&bench, &answer);
    let token = bench.at("/common/oauth2/v2.0/token");
    for (name, value, status, error, number) in [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("grant_type", "password", 400, "unsupported_grant_type", 70003),
        ("redirect_uri", "http://127.0.0.1:9/other", 400, "invalid_grant", 500_112),
        ("code_verifier", "wrong", 400, "invalid_grant", 501_481),
        ("code_verifier", "", 400, "invalid_grant", 501_481),
    ] {
        let (found, body) = bench.post(&token, &with(&good, name, value)).await;
        assert_eq!((found.as_u16(), body["error"].as_str()), (status, Some(error)), "{name}={value}");
        assert_eq!(body["error_codes"], json!([number]));
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{number}:")));
    }
    assert_eq!(bench.post(&token, &good).await.0, StatusCode::OK);
    assert_eq!(bench.post(&token, &good).await.1["error_codes"], json!([54005]));
}

#[actix_web::test]
async fn a_refusal_can_be_posted() {
    let bench = Bench::of(Kind::Microsoft).await;
    let posted: Vec<_> = USUAL.into_iter().chain([("response_mode", "form_post")]).collect();
    let page = bench.pick(bench.ask("/common/oauth2/v2.0/authorize", &posted), "refuse", "").await;
    let fields = hidden_fields(&page.text().await.unwrap());
    assert_eq!((fields["error"].as_str(), fields["error_subcode"].as_str()), ("access_denied", "cancel"));
    assert_eq!(fields["state"], "the state");
}
