//! `profile = "fapi2"`: what the FAPI 2.0 Security Profile demands, each as the error that its suite looks for.

use serde_json::{Value, json};

use crate::{
    on_both_stores,
    stage::{Bank, Browser, CHALLENGE, OnStore, Page, Pair, Stage, VERIFIER, jws_claims, jws_header, now, param},
};

const CALLBACK: &str = "https://bank.test/cb";
const REQUEST: [(&str, &str); 7] = [
    ("client_id", "bank"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", "openid"),
    ("state", "st-1"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn bank(on: OnStore) -> (Stage, Bank) {
    let key = Pair::es256();
    let section = Bank::section(&key, "profile = \"fapi2\"");
    let stage = Stage::start_with(on, move |config| format!("{config}{section}")).await;
    let bank = Bank::of(&stage, key);
    (stage, bank)
}

fn changed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = REQUEST.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty()).copied()).collect()
}

async fn pushed(bank: &Bank, changes: &[(&str, &str)]) -> String {
    let page = bank.post("/par", &changed(changes), &[]).await;
    assert_eq!(page.status, 201, "{}", page.body);
    at_authorize(bank, &page)
}

fn at_authorize(bank: &Bank, pushed: &Page) -> String {
    let reference = pushed.json();
    let query = [("client_id", "bank"), ("request_uri", reference["request_uri"].as_str().unwrap())];
    url::Url::parse_with_params(&bank.at("/authorize"), query).unwrap().into()
}

async fn code(bank: &Bank, changes: &[(&str, &str)]) -> String {
    let browser = Browser::new();
    let page = browser.open(&pushed(bank, changes).await).await;
    param(&browser.choose(&page, "google").await.location().unwrap(), "code").unwrap()
}

async fn redeem(bank: &Bank, code: &str, proof: Option<&str>) -> Page {
    let form =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    bank.post("/token", &form, &proof.map(|proof| ("dpop", proof)).into_iter().collect::<Vec<_>>()).await
}

fn proof(bank: &Bank, changes: &Value) -> String {
    bank.key.proof("POST", &bank.at("/token"), changes)
}

fn error(page: &Page) -> (u16, String) {
    (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned())
}

on_both_stores! {
    /// A whole login: pushed, bound, signed by ES256, with `iss` in the answer.
    async fn fapi2_happy_path(on: OnStore) {
        let (stage, bank) = bank(on).await;
        let browser = Browser::new();
        let page = browser.open(&pushed(&bank, &[]).await).await;
        let answer = browser.choose(&page, "google").await.location().unwrap();
        assert_eq!(param(&answer, "iss").as_deref(), Some(stage.issuer.as_str()));
        let page = redeem(&bank, &param(&answer, "code").unwrap(), Some(&proof(&bank, &json!({})))).await;
        assert_eq!((page.status.as_u16(), page.json()["token_type"].as_str()), (200, Some("DPoP")), "{}", page.body);
        let tokens = page.json();
        let (access, id) = (tokens["access_token"].as_str().unwrap(), tokens["id_token"].as_str().unwrap());
        assert_eq!(jws_header(id)["alg"], "ES256");
        assert_eq!(jws_claims(access)["cnf"]["jkt"], bank.key.thumbprint());
        // The refresh token of an app that proves itself is not bound: it may come with a new key (RFC 9449, section 5).
        let other = Pair::eddsa();
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        let page = bank.post("/token", &refresh, &[("dpop", &other.proof("POST", &bank.at("/token"), &json!({})))]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(jws_claims(page.json()["access_token"].as_str().unwrap())["cnf"]["jkt"], other.thumbprint());
        stage.stop().await;
    }

    /// Everything that is left out, or done by halves.
    async fn fapi2_negatives(on: OnStore) {
        let (stage, bank) = bank(on).await;
        let told = |status, error: &str| (status, error.to_owned());
        // A request that was not pushed.
        let open = url::Url::parse_with_params(&bank.at("/authorize"), REQUEST).unwrap();
        let page = Browser::new().get(open.as_str()).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("invalid_request"));
        // PKCE and redirect URI.
        for changes in [
            vec![("code_challenge", ""), ("code_challenge_method", "")], vec![("code_challenge_method", "plain")],
            vec![("code_challenge_method", "")], vec![("redirect_uri", "")], vec![("redirect_uri", "https://bank.test/cb/x")],
        ] {
            assert_eq!(error(&bank.post("/par", &changed(&changes), &[]).await), told(400, "invalid_request"), "{changes:?}");
        }
        // The assertion: the issuer is the only audience, as a string (section 5.3.2.1).
        for audience in [json!(bank.at("/token")), json!(bank.at("/par")), json!([bank.issuer, bank.at("/token")]), json!([bank.issuer])] {
            let assertion = bank.key.assertion("bank", "", &json!({ "aud": audience }));
            assert_eq!(error(&bank.post_with("/par", &assertion, &changed(&[]), &[]).await), told(401, "invalid_client"), "{audience}");
        }
        for changes in [json!({ "exp": now() - 120 }), json!({ "exp": null }), json!({ "nbf": now() + 300 }), json!({ "jti": null })] {
            let assertion = bank.key.assertion("bank", &bank.issuer, &changes);
            assert_eq!(error(&bank.post_with("/par", &assertion, &changed(&[]), &[]).await), told(401, "invalid_client"), "{changes}");
        }
        // DPoP, and the code.
        let code = code(&bank, &[]).await;
        assert_eq!(error(&redeem(&bank, &code, None).await), told(400, "invalid_dpop_proof"));
        assert_eq!(error(&redeem(&bank, &code, Some(&proof(&bank, &json!({ "htm": "GET" })))).await), told(400, "invalid_dpop_proof"));
        assert_eq!(error(&redeem(&bank, &code, Some(&proof(&bank, &json!({ "iat": now() - 3600 })))).await), told(400, "use_dpop_nonce"));
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await.status, 200);
        assert_eq!(error(&redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await), told(400, "invalid_grant"), "again");
        stage.stop().await;
    }

    /// The key of the code is the one that the push named, by parameter or by proof (RFC 9449, section 10).
    async fn fapi2_par_binds_the_code(on: OnStore) {
        let (stage, bank) = bank(on).await;
        let (other, thumbprint) = (Pair::es256(), bank.key.thumbprint());
        let elsewhere = other.proof("POST", &bank.at("/token"), &json!({}));
        let by_parameter = code(&bank, &[("dpop_jkt", &thumbprint)]).await;
        assert_eq!(error(&redeem(&bank, &by_parameter, Some(&elsewhere)).await), (400, "invalid_grant".into()));
        assert_eq!(redeem(&bank, &by_parameter, Some(&proof(&bank, &json!({})))).await.status, 200);
        let shown = bank.key.proof("POST", &bank.at("/par"), &json!({}));
        let page = bank.post("/par", &REQUEST, &[("dpop", &shown)]).await;
        assert_eq!(page.status, 201, "{}", page.body);
        let again = bank.post("/par", &REQUEST, &[("dpop", &shown)]).await;
        assert_eq!(error(&again), (400, "invalid_dpop_proof".into()), "a replay");
        let named = [REQUEST.as_slice(), &[("dpop_jkt", thumbprint.as_str())]].concat();
        let foreign = other.proof("POST", &bank.at("/par"), &json!({}));
        assert_eq!(error(&bank.post("/par", &named, &[("dpop", &foreign)]).await), (400, "invalid_dpop_proof".into()));
        let browser = Browser::new();
        let login = browser.open(&at_authorize(&bank, &page)).await;
        let by_proof = param(&browser.choose(&login, "google").await.location().unwrap(), "code").unwrap();
        let fresh = other.proof("POST", &bank.at("/token"), &json!({}));
        assert_eq!(error(&redeem(&bank, &by_proof, Some(&fresh)).await), (400, "invalid_grant".into()));
        assert_eq!(redeem(&bank, &by_proof, Some(&proof(&bank, &json!({})))).await.status, 200);
        stage.stop().await;
    }
}
