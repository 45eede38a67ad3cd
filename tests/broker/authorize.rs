//! What the authorization endpoint takes and refuses.

use crate::{
    on_both_stores,
    stage::{Browser, Stage, param},
};

on_both_stores! {
    /// A wrong app or redirect URI is a page, never a redirect (AC-01, AC-08).
    async fn what_is_not_proven_never_redirects(stage: Stage) {
        let browser = Browser::new();
        for redirect in [
            "https://notes.test/callback/", "https://notes.test/callback?x=1", "https://notes.test/callback#f",
            "https://notes.test/CALLBACK", "https://notes.test/callback/../callback", "https://notes.test/callback%2f",
            "https://notes.test/c%61llback", "https://notes.test/callback;x", "https://NOTES.test/callback",
            "https://notes.test:443/callback", "https://notes.test./callback", "http://notes.test/callback",
            "https://notes.test.evil.test/callback", "https://evil.test/?https://notes.test/callback", "//notes.test/callback",
            "https://notes.test@evil.test/callback", "javascript:alert(1)", "data:text/html,x", "http://127.0.0.1/callback",
        ] {
            let page = browser.get(&stage.authorize(&[("redirect_uri", redirect)])).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{redirect}");
            assert!(page.header("content-type").starts_with("text/html") && !page.body.contains(redirect), "{redirect}");
        }
        for app in ["nobody", "NOTES", "notes ", "", "notes\u{0}"] {
            let page = browser.get(&stage.authorize(&[("client_id", app)])).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{app}");
        }
        // Several are registered: one must be named.
        let wiki = stage.authorize(&[("client_id", "wiki"), ("redirect_uri", "")]);
        assert_eq!(browser.get(&wiki).await.status, 400);
        // One is: it may be left out, but not left empty.
        assert_eq!(browser.get(&stage.authorize(&[("redirect_uri", "")])).await.status, 303);
        assert_eq!(browser.get(&format!("{}&redirect_uri=", stage.authorize(&[("redirect_uri", "")]))).await.status, 400);
        stage.stop().await;
    }

    /// Everything else goes back to the app: error, state, iss, and nothing from the request but state.
    async fn what_is_proven_is_told(stage: Stage) {
        let browser = Browser::new();
        let long = "x".repeat(5000);
        for (changes, error) in [
            (vec![("response_type", "")], "invalid_request"),
            (vec![("response_type", "token")], "unsupported_response_type"),
            (vec![("response_type", "code id_token")], "unsupported_response_type"),
            (vec![("scope", "profile")], "invalid_scope"),
            (vec![("scope", "")], "invalid_scope"),
            (vec![("response_mode", "web_message")], "invalid_request"),
            (vec![("prompt", "none login")], "invalid_request"),
            (vec![("prompt", "none")], "login_required"),
            (vec![("max_age", "-1")], "invalid_request"),
            (vec![("max_age", "soon")], "invalid_request"),
            (vec![("max_age", "+5")], "invalid_request"),
            (vec![("max_age", "99999999999999999999")], "invalid_request"),
            (vec![("code_challenge_method", "plain")], "invalid_request"),
            (vec![("code_challenge_method", "")], "invalid_request"),
            (vec![("code_challenge", "short")], "invalid_request"),
            (vec![("code_challenge", "")], "invalid_request"),
            (vec![("claims", r#"{"id_token":{"sub":{"value":7}}}"#)], "invalid_request"),
            (vec![("claims", r#"{"userinfo":{"sub":{"value":["a"]}}}"#)], "invalid_request"),
            (vec![("claims", r#"{"id_token":{"sub":{"value":null}}}"#)], "invalid_request"),
            (vec![("request", "eyJ")], "request_not_supported"),
            (vec![("request_uri", "https://x.test")], "request_uri_not_supported"),
            (vec![("registration", "{}")], "registration_not_supported"),
            (vec![("nonce", long.as_str())], "invalid_request"),
            (vec![("state", long.as_str())], "invalid_request"),
        ] {
            let page = browser.get(&stage.authorize(&changes)).await;
            let url = page.location().unwrap_or_else(|| panic!("{changes:?}: {} {}", page.status, page.body));
            assert!(url.as_str().starts_with("https://notes.test/callback?"), "{url}");
            assert_eq!(param(&url, "error").as_deref(), Some(error), "{changes:?}");
            assert_eq!(param(&url, "iss").as_deref(), Some(stage.issuer.as_str()));
            if !changes.iter().any(|(name, _)| *name == "state") {
                assert_eq!(param(&url, "state").as_deref(), Some("st-1"));
            }
            assert_eq!(page.status, 303);
        }
        stage.stop().await;
    }

    /// A parameter twice is an error, an unknown one is nothing, an empty one is absent.
    async fn parameters_as_the_standard_has_them(stage: Stage) {
        let browser = Browser::new();
        let twice = format!("{}&scope=openid", stage.authorize(&[]));
        assert_eq!(param(&browser.get(&twice).await.location().unwrap(), "error").as_deref(), Some("invalid_request"));
        for name in ["client_id=notes", "redirect_uri=https://notes.test/callback"] {
            let page = browser.get(&format!("{}&{name}", stage.authorize(&[]))).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
        }
        let unknown = format!("{}&foo=bar&claims_locales=de&display=popup&acr_values=x", stage.authorize(&[]));
        assert!(browser.get(&unknown).await.header("location").starts_with("/login?attempt="));
        let empty = format!("{}&prompt=&max_age=&login_hint=", stage.authorize(&[]));
        assert!(browser.get(&empty).await.header("location").starts_with("/login?attempt="));
        stage.stop().await;
    }

    /// GET and POST are one (OpenID Connect Core, section 3.1.2.1), from wherever; and there is no CORS.
    async fn post_works_like_get(stage: Stage) {
        let browser = Browser::new();
        let url = url::Url::parse(&stage.authorize(&[])).unwrap();
        let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post(&format!("{}/authorize", stage.issuer), &form, &[("origin", "https://notes.test"), ("sec-fetch-site", "cross-site")]).await;
        assert_eq!(page.status, 303);
        assert_eq!(page.header("access-control-allow-origin"), "");
        let page = browser.get(page.location().unwrap().as_str()).await;
        assert!(page.header("location").starts_with("/login?attempt="));
        assert_eq!(page.header("access-control-allow-origin"), "");
        stage.stop().await;
    }

    /// Public native apps: a free port on a loopback literal, or a private scheme; PKCE without fail.
    async fn native_apps(stage: Stage) {
        let browser = Browser::new();
        let native = |redirect| [("client_id", "native"), ("redirect_uri", redirect)];
        for good in ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "com.example.native:/cb"] {
            assert_eq!(browser.get(&stage.authorize(&native(good))).await.status, 303, "{good}");
        }
        for bad in ["http://127.0.0.1:49152/other", "http://localhost:1/cb", "http://127.1/cb", "https://127.0.0.1/cb", "com.example.native:/other"] {
            assert_eq!(browser.get(&stage.authorize(&native(bad))).await.status, 400, "{bad}");
        }
        let without = [native("http://127.0.0.1/cb").as_slice(), &[("code_challenge", ""), ("code_challenge_method", "")]].concat();
        let page = browser.get(&stage.authorize(&without)).await;
        assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("invalid_request"));
        stage.stop().await;
    }

    /// The answer travels as asked.
    async fn response_modes(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let fragment = browser.get(&stage.authorize(&[("response_mode", "fragment")])).await;
        assert!(fragment.header("location").starts_with("https://notes.test/callback#code="));
        let page = browser.get(&stage.authorize(&[("response_mode", "form_post")])).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.attrs("main form", "action"), ["https://notes.test/callback"]);
        let fields = page.hidden_fields();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["code", "session_state", "state", "iss"]);
        assert!(page.header("content-security-policy").contains("form-action 'self' https://notes.test;"));
        stage.stop().await;
    }

    /// Every page is locked down (AS26, AC-67), and what is echoed is escaped.
    async fn pages_are_locked_down(stage: Stage) {
        let browser = Browser::new();
        let hostile = r#""><img src=x onerror=alert(1)></script>{{7*7}}"#;
        let login = browser.open(&stage.authorize(&[("state", hostile), ("login_hint", hostile), ("ui_locales", hostile)])).await;
        let wrong = browser.get(&stage.authorize(&[("client_id", hostile)])).await;
        let missing = browser.get(&format!("{}/no/such?{}", stage.issuer, "x=%3Cimg%3E")).await;
        assert_eq!(missing.status, 404);
        for page in [login, wrong, missing, browser.get(&stage.issuer).await] {
            let csp = page.header("content-security-policy");
            for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
                assert!(csp.contains(part), "{part} in {csp}");
            }
            assert!(!csp.contains("unsafe") && !csp.contains("script-src"));
            assert_eq!(page.header("x-frame-options"), "DENY");
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert!(page.header("cache-control").contains("no-store"));
            assert!(!page.body.contains("<img src=x"), "{}", page.url);
            assert!(page.attrs("script", "src").is_empty() && page.texts("script").is_empty());
        }
        stage.stop().await;
    }

    /// A form without its token, with another browser's, or from elsewhere changes nothing (AC-35).
    async fn forms_are_ours(stage: Stage) {
        let (browser, other) = (Browser::new(), Browser::new());
        let login = browser.open(&stage.authorize(&[])).await;
        let foreign = other.open(&stage.authorize(&[])).await;
        let action = login.url.join("/login/google").unwrap();
        let fields = login.hidden_fields();
        let value = |fields: &[(String, String)], name: &str| fields.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let (attempt, token) = (value(&fields, "attempt"), value(&fields, "form_token"));
        let foreign_token = value(&foreign.hidden_fields(), "form_token");
        let good = [("attempt", attempt.as_str()), ("form_token", token.as_str())];
        for (form, headers) in [
            (vec![("attempt", attempt.as_str())], vec![]),
            (vec![("attempt", attempt.as_str()), ("form_token", "")], vec![]),
            (vec![("attempt", attempt.as_str()), ("form_token", foreign_token.as_str())], vec![]),
            (good.to_vec(), vec![("origin", "https://evil.test")]),
            (good.to_vec(), vec![("origin", "null")]),
            (good.to_vec(), vec![("sec-fetch-site", "cross-site")]),
            (good.to_vec(), vec![("sec-fetch-site", "same-site")]),
        ] {
            let page = browser.post(action.as_str(), &form, &headers).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (403, ""), "{form:?} {headers:?}");
        }
        let plain = browser.post(action.as_str(), &good, &[("content-type", "text/plain")]).await;
        assert_eq!(plain.status, 403);
        assert_eq!(browser.get(action.as_str()).await.status, 405);
        let stolen = other.post(action.as_str(), &good, &[]).await;
        assert_eq!(stolen.status, 400, "another browser does not have the attempt");
        assert_eq!(browser.post(action.as_str(), &good, &[("origin", "null"), ("sec-fetch-site", "same-origin")]).await.status, 303);
        stage.stop().await;
    }
}

on_both_stores! {
    /// A wrong method is told as a page to who reads, and with `Allow` to all (RFC 9110, section 15.5.6).
    async fn a_wrong_method_is_told(stage: Stage) {
        let browser = Browser::new();
        let url = format!("{}/login/google", stage.issuer);
        let page = browser.get_with(&url, &[("accept", "text/html,*/*;q=0.8")]).await;
        assert_eq!((page.status.as_u16(), page.header("allow")), (405, "POST"));
        assert_eq!(page.texts("main h1").len(), 1);
        let bare = browser.get_with(&url, &[("accept", "application/json")]).await;
        assert_eq!((bare.status.as_u16(), bare.header("allow"), bare.body.as_str()), (405, "POST", ""));
        stage.stop().await;
    }
}
