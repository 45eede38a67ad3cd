//! The FAPI 2.0 Security Profile, final: what its plan looks at in discovery, and in requests that are as they should be,
//! or unusual.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use url::Url;

use super::{
    discovered,
    fapi2::{REQUEST, at, bank, checks, code, error, proof, pushed, redeem, tokens, told, unproven, unpushed},
    whole::{AT_HOME, home, needs, standard},
};
use crate::stage::{Bank, Browser, OnStore, Pair, Stage, VERIFIER, jws_claims, param};

/// What a suite of this profile knows in an ID token, beside claims about the person.
const KNOWN: [&str; 12] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "jti", "sid"];

/// The answer to a request that was pushed with these changes, and looked up with this beside it in the address.
async fn answered(bank: &Bank, pushed_with: &[(&str, &str)], beside: &[(&str, &str)]) -> Url {
    let mut url: Url = pushed(bank, pushed_with).await.parse().unwrap();
    url.query_pairs_mut().extend_pairs(beside);
    let browser = Browser::new();
    let page = browser.open(url.as_str()).await;
    browser.choose(&page, "google").await.location().unwrap()
}

/// The ID token of a request that was pushed with these changes.
async fn id_token(bank: &Bank, pushed_with: &[(&str, &str)], beside: &[(&str, &str)]) -> Value {
    let answer = answered(bank, pushed_with, beside).await;
    let page = redeem(bank, &param(&answer, "code").unwrap(), Some(&proof(bank, &json!({})))).await;
    jws_claims(page.json()["id_token"].as_str().unwrap_or_else(|| panic!("{}", page.body)))
}

checks! {
    discovery_end_point_verification(stage, bank) {
        let document = discovered(&stage).await;
        for name in ["dpop", "token_endpoint_auth", "id_token", "userinfo"].map(|what| format!("{what}_signing_alg_values_supported")) {
            assert!(document[&name].as_array().unwrap().contains(&json!("ES256")), "{name}");
        }
        for (name, value) in [
            ("response_types_supported", "code"), ("code_challenge_methods_supported", "S256"),
            ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ] {
            assert!(document[name].as_array().unwrap().contains(&json!(value)), "{name}");
        }
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
        assert_eq!(document["pushed_authorization_request_endpoint"], bank.at("/par"));
        assert!(document["require_pushed_authorization_requests"].is_boolean());
    }

    ensure_authorization_request_without_state_success(stage, bank) {
        let answer = answered(&bank, &[("state", "")], &[]).await;
        let names: BTreeSet<String> = answer.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["code", "iss", "session_state"].map(str::to_owned).into());
    }

    ensure_authorization_request_without_nonce_success(stage, bank) {
        assert!(id_token(&bank, &[], &[]).await.get("nonce").is_none());
    }

    ensure_authorization_request_with_64_char_nonce_success(stage, bank) {
        let nonce = "n".repeat(64);
        assert_eq!(id_token(&bank, &[("nonce", &nonce)], &[]).await["nonce"], nonce);
    }

    ensure_authorization_request_with_long_nonce(stage, bank) {
        let nonce = "n".repeat(384);
        assert_eq!(id_token(&bank, &[("nonce", &nonce)], &[]).await["nonce"], nonce);
    }

    ensure_authorization_request_with_long_state(stage, bank) {
        let state = "s".repeat(1000);
        assert_eq!(param(&answered(&bank, &[("state", &state)], &[]).await, "state"), Some(state));
    }

    ensure_other_scope_order_succeeds(stage, bank) {
        assert_eq!(id_token(&bank, &[("scope", "email openid")], &[]).await["aud"], "bank");
    }

    /// What was pushed counts, and nothing beside it (RFC 9126, section 4).
    ensure_different_nonce_inside_and_outside_request_object(stage, bank) {
        assert_eq!(id_token(&bank, &[("nonce", "inside")], &[("nonce", "outside")]).await["nonce"], "inside");
    }

    ensure_different_state_inside_and_outside_request_object(stage, bank) {
        let beside = [("state", "outside"), ("response_type", "code"), ("scope", "openid"), ("redirect_uri", "https://bank.test/cb")];
        assert_eq!(param(&answered(&bank, &[("state", "inside")], &beside).await, "state").as_deref(), Some("inside"));
    }

    state_only_outside_request_object_not_used(stage, bank) {
        assert_eq!(param(&answered(&bank, &[("state", "")], &[("state", "outside")]).await, "state"), None);
    }

    ensure_request_object_without_redirect_uri_fails(stage, bank) {
        unpushed(&bank, &[&[("redirect_uri", "")]], "invalid_request").await;
    }

    /// It may be taken, says RFC 9126, section 2.4; here it is refused by name.
    plain_fapi_tolerate_unregistered_redirect_uri(stage, bank) {
        unpushed(&bank, &[&[("redirect_uri", "https://bank.test/cb/other")]], "invalid_request").await;
    }

    /// A scheme is one in whatever case it is written (RFC 9110, section 11.1); and the answer says when it was made.
    access_token_type_header_case_sensitivity(stage, bank) {
        let (access, _) = tokens(&bank).await;
        let url = bank.at("/userinfo");
        for scheme in ["DPoP", "dPOp", "dpop", "DPOP"] {
            let shown = bank.key.proof_with("GET", &url, &access, &json!({}));
            let headers = [("authorization", &format!("{scheme} {access}")[..]), ("dpop", &shown), ("x-fapi-interaction-id", "c770aef3")];
            let page = bank.http.get_with(&url, &headers).await;
            assert_eq!((page.status.as_u16(), page.header("date").is_empty()), (200, false), "{scheme}");
        }
    }

    par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(stage, bank) {
        let ahead = bank.key.assertion("bank", &bank.issuer, &json!({ "iat": at(8), "nbf": at(8) }));
        let page = bank.post_with("/par", &ahead, &REQUEST, &[]).await;
        assert_eq!(page.status, 201, "{}", page.body);
    }

    par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(stage, bank) {
        unproven(&bank, &[json!({ "iat": at(62), "nbf": at(62), "exp": at(122) })]).await;
    }

    par_test_array_as_audience_fails(stage, bank) {
        unproven(&bank, &[json!({ "aud": [bank.issuer, "https://other1.example.com", "invalid"] })]).await;
    }

    par_test_par_endpoint_url_as_audience_fails(stage, bank) {
        unproven(&bank, &[json!({ "aud": bank.at("/par") })]).await;
    }

    par_test_token_endpoint_url_as_audience_fails(stage, bank) {
        unproven(&bank, &[json!({ "aud": bank.at("/token") })]).await;
    }

    /// What a proof carries beyond what it must is nobody's business (RFC 9449, section 4.2), at any endpoint.
    a_proof_may_say_more(stage, bank) {
        let code = code(&bank, &[]).await;
        let claims = json!({ "jti": "more-1", "htm": "POST", "htu": bank.at("/token"), "iat": at(0), "foo": { "bar": [1] } });
        let more = bank.key.proof_saying(&claims, ("tx_id", json!(7)));
        assert_eq!(redeem(&bank, &code, Some(&more)).await.status, 200);
    }

    /// Nobody is refreshed who does not prove who they are, whatever key they hold.
    a_refresh_without_an_assertion_fails(stage, bank) {
        let (_, refresh) = tokens(&bank).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("client_id", "bank")];
        let page = bank.http.post(&bank.at("/token"), &form, &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&page), told(401, "invalid_client"));
    }
}

/// Every claim that discovery names, asked for in both places in each form that there is: all are in both, and with them
/// nothing that nobody knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_claims_parameter_identity_claims() {
    let key = Pair::es256();
    let (_op, provider) = home();
    let section = Bank::section(&key, &format!("profile = \"fapi2\"\n{}", needs())) + &provider;
    let stage = Stage::start_with(OnStore::Sqlite, move |config| config + &section).await;
    let bank = Bank::of(&stage, key);
    let forms = [json!(null), json!({ "essential": true }), json!({ "essential": false }), json!({ "f81d4fae": "x" })];
    let part: Value =
        standard().into_iter().zip(forms.into_iter().cycle()).map(|(name, form)| (name.to_owned(), form)).collect();
    let asked = json!({ "id_token": part, "userinfo": part, "f81d4fae": part }).to_string();
    let url = pushed(&bank, &[AT_HOME, ("claims", &asked)]).await;
    let answer = Browser::new().open(&url).await.location().unwrap();
    let page = redeem(&bank, &param(&answer, "code").unwrap(), Some(&proof(&bank, &json!({})))).await.json();
    let id = jws_claims(page["id_token"].as_str().unwrap());
    let told: BTreeSet<&str> =
        id.as_object().unwrap().keys().map(String::as_str).filter(|name| !KNOWN.contains(name)).collect();
    assert_eq!(told, standard());
    let (access, url) = (page["access_token"].as_str().unwrap(), bank.at("/userinfo"));
    let shown = bank.key.proof_with("GET", &url, access, &json!({}));
    let info = bank.http.get_with(&url, &[("authorization", &format!("DPoP {access}")), ("dpop", &shown)]).await;
    assert_eq!((info.status.as_u16(), info.header("content-type")), (200, "application/json"));
    let info = info.json();
    assert_eq!(
        info.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "sub").collect::<BTreeSet<_>>(),
        standard()
    );
    stage.stop().await;
}

/// The second app of the plan has a query in its address: it comes back in every answer, with nothing in it changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_uri_keeps_its_query() {
    const WITH_QUERY: &str = "https://bank.test/cb?dummy1=lorem&dummy2=ipsum";
    let key = Pair::es256();
    let section = Bank::section(&key, "profile = \"fapi2\"").replace("https://bank.test/cb", WITH_QUERY);
    let stage = Stage::start_with(OnStore::Sqlite, move |config| config + &section).await;
    let bank = Bank::of(&stage, key);
    let there = ("redirect_uri", WITH_QUERY);
    let answer = answered(&bank, &[there, ("dpop_jkt", &bank.key.thumbprint())], &[]).await;
    assert!(answer.as_str().starts_with(&format!("{WITH_QUERY}&")), "{answer}");
    let code = param(&answer, "code").unwrap();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), there, ("code_verifier", VERIFIER)];
    let page = bank.post("/token", &form, &[("dpop", &proof(&bank, &json!({})))]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let url = pushed(&bank, &[there, ("prompt", "none")]).await;
    let answer = Browser::new().get(&url).await.location().unwrap();
    assert!(answer.as_str().starts_with(&format!("{WITH_QUERY}&error=login_required")), "{answer}");
    unpushed(&bank, &[&[("redirect_uri", "https://bank.test/cb?dummy2=ipsum&dummy1=lorem")]], "invalid_request").await;
    stage.stop().await;
}
