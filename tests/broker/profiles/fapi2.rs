//! The FAPI 2.0 Security Profile, final, by `profile = "fapi2"`: each check of its plan that an app which proves itself by
//! `private_key_jwt` and DPoP meets, as the error that the suite looks for. The same is looked at on both stores, and over
//! instances, in `pushed.rs`, `assertions.rs`, `codes.rs` and `dpop.rs`.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::stage::{
    Bank, Browser, CHALLENGE, OnStore, Page, Pair, Stage, VERIFIER, jws_claims, jws_header, now, param,
};

const CALLBACK: &str = "https://bank.test/cb";
pub const REQUEST: [(&str, &str); 7] = [
    ("client_id", "bank"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", "openid"),
    ("state", "st-1"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

pub async fn bank(key: Pair) -> (Stage, Bank) {
    let section = Bank::section(&key, "profile = \"fapi2\"");
    // Another app of the same kind, and with the same key, so that nothing but its name differs.
    let other = section.replace("[apps.bank]", "[apps.other]");
    let stage = Stage::start_with(OnStore::Sqlite, move |config| format!("{config}{section}{other}")).await;
    let bank = Bank::of(&stage, key);
    (stage, bank)
}

fn changed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = REQUEST.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty()).copied()).collect()
}

pub async fn pushed(bank: &Bank, changes: &[(&str, &str)]) -> String {
    let page = bank.post("/par", &changed(changes), &[]).await;
    assert_eq!(page.status, 201, "{}", page.body);
    super::is_random(page.json()["request_uri"].as_str().unwrap());
    at_authorize(bank, &page)
}

fn at_authorize(bank: &Bank, pushed: &Page) -> String {
    let reference = pushed.json();
    let query = [("client_id", "bank"), ("request_uri", reference["request_uri"].as_str().unwrap())];
    url::Url::parse_with_params(&bank.at("/authorize"), query).unwrap().into()
}

pub async fn code(bank: &Bank, changes: &[(&str, &str)]) -> String {
    let browser = Browser::new();
    let page = browser.open(&pushed(bank, changes).await).await;
    param(&browser.choose(&page, "google").await.location().unwrap(), "code").unwrap()
}

pub async fn redeem(bank: &Bank, code: &str, proof: Option<&str>) -> Page {
    bank.post("/token", &redeeming(code, VERIFIER), &proof.map(|proof| ("dpop", proof)).into_iter().collect::<Vec<_>>())
        .await
}

fn redeeming<'a>(code: &'a str, verifier: &'a str) -> Vec<(&'a str, &'a str)> {
    let verifier = Some(("code_verifier", verifier)).filter(|(_, verifier)| !verifier.is_empty());
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    form.into_iter().chain(verifier).collect()
}

/// A code that a good request brings, redeemed with this verifier.
async fn verified(bank: &Bank, code: &str, verifier: &str) -> Page {
    bank.post("/token", &redeeming(code, verifier), &[("dpop", &proof(bank, &json!({})))]).await
}

/// With each of these proofs at the token endpoint: this comes of it; none of it spends the code.
async fn proven(bank: &Bank, changes: &[Value], expected: (u16, &str)) {
    let code = code(bank, &[]).await;
    for changes in changes {
        assert_eq!(
            error(&redeem(bank, &code, Some(&proof(bank, changes))).await),
            told(expected.0, expected.1),
            "{changes}"
        );
    }
    assert_eq!(redeem(bank, &code, Some(&proof(bank, &json!({})))).await.status, 200);
}

/// Each of these assertions is refused where a request is pushed.
pub async fn unproven(bank: &Bank, changes: &[Value]) {
    for changes in changes {
        let assertion = bank.key.assertion("bank", &bank.issuer, changes);
        assert_eq!(
            error(&bank.post_with("/par", &assertion, &REQUEST, &[]).await),
            told(401, "invalid_client"),
            "{changes}"
        );
    }
}

/// Each of these requests is refused when it is pushed.
pub async fn unpushed(bank: &Bank, changes: &[&[(&str, &str)]], code: &str) {
    for changes in changes {
        assert_eq!(error(&bank.post("/par", &changed(changes), &[]).await), told(400, code), "{changes:?}");
    }
}

pub fn told(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

/// The tokens of a good login: access and refresh token.
pub async fn tokens(bank: &Bank) -> (String, String) {
    let page = redeem(bank, &code(bank, &[]).await, Some(&proof(bank, &json!({})))).await;
    let text = |name: &str| page.json()[name].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned();
    (text("access_token"), text("refresh_token"))
}

/// A refresh with a proof by this key, to the thumbprint that the new access token is bound to.
async fn refreshed(bank: &Bank, token: &str, key: &Pair) -> String {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let page = bank.post("/token", &form, &[("dpop", &key.proof("POST", &bank.at("/token"), &json!({})))]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    jws_claims(page.json()["access_token"].as_str().unwrap())["cnf"]["jkt"].as_str().unwrap().to_owned()
}

pub fn at(seconds: i64) -> i64 {
    i64::try_from(now()).unwrap() + seconds
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident($stage:ident, $bank:ident) $body:block)*) => {$(
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let ($stage, $bank) = bank(Pair::es256()).await;
            $body
            $stage.stop().await;
        }
    )*};
}
pub(super) use checks;

pub fn proof(bank: &Bank, changes: &Value) -> String {
    bank.key.proof("POST", &bank.at("/token"), changes)
}

pub fn error(page: &Page) -> (u16, String) {
    (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned())
}

checks! {
    /// Pushed, bound, signed by ES256, with `iss` in the answer.
    happy_flow(stage, bank) {
        let browser = Browser::new();
        let page = browser.open(&pushed(&bank, &[]).await).await;
        let answer = browser.choose(&page, "google").await.location().unwrap();
        assert_eq!(param(&answer, "iss").as_deref(), Some(stage.issuer.as_str()));
        let page = redeem(&bank, &param(&answer, "code").unwrap(), Some(&proof(&bank, &json!({})))).await;
        assert_eq!((page.status.as_u16(), page.json()["token_type"].as_str()), (200, Some("DPoP")), "{}", page.body);
        let tokens = page.json();
        assert_eq!(jws_header(tokens["id_token"].as_str().unwrap())["alg"], "ES256");
        assert_eq!(jws_claims(tokens["access_token"].as_str().unwrap())["cnf"]["jkt"], bank.key.thumbprint());
    }

    user_rejects_authentication(stage, bank) {
        stage.google.answer_with("refuse");
        let browser = Browser::new();
        let page = browser.choose(&browser.open(&pushed(&bank, &[]).await).await, "google").await;
        let ways = page.attrs("main a", "href");
        let back = ways.iter().find(|way| way.contains("answer=no")).unwrap();
        let answer = browser.get(page.url.join(back).unwrap().as_str()).await.location().unwrap();
        assert_eq!(param(&answer, "error").as_deref(), Some("access_denied"));
    }

    ensure_unsigned_authorization_request_without_using_par_fails(stage, bank) {
        let open = url::Url::parse_with_params(&bank.at("/authorize"), REQUEST).unwrap();
        let answer = Browser::new().get(open.as_str()).await.location().unwrap();
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
    }

    ensure_registered_redirect_uri(stage, bank) {
        unpushed(&bank, &[&[("redirect_uri", "https://bank.test/cb/x")], &[("redirect_uri", "https://bank.test/cb?x=1")]], "invalid_request").await;
    }

    ensure_redirect_uri_in_authorization_request(stage, bank) {
        unpushed(&bank, &[&[("redirect_uri", "")]], "invalid_request").await;
    }

    ensure_response_type_code_idtoken_fails(stage, bank) {
        unpushed(&bank, &[&[("response_type", "code id_token")]], "unsupported_response_type").await;
    }

    ensure_response_type_token_fails(stage, bank) {
        unpushed(&bank, &[&[("response_type", "token")]], "unsupported_response_type").await;
    }

    /// Another app's name beside the assertion of this one.
    ensure_client_id_in_token_endpoint(stage, bank) {
        let code = code(&bank, &[]).await;
        let form = [&redeeming(&code, VERIFIER)[..], &[("client_id", "other")]].concat();
        let page = bank.post("/token", &form, &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&page), told(401, "invalid_client"));
    }

    ensure_holder_of_key_required(stage, bank) {
        let code = code(&bank, &[]).await;
        assert_eq!(error(&redeem(&bank, &code, None).await), told(400, "invalid_request"));
        let form = [("grant_type", "refresh_token"), ("refresh_token", &tokens(&bank).await.1)];
        assert_eq!(error(&bank.post("/token", &form, &[]).await), told(400, "invalid_request"));
    }

    ensure_authorization_code_is_bound_to_client(stage, bank) {
        let code = code(&bank, &[]).await;
        let assertion = bank.key.assertion("other", &bank.issuer, &json!({}));
        let page = bank.post_with("/token", &assertion, &redeeming(&code, VERIFIER), &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&page), told(400, "invalid_grant"));
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await.status, 200, "nothing was spent");
    }

    attempt_reuse_authorization_code_after_one_second(stage, bank) {
        let code = code(&bank, &[]).await;
        let page = redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await;
        let access = page.json()["access_token"].as_str().unwrap().to_owned();
        let later = stage.instance_after(Duration::from_secs(1)).await;
        let second = Bank { http: Browser::new(), issuer: stage.issuer.clone(), key: Pair::es256() };
        let assertion = bank.key.assertion("bank", &bank.issuer, &json!({}));
        let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let form = [&redeeming(&code, VERIFIER)[..], &[kind, ("client_assertion", &assertion)]].concat();
        let again = second.http.post(&format!("{}/token", later.origin), &form, &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&again), told(400, "invalid_grant"));
        let shown = bank.key.proof_with("GET", &bank.at("/userinfo"), &access, &json!({}));
        let headers = [("authorization", &format!("DPoP {access}")[..]), ("dpop", &shown)];
        assert_eq!(bank.http.get_with(&bank.at("/userinfo"), &headers).await.status, 401, "what it gave is taken back");
        later.running.stop().await;
    }

    ensure_token_endpoint_fails_with_expired_auth_code(stage, bank) {
        let code = code(&bank, &[]).await;
        let later = stage.instance_after(Duration::from_secs(61)).await;
        let seconds = at(61);
        let assertion = bank.key.assertion("bank", &bank.issuer, &json!({ "iat": seconds, "exp": seconds + 60 }));
        let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let form = [&redeeming(&code, VERIFIER)[..], &[kind, ("client_assertion", &assertion)]].concat();
        let late = bank.http.post(&format!("{}/token", later.origin), &form, &[("dpop", &proof(&bank, &json!({ "iat": seconds })))]).await;
        assert_eq!(error(&late), told(400, "invalid_grant"));
        later.running.stop().await;
    }

    ensure_client_assertion_in_token_endpoint(stage, bank) {
        let code = code(&bank, &[]).await;
        let form = [&redeeming(&code, VERIFIER)[..], &[("client_id", "bank")]].concat();
        let page = bank.http.post(&bank.at("/token"), &form, &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&page), told(401, "invalid_client"));
    }

    ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(stage, bank) {
        unproven(&bank, &[json!({ "exp": at(-300) }), json!({ "exp": null }), json!({ "exp": at(7200) })]).await;
    }

    /// The issuer is the only audience, as a string (section 5.3.2.1).
    ensure_client_assertion_with_wrong_aud_fails(stage, bank) {
        unproven(&bank, &[
            json!({ "aud": bank.at("/token") }), json!({ "aud": bank.at("/par") }), json!({ "aud": [bank.issuer, bank.at("/token")] }),
            json!({ "aud": [] }), json!({ "aud": null }), json!({ "aud": format!("{}/", bank.issuer) }), json!({ "aud": "https://other.test" }),
            json!({ "aud": [bank.issuer] }),
        ]).await;
    }

    ensure_client_assertion_with_no_sub_fails(stage, bank) {
        unproven(&bank, &[json!({ "sub": null }), json!({ "sub": "other" })]).await;
    }

    /// Its other fields, its signature and its algorithm; and each is good once.
    ensure_invalid_client_assertions_fail(stage, bank) {
        unproven(&bank, &[
            json!({ "iss": null }), json!({ "iss": "other" }), json!({ "nbf": at(300) }), json!({ "iat": at(300) }),
            json!({ "jti": null }), json!({ "jti": "" }), json!({ "jti": 7 }),
        ]).await;
        let claims = json!({ "iss": "bank", "sub": "bank", "aud": bank.issuer, "jti": "1", "iat": now(), "exp": now() + 60 });
        let good = bank.key.sign(None, &claims);
        let (signed, _) = good.rsplit_once('.').unwrap();
        let (_, rest) = good.split_once('.').unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", rest.split_once('.').unwrap().0);
        for wrong in [Pair::es256().sign(None, &claims), Pair::eddsa().sign(None, &claims), format!("{signed}."), unsigned] {
            assert_eq!(error(&bank.post_with("/par", &wrong, &REQUEST, &[]).await), told(401, "invalid_client"), "{wrong}");
        }
        for (what, nbf) in [("now", at(0)), ("a clock that differs", at(8))] {
            let assertion = bank.key.assertion("bank", &bank.issuer, &json!({ "nbf": nbf }));
            assert_eq!(bank.post_with("/par", &assertion, &REQUEST, &[]).await.status, 201, "{what}");
        }
        assert_eq!(bank.post_with("/par", &good, &REQUEST, &[]).await.status, 201);
        assert_eq!(error(&bank.post_with("/par", &good, &REQUEST, &[]).await), told(401, "invalid_client"), "twice");
    }

    ensure_dpopproof_with_iat_10seconds_before_succeeds(stage, bank) {
        let code = code(&bank, &[]).await;
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({ "iat": at(-10) })))).await.status, 200);
    }

    ensure_dpopproof_with_iat_10seconds_after_succeeds(stage, bank) {
        let code = code(&bank, &[]).await;
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({ "iat": at(10) })))).await.status, 200);
    }

    check_dpop_proof_nbf_exp(stage, bank) {
        let code = code(&bank, &[]).await;
        let page = redeem(&bank, &code, Some(&proof(&bank, &json!({ "nbf": at(0), "exp": at(300) })))).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }

    /// At the token endpoint; at UserInfo in `dpop.rs`.
    dpop_negative_tests(stage, bank) {
        proven(&bank, &[
            json!({ "htm": "GET" }), json!({ "htm": null }), json!({ "htu": bank.at("/par") }), json!({ "htu": null }),
            json!({ "jti": null }), json!({ "iat": null }),
        ], (400, "invalid_dpop_proof")).await;
        proven(&bank, &[json!({ "iat": at(-3600) }), json!({ "iat": at(3600) })], (400, "use_dpop_nonce")).await;
        let twice = proof(&bank, &json!({}));
        assert_eq!(redeem(&bank, &code(&bank, &[]).await, Some(&twice)).await.status, 200);
        assert_eq!(error(&redeem(&bank, &code(&bank, &[]).await, Some(&twice)).await), told(400, "invalid_dpop_proof"));
    }

    /// By the `dpop_jkt` of the request.
    ensure_token_endpoint_fails_with_mismatched_dpop_jkt(stage, bank) {
        let code = code(&bank, &[("dpop_jkt", &bank.key.thumbprint())]).await;
        let elsewhere = Pair::es256().proof("POST", &bank.at("/token"), &json!({}));
        assert_eq!(error(&redeem(&bank, &code, Some(&elsewhere)).await), told(400, "invalid_grant"));
    }

    ensure_dpop_auth_code_binding_success(stage, bank) {
        let code = code(&bank, &[("dpop_jkt", &bank.key.thumbprint())]).await;
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await.status, 200);
    }

    /// By the proof that was shown where the request was pushed (RFC 9449, section 10.1).
    ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(stage, bank) {
        let code = shown_at_par(&bank).await;
        let elsewhere = Pair::es256().proof("POST", &bank.at("/token"), &json!({}));
        assert_eq!(error(&redeem(&bank, &code, Some(&elsewhere)).await), told(400, "invalid_grant"));
    }

    ensure_dpopproof_at_par_endpoint_binding_success(stage, bank) {
        let code = shown_at_par(&bank).await;
        assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await.status, 200);
    }

    /// A proof by one key, and another one named beside it; and each proof is good once.
    ensure_mismatched_dpop_jkt_fails(stage, bank) {
        let foreign = Pair::es256().proof("POST", &bank.at("/par"), &json!({}));
        let thumbprint = bank.key.thumbprint();
        let named = [&REQUEST[..], &[("dpop_jkt", thumbprint.as_str())]].concat();
        assert_eq!(error(&bank.post("/par", &named, &[("dpop", &foreign)]).await), told(400, "invalid_dpop_proof"));
        let shown = bank.key.proof("POST", &bank.at("/par"), &json!({}));
        assert_eq!(bank.post("/par", &REQUEST, &[("dpop", &shown)]).await.status, 201);
        assert_eq!(error(&bank.post("/par", &REQUEST, &[("dpop", &shown)]).await), told(400, "invalid_dpop_proof"), "a replay");
    }

    /// The refresh token of an app that proves itself is not bound: it may come with a new key (RFC 9449, section 5), and
    /// an answer that was lost comes again to the key that asks for it now.
    refresh_token(stage, bank) {
        let (other, (_, refresh)) = (Pair::eddsa(), tokens(&bank).await);
        assert_eq!(refreshed(&bank, &refresh, &other).await, other.thumbprint());
        assert_eq!(refreshed(&bank, &refresh, &bank.key).await, bank.key.thumbprint());
        again_after_half_a_minute(&stage, &bank, &refresh).await;
        let assertion = bank.key.assertion("other", &bank.issuer, &json!({}));
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let page = bank.post_with("/token", &assertion, &form, &[("dpop", &proof(&bank, &json!({})))]).await;
        assert_eq!(error(&page), told(400, "invalid_grant"), "another app's");
    }

    par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(stage, bank) {
        let (browser, url) = (Browser::new(), pushed(&bank, &[]).await);
        assert_eq!(browser.open(&url).await.url.path(), "/login");
        let answer = browser.choose(&browser.open(&url).await, "google").await.location().unwrap();
        assert!(param(&answer, "code").is_some());
    }

    par_attempt_reuse_request_uri(stage, bank) {
        let (browser, url) = (Browser::new(), pushed(&bank, &[]).await);
        browser.choose(&browser.open(&url).await, "google").await.location().unwrap();
        no_redirect(&browser.get(&url).await);
    }

    par_attempt_to_use_expired_request_uri(stage, bank) {
        let url = pushed(&bank, &[]).await;
        let later = stage.instance_after(Duration::from_secs(61)).await;
        no_redirect(&Browser::new().get(&url.replace(&stage.issuer, &later.origin)).await);
        later.running.stop().await;
    }

    par_attempt_to_use_request_uri_for_different_client(stage, bank) {
        let url = pushed(&bank, &[]).await;
        no_redirect(&Browser::new().get(&url.replace("client_id=bank", "client_id=other")).await);
        assert_eq!(Browser::new().open(&url).await.url.path(), "/login", "nothing was spent");
    }

    par_authorization_request_containing_request_uri_form_param(stage, bank) {
        let inside = [&REQUEST[..], &[("request_uri", "urn:ietf:params:oauth:request_uri:x")]].concat();
        assert_eq!(error(&bank.post("/par", &inside, &[]).await), told(400, "invalid_request"));
    }

    par_attempt_invalid_http_method(stage, bank) {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let page = bank.http.raw(method, &bank.at("/par"), &[], "").await;
            assert_eq!((page.status.as_u16(), page.header("allow").contains("POST")), (405, true), "{method}");
        }
    }

    par_ensure_pkce_required(stage, bank) {
        unpushed(&bank, &[&[("code_challenge", ""), ("code_challenge_method", "")]], "invalid_request").await;
    }

    /// By name, and by leaving the method out, which would mean it.
    par_plain_pkce_rejected(stage, bank) {
        unpushed(&bank, &[&[("code_challenge_method", "plain")], &[("code_challenge_method", "")]], "invalid_request").await;
    }

    ensure_pkce_code_verifier_required(stage, bank) {
        let code = code(&bank, &[]).await;
        assert_eq!(error(&verified(&bank, &code, "").await), told(400, "invalid_grant"));
    }

    incorrect_pkce_code_verifier_rejected(stage, bank) {
        let code = code(&bank, &[]).await;
        for wrong in [CHALLENGE, "short", &VERIFIER.to_uppercase(), &format!("{VERIFIER}A")] {
            assert_eq!(error(&verified(&bank, &code, wrong).await), told(400, "invalid_grant"), "{wrong}");
        }
    }

    /// With nothing in the address but `client_id` and `request_uri`.
    par_without_duplicate_parameters(stage, bank) {
        assert!(!code(&bank, &[]).await.is_empty());
    }
}

/// A key by RS256, which the profile does not allow (section 5.4.1): neither an assertion nor a proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ensure_signed_client_assertion_with_rs256_fails() {
    let (stage, bank) = bank(Pair::rsa(Algorithm::RS256)).await;
    assert_eq!(error(&bank.post("/par", &REQUEST, &[]).await), told(401, "invalid_client"));
    stage.stop().await;
    let (stage, bank) = self::bank(Pair::rsa(Algorithm::PS256)).await;
    let code = code(&bank, &[]).await;
    let weak = Pair::rsa(Algorithm::RS256).proof("POST", &bank.at("/token"), &json!({}));
    assert_eq!(error(&redeem(&bank, &code, Some(&weak)).await), told(400, "invalid_dpop_proof"));
    assert_eq!(redeem(&bank, &code, Some(&proof(&bank, &json!({})))).await.status, 200);
    stage.stop().await;
}

/// A code of a request that was pushed with a proof by the bank's key.
async fn shown_at_par(bank: &Bank) -> String {
    let shown = bank.key.proof("POST", &bank.at("/par"), &json!({}));
    let page = bank.post("/par", &REQUEST, &[("dpop", &shown)]).await;
    assert_eq!(page.status, 201, "{}", page.body);
    let browser = Browser::new();
    let login = browser.open(&at_authorize(bank, &page)).await;
    param(&browser.choose(&login, "google").await.location().unwrap(), "code").unwrap()
}

/// An answer may be lost for that long (section 5.3.2.1): the same refresh token, once more and with a new key, gives what
/// works as if nothing had happened; and nothing without a key.
async fn again_after_half_a_minute(stage: &Stage, bank: &Bank, refresh: &str) {
    let (later, key) = (stage.instance_after(Duration::from_secs(31)).await, Pair::es256());
    let claims = json!({ "iat": at(31), "exp": at(91) });
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for (proof, status) in [(Some(key.proof("POST", &bank.at("/token"), &json!({ "iat": at(31) }))), 200), (None, 400)]
    {
        let assertion = bank.key.assertion("bank", &bank.issuer, &claims);
        let form = [
            kind,
            ("client_assertion", assertion.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("scope", "openid"),
        ];
        let headers: Vec<(&str, &str)> = proof.iter().map(|proof| ("dpop", proof.as_str())).collect();
        let page = bank.http.post(&format!("{}/token", later.origin), &form, &headers).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (status, "application/json"), "{}", page.body);
        assert_eq!((page.header("cache-control"), page.header("pragma")), ("no-store", "no-cache"));
        let expected = if status == 200 { ("token_type", "DPoP") } else { ("error", "invalid_request") };
        assert_eq!(page.json()[expected.0], expected.1, "{}", page.body);
    }
    later.running.stop().await;
}

/// A page, and no way to the app.
fn no_redirect(page: &Page) {
    assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{}", page.body);
}
