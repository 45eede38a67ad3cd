use aws_lc_rs::hmac;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;
use vestibule::demo::simulators::Kind;

use crate::support::{Answer, Bench, CHALLENGE, REDIRECT, VERIFIER, location, with};

const DIALOG: &str = "/v25.0/dialog/oauth";
const USUAL: [(&str, &str); 1] = [("scope", "public_profile,email")];

async fn token_of(bench: &Bench, person: &str, fault: &str) -> String {
    let answer = crate::support::landed(&bench.pick(bench.ask(DIALOG, &USUAL), person, fault).await);
    let (status, tokens) = exchange(bench, &answer, &[]).await;
    assert_eq!((status, tokens["token_type"].as_str()), (StatusCode::OK, Some("bearer")));
    assert!(tokens.get("id_token").is_none());
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn exchange(bench: &Bench, answer: &Answer, changes: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut form = vec![
        ("client_id", bench.id()),
        ("client_secret", bench.secret()),
        ("redirect_uri", REDIRECT),
        ("code", answer["code"].as_str()),
        ("code_verifier", ""),
    ];
    for (name, value) in changes {
        form = with(&form, name, value);
    }
    bench.post(&bench.at("/v25.0/oauth/access_token"), &with(&form, "", "")).await
}

fn proof(bench: &Bench, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, bench.secret().as_bytes());
    let tag = hmac::sign(&key, token.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn me(bench: &Bench, token: &str, pairs: &[(&str, &str)]) -> (StatusCode, Value) {
    let url = Url::parse_with_params(&bench.at("/v25.0/me"), pairs).unwrap();
    bench.call(Method::GET, url.as_str(), token).await
}

async fn debug(bench: &Bench, token: &str) -> Value {
    let asker = format!("{}|{}", bench.id(), bench.secret());
    let pairs = [("input_token", token), ("access_token", asker.as_str())];
    bench.get_json(Url::parse_with_params(&bench.at("/debug_token"), pairs).unwrap().as_str()).await
}

#[actix_web::test]
async fn a_login_to_the_graph_with_proof() {
    let bench = Bench::of(Kind::Facebook).await;
    let to = location(&bench.pick(bench.ask(DIALOG, &USUAL), "ada", "").await);
    assert_eq!(to.fragment(), Some("_=_"));

    let token = token_of(&bench, "ada", "").await;
    let proof = proof(&bench, &token);
    let (_, plain) = me(&bench, &token, &[("appsecret_proof", &proof)]).await;
    assert_eq!(plain, json!({ "id": "10158423176295311", "name": "Ada Lovelace" }));
    let fields = "id,name,first_name,last_name,email,picture.width(256).height(256)";
    let (_, all) = me(&bench, &token, &[("appsecret_proof", &proof), ("fields", fields)]).await;
    assert_eq!((&all["email"], &all["first_name"]), (&"ada@example.com".into(), &"Ada".into()));
    assert!(all["picture"]["data"]["url"].is_string() && all.get("email_verified").is_none());

    let about = debug(&bench, &token).await;
    assert_eq!(about["data"]["app_id"], bench.id());
    assert_eq!((&about["data"]["user_id"], &about["data"]["is_valid"]), (&plain["id"], &true.into()));
    assert_eq!(about["data"]["scopes"], json!(["email", "public_profile"]));
}

#[actix_web::test]
async fn a_call_without_the_right_proof_is_refused() {
    let bench = Bench::of(Kind::Facebook).await;
    let token = token_of(&bench, "ada", "").await;
    for pairs in [vec![], vec![("appsecret_proof", "00")], vec![("appsecret_proof", bench.secret())]] {
        let (status, body) = me(&bench, &token, &pairs).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::BAD_REQUEST, &100.into()), "{pairs:?}");
        assert!(body["error"]["message"].as_str().unwrap().contains("appsecret_proof"));
    }
    let (status, body) = me(&bench, "EAABnothing", &[]).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::BAD_REQUEST, &190.into()));
    assert_eq!(body["error"]["type"], "OAuthException");
    assert_eq!(debug(&bench, "EAABnothing").await["data"]["is_valid"], false);
}

#[actix_web::test]
async fn some_have_no_address_and_some_keep_it() {
    let bench = Bench::of(Kind::Facebook).await;
    for (person, fault, declined) in [("grace", "", false), ("ada", "email_declined", true)] {
        let token = token_of(&bench, person, fault).await;
        let proof = proof(&bench, &token);
        let (_, all) = me(&bench, &token, &[("appsecret_proof", &proof), ("fields", "id,name,email")]).await;
        assert!(all.get("email").is_none() && all["name"].is_string(), "{person}");
        let pairs = [("appsecret_proof", proof.as_str()), ("access_token", &token)];
        let url = Url::parse_with_params(&bench.at("/v25.0/me/permissions"), pairs).unwrap();
        let permissions = bench.get_json(url.as_str()).await;
        let status = if declined { "declined" } else { "granted" };
        assert_eq!(permissions["data"][1], json!({ "permission": "email", "status": status }));
    }
}

#[actix_web::test]
async fn a_token_of_another_app_says_so() {
    let bench = Bench::of(Kind::Facebook).await;
    let token = token_of(&bench, "ada", "foreign_app").await;
    assert_ne!(debug(&bench, &token).await["data"]["app_id"], bench.id());
}

#[actix_web::test]
async fn codes_and_their_errors() {
    let bench = Bench::of(Kind::Facebook).await;
    let answer = bench.answer(bench.ask(DIALOG, &USUAL), "ada").await;
    for (name, value, code, subcode) in [
        ("client_secret", "wrong", 1, Value::Null),
        ("client_id", "1", 101, Value::Null),
        ("redirect_uri", "http://127.0.0.1:9/callback/other", 100, 36008.into()),
        ("code", "AQunknown", 100, Value::Null),
    ] {
        let (status, body) = exchange(&bench, &answer, &[(name, value)]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
        let error = &body["error"];
        assert_eq!((&error["code"], error.get("error_subcode")), (&code.into(), subcode.is_u64().then_some(&subcode)));
        assert!(error["fbtrace_id"].is_string());
    }
    assert_eq!(exchange(&bench, &answer, &[]).await.0, StatusCode::OK);
    let (_, used) = exchange(&bench, &answer, &[]).await;
    assert_eq!(used["error"]["error_subcode"], 36009);
}

#[actix_web::test]
async fn a_challenge_once_sent_is_enforced() {
    let bench = Bench::of(Kind::Facebook).await;
    let pkce = [USUAL[0], ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let answer = bench.answer(bench.ask(DIALOG, &pkce), "ada").await;
    assert_eq!(exchange(&bench, &answer, &[]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(exchange(&bench, &answer, &[("code_verifier", "wrong")]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(exchange(&bench, &answer, &[("code_verifier", VERIFIER)]).await.0, StatusCode::OK);
}

#[actix_web::test]
async fn a_refusal_has_facebooks_words() {
    let bench = Bench::of(Kind::Facebook).await;
    let answer = bench.answer(bench.ask(DIALOG, &USUAL), "refuse").await;
    assert_eq!((answer["error"].as_str(), answer["error_reason"].as_str()), ("access_denied", "user_denied"));
    assert_eq!((answer["error_code"].as_str(), answer["state"].as_str()), ("200", "the state"));
}

#[actix_web::test]
async fn disconnecting_voids_the_token() {
    let bench = Bench::of(Kind::Facebook).await;
    let token = token_of(&bench, "ada", "").await;
    let proof = proof(&bench, &token);
    let pairs = [("appsecret_proof", proof.as_str()), ("access_token", token.as_str())];
    let someone_else = Url::parse_with_params(&bench.at("/v25.0/1/permissions"), pairs).unwrap();
    let own = Url::parse_with_params(&bench.at("/10158423176295311/permissions"), pairs).unwrap();
    assert_eq!(bench.call(Method::DELETE, someone_else.as_str(), &token).await.0, StatusCode::BAD_REQUEST);
    let (status, body) = bench.call(Method::DELETE, own.as_str(), &token).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "success": true })));
    assert_eq!(me(&bench, &token, &[("appsecret_proof", &proof)]).await.0, StatusCode::BAD_REQUEST);
}
