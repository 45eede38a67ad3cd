//! Tokens that only the holder of a key can use (RFC 9449).

use serde_json::{Value, json};

use crate::{
    on_both_stores,
    stage::{Browser, OnStore, Page, Pair, Stage, VERIFIER, jws_claims, now, param},
};

const NATIVE: [(&str, &str); 2] = [("client_id", "native"), ("redirect_uri", "http://127.0.0.1/cb")];

fn error(page: &Page) -> (u16, String) {
    (page.status.as_u16(), page.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

/// The public app `native`, which has nothing but its key.
struct Native {
    http: Browser,
    issuer: String,
    key: Pair,
}

impl Native {
    fn of(stage: &Stage) -> Self {
        Self { http: Browser::new(), issuer: stage.issuer.clone(), key: Pair::es256() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    async fn code(&self, stage: &Stage, more: &[(&str, &str)]) -> String {
        param(&Browser::new().sign_in(stage, &[&NATIVE, more].concat(), "google").await, "code").unwrap()
    }

    fn proof(&self, changes: &Value) -> String {
        self.key.proof("POST", &self.at("/token"), changes)
    }

    async fn redeem(&self, code: &str, proofs: &[&str]) -> Page {
        let [client, redirect] = NATIVE;
        let form =
            [("grant_type", "authorization_code"), client, redirect, ("code_verifier", VERIFIER), ("code", code)];
        self.http
            .post(&self.at("/token"), &form, &proofs.iter().map(|proof| ("dpop", *proof)).collect::<Vec<_>>())
            .await
    }

    async fn refresh(&self, token: &str, proof: Option<&str>) -> Page {
        let form = [("grant_type", "refresh_token"), NATIVE[0], ("refresh_token", token)];
        let headers: Vec<_> = proof.map(|proof| ("dpop", proof)).into_iter().collect();
        self.http.post(&self.at("/token"), &form, &headers).await
    }

    async fn userinfo(&self, scheme: &str, token: &str, proof: Option<&str>) -> Page {
        let authorization = format!("{scheme} {token}");
        let headers = [("authorization", authorization.as_str())].into_iter().chain(proof.map(|proof| ("dpop", proof)));
        self.http.get_with(&self.at("/userinfo"), &headers.collect::<Vec<_>>()).await
    }
}

fn text(page: &Page, name: &str) -> String {
    page.json()[name].as_str().unwrap_or_else(|| panic!("{}", page.body)).to_owned()
}

on_both_stores! {
    /// From the code to UserInfo, refresh and introspection, and the same key for ever.
    async fn a_key_binds_everything(stage: Stage) {
        let app = Native::of(&stage);
        let page = app.redeem(&app.code(&stage, &[]).await, &[&app.proof(&json!({}))]).await;
        assert_eq!((page.status.as_u16(), page.json()["token_type"].as_str()), (200, Some("DPoP")), "{}", page.body);
        let (access, refresh) = (text(&page, "access_token"), text(&page, "refresh_token"));
        assert_eq!(jws_claims(&access)["cnf"]["jkt"], app.key.thumbprint());
        assert!(jws_claims(&text(&page, "id_token")).get("cnf").is_none());
        let url = app.at("/userinfo");
        let info = app.userinfo("DPoP", &access, Some(&app.key.proof_with("GET", &url, &access, &json!({})))).await;
        assert_eq!(info.status, 200, "{}", info.body);

        let other = Pair::es256();
        assert_eq!(error(&app.refresh(&refresh, None).await), refused(400, "invalid_grant"), "bound");
        let foreign = other.proof("POST", &app.at("/token"), &json!({}));
        assert_eq!(error(&app.refresh(&refresh, Some(&foreign)).await), refused(400, "invalid_grant"), "another key");
        let shown = app.proof(&json!({}));
        let again = app.refresh(&refresh, Some(&shown)).await;
        assert_eq!((again.status.as_u16(), again.json()["token_type"].as_str()), (200, Some("DPoP")), "{}", again.body);
        assert_eq!(jws_claims(&text(&again, "access_token"))["cnf"]["jkt"], app.key.thumbprint());
        // A lost answer comes again, to the same key alone.
        let same = app.refresh(&refresh, Some(&app.proof(&json!({})))).await;
        assert_eq!(same.body, again.body);
        assert_eq!(app.refresh(&refresh, None).await.status, 400);
        // Whoever overhears a refresh has a proof that is spent, for this token and for the next; and ends nothing by it.
        let next = text(&again, "refresh_token");
        for token in [&refresh, &next] {
            assert_eq!(error(&app.refresh(token, Some(&shown)).await), refused(400, "invalid_dpop_proof"), "a replay");
        }
        assert_eq!(app.refresh(&next, Some(&app.proof(&json!({})))).await.status, 200);
        stage.stop().await;
    }

    /// AC-40: each field wrong or missing, more than one, a replay; none of it spends the code.
    async fn a_proof_must_fit(stage: Stage) {
        let app = Native::of(&stage);
        let code = app.code(&stage, &[]).await;
        let token = app.at("/token");
        for changes in [
            json!({ "htm": "GET" }), json!({ "htm": "post" }), json!({ "htm": null }), json!({ "htu": app.at("/userinfo") }),
            json!({ "htu": format!("{token}/") }), json!({ "htu": "https://other.test/token" }), json!({ "htu": null }),
            json!({ "jti": null }), json!({ "jti": "" }), json!({ "jti": "x".repeat(300) }), json!({ "iat": null }),
            json!({ "iat": "now" }), json!({ "nonce": 7 }),
        ] {
            let page = app.redeem(&code, &[&app.proof(&changes)]).await;
            assert_eq!(error(&page), refused(400, "invalid_dpop_proof"), "{changes}");
            assert_eq!(page.header("cache-control"), "no-store");
        }
        let good = app.proof(&json!({}));
        let (signed, _) = good.rsplit_once('.').unwrap();
        let (_, rest) = good.split_once('.').unwrap();
        let other = Pair::es256().proof("POST", &token, &json!({}));
        let (head, _) = other.split_once('.').unwrap();
        for wrong in [format!("{signed}."), format!("{head}.{rest}"), "x".into(), String::new(), "a.b.c".into(),
            app.key.sign(Some("dpop+jwt"), &json!({ "jti": "1", "htm": "POST", "htu": token, "iat": now() })),
            app.key.sign(Some("JWT"), &json!({ "jti": "1", "htm": "POST", "htu": token, "iat": now() }))] {
            assert_eq!(error(&app.redeem(&code, &[&wrong]).await), refused(400, "invalid_dpop_proof"), "{wrong}");
        }
        assert_eq!(error(&app.redeem(&code, &[&app.proof(&json!({})), &app.proof(&json!({}))]).await), refused(400, "invalid_dpop_proof"), "two");
        assert_eq!(app.redeem(&code, &[&good]).await.status, 200, "nothing was spent by what was refused");
        let fresh = app.code(&stage, &[]).await;
        assert_eq!(error(&app.redeem(&fresh, &[&good]).await), refused(400, "invalid_dpop_proof"), "a replay");
        assert_eq!(app.redeem(&fresh, &[&app.proof(&json!({}))]).await.status, 200, "the replay burnt nothing");
        stage.stop().await;
    }

    /// ±10 s is nothing, ±1 h needs a nonce of ours; with one, the clock of the app does not matter.
    async fn clocks_and_nonces(stage: Stage) {
        let app = Native::of(&stage);
        for shift in [-10_i64, 10] {
            let iat = i64::try_from(now()).unwrap() + shift;
            let page = app.redeem(&app.code(&stage, &[]).await, &[&app.proof(&json!({ "iat": iat }))]).await;
            assert_eq!((page.status.as_u16(), page.header("dpop-nonce")), (200, ""), "{shift}");
        }
        for shift in [-3600_i64, 3600] {
            let code = app.code(&stage, &[]).await;
            let iat = i64::try_from(now()).unwrap() + shift;
            let page = app.redeem(&code, &[&app.proof(&json!({ "iat": iat }))]).await;
            assert_eq!(error(&page), refused(400, "use_dpop_nonce"), "{shift}");
            let nonce = page.header("dpop-nonce").to_owned();
            assert!(!nonce.is_empty());
            let foreign = app.redeem(&code, &[&app.proof(&json!({ "iat": iat, "nonce": "made-up" }))]).await;
            assert_eq!(error(&foreign), refused(400, "use_dpop_nonce"));
            let page = app.redeem(&code, &[&app.proof(&json!({ "iat": iat, "nonce": nonce }))]).await;
            assert_eq!(page.status, 200, "{}", page.body);
            let next = page.header("dpop-nonce").to_owned();
            assert!(!next.is_empty(), "who needs nonces gets the next one");
            let (access, url) = (text(&page, "access_token"), app.at("/userinfo"));
            let late = app.userinfo("DPoP", &access, Some(&app.key.proof_with("GET", &url, &access, &json!({ "iat": iat })))).await;
            assert_eq!(late.status, 401);
            assert!(late.header("www-authenticate").starts_with("DPoP ") && late.header("www-authenticate").contains("error=\"use_dpop_nonce\""));
            assert!(!late.header("dpop-nonce").is_empty());
            let with = json!({ "iat": iat, "nonce": next });
            assert_eq!(app.userinfo("DPoP", &access, Some(&app.key.proof_with("GET", &url, &access, &with))).await.status, 200);
        }
        stage.stop().await;
    }

    /// GW6: at UserInfo the proof is for this token and this key, once; a bound token is no Bearer token.
    async fn userinfo_takes_a_bound_token_with_its_proof_alone(stage: Stage) {
        let app = Native::of(&stage);
        let url = app.at("/userinfo");
        let bound = text(&app.redeem(&app.code(&stage, &[]).await, &[&app.proof(&json!({}))]).await, "access_token");
        let free = text(&app.redeem(&app.code(&stage, &[]).await, &[]).await, "access_token");
        assert!(jws_claims(&free).get("cnf").is_none());
        let proof = |changes: Value| app.key.proof_with("GET", &url, &bound, &changes);
        let other = Pair::es256().proof_with("GET", &url, &bound, &json!({}));
        let once = proof(json!({}));
        assert_eq!(app.userinfo("dpop", &bound, Some(&once)).await.status, 200);
        for (what, scheme, token, shown, error) in [
            ("as Bearer", "Bearer", &bound, None, "invalid_token"),
            ("as Bearer, with a proof", "Bearer", &bound, Some(proof(json!({}))), "invalid_token"),
            ("without a proof", "DPoP", &bound, None, "invalid_dpop_proof"),
            ("another key", "DPoP", &bound, Some(other), "invalid_token"),
            ("for another token", "DPoP", &bound, Some(proof(json!({ "ath": "x" }))), "invalid_dpop_proof"),
            ("for no token", "DPoP", &bound, Some(app.key.proof("GET", &url, &json!({}))), "invalid_dpop_proof"),
            ("for POST", "DPoP", &bound, Some(app.key.proof_with("POST", &url, &bound, &json!({}))), "invalid_dpop_proof"),
            ("for /token", "DPoP", &bound, Some(app.key.proof_with("GET", &app.at("/token"), &bound, &json!({}))), "invalid_dpop_proof"),
            ("a replay", "DPoP", &bound, Some(once), "invalid_dpop_proof"),
            ("a free token", "DPoP", &free, Some(app.key.proof_with("GET", &url, &free, &json!({}))), "invalid_token"),
        ] {
            let page = app.userinfo(scheme, token, shown.as_deref()).await;
            let challenges: Vec<&str> = page.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect();
            assert_eq!((page.status.as_u16(), challenges.len()), (401, 2), "{what}");
            assert!(challenges[0].starts_with(&format!("{scheme} ")) && challenges[0].contains(&format!("error=\"{error}\"")), "{what}: {challenges:?}");
            assert!(challenges.iter().any(|challenge| challenge.contains("algs=\"ES256")), "{challenges:?}");
            assert!(challenges.iter().all(|challenge| challenge.contains("/.well-known/oauth-protected-resource/userinfo")));
        }
        // Query and fragment do not count, and an address has many spellings (RFC 3986, section 6.2).
        let spelt = url.replace("http://localhost", "HTTP://LOCALHOST") + "?x=1#y";
        let spelt = spelt.replace("/userinfo", "/x/../userinfo");
        assert_eq!(app.userinfo("DPoP", &bound, Some(&app.key.proof_with("GET", &spelt, &bound, &json!({})))).await.status, 200);
        let form = [("access_token", bound.as_str())];
        assert_eq!(app.http.post(&url, &form, &[]).await.status, 401, "in a form");
        stage.stop().await;
    }

    /// `dpop_jkt` binds the code before there is a token (section 10).
    async fn a_code_may_be_bound(stage: Stage) {
        let app = Native::of(&stage);
        let thumbprint = app.key.thumbprint();
        let code = app.code(&stage, &[("dpop_jkt", &thumbprint)]).await;
        let other = Pair::es256().proof("POST", &app.at("/token"), &json!({}));
        assert_eq!(error(&app.redeem(&code, &[&other]).await), refused(400, "invalid_grant"));
        assert_eq!(error(&app.redeem(&code, &[]).await), refused(400, "invalid_grant"));
        assert_eq!(app.redeem(&code, &[&app.proof(&json!({}))]).await.status, 200);
        let wrong = Browser::new().get(&stage.authorize(&[("dpop_jkt", "short")])).await;
        assert_eq!(param(&wrong.location().unwrap(), "error").as_deref(), Some("invalid_request"));
        stage.stop().await;
    }

    /// A public app that shows a key at a refresh has the family bound to it from then on (section 5).
    async fn a_family_may_be_bound_later(stage: Stage) {
        let app = Native::of(&stage);
        let first = text(&app.redeem(&app.code(&stage, &[]).await, &[]).await, "refresh_token");
        let bound = app.refresh(&first, Some(&app.proof(&json!({})))).await;
        assert_eq!(text(&bound, "token_type"), "DPoP");
        let second = text(&bound, "refresh_token");
        let other = Pair::es256().proof("POST", &app.at("/token"), &json!({}));
        for token in [&first, &second] {
            assert_eq!(error(&app.refresh(token, None).await), refused(400, "invalid_grant"));
            assert_eq!(error(&app.refresh(token, Some(&other)).await), refused(400, "invalid_grant"));
        }
        let again = app.refresh(&first, Some(&app.proof(&json!({})))).await;
        assert_eq!((again.status.as_u16(), text(&again, "refresh_token")), (200, second.clone()), "a lost answer");
        assert_eq!(app.refresh(&second, Some(&app.proof(&json!({})))).await.status, 200);
        stage.stop().await;
    }

    /// `dpop_bound_access_tokens`: nothing without a proof.
    async fn an_app_may_be_bound_to_bind(on: OnStore) {
        let stage = Stage::start_with(on, |config| config.replace("[apps.native]\n", "[apps.native]\ndpop_bound_access_tokens = true\n")).await;
        let app = Native::of(&stage);
        let code = app.code(&stage, &[]).await;
        assert_eq!(error(&app.redeem(&code, &[]).await), refused(400, "invalid_request"));
        let page = app.redeem(&code, &[&app.proof(&json!({}))]).await;
        assert_eq!(page.status, 200);
        assert_eq!(error(&app.refresh(&text(&page, "refresh_token"), None).await), refused(400, "invalid_request"));
        stage.stop().await;
    }

    /// A proof is good once over all instances; and scripts may read the nonce.
    async fn a_proof_is_good_once_anywhere(stage: Stage) {
        let mut app = Native::of(&stage);
        let code = app.code(&stage, &[]).await;
        let other = app.code(&stage, &[]).await;
        let second = stage.second_instance().await;
        let proof = app.proof(&json!({}));
        assert_eq!(app.redeem(&code, &[&proof]).await.status, 200);
        app.issuer = second.origin.clone();
        assert_eq!(error(&app.redeem(&other, &[&proof]).await), refused(400, "invalid_dpop_proof"));
        second.running.stop().await;
        let origin = [("origin", "https://notes.test"), ("dpop", "x")];
        let page = app.http.post(&format!("{}/token", stage.issuer), &[("grant_type", "refresh_token"), ("client_id", "native")], &origin).await;
        assert_eq!(page.header("access-control-allow-origin"), "https://notes.test");
        assert!(page.header("access-control-expose-headers").contains("DPoP-Nonce"));
        let preflight = app.http.raw("OPTIONS", &format!("{}/userinfo", stage.issuer), &[("origin", "https://notes.test")], "").await;
        assert!(preflight.header("access-control-allow-headers").contains("DPoP"));
        stage.stop().await;
    }
}
