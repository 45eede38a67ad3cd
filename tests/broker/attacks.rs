//! What attackers try at the edges: each case is one that would hurt, or a neighbour of one that hurt somebody else.

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;
use vestibule::types::bytes;

use crate::{
    on_both_stores,
    stage::{App, Browser, NOTES_CALLBACK, Page, Stage, VERIFIER, param},
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The pairs of an address's query, to be posted instead.
fn form_of(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

fn as_str(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A cross-site post as a browser sends it: without any cookie of ours (`SameSite=Lax`).
async fn post_cross_site(url: &str, form: &[(&str, &str)]) -> Page {
    let headers = [("origin", "https://notes.test"), ("sec-fetch-site", "cross-site")];
    Browser::new().post(url, form, &headers).await
}

/// Goes on until the broker is about to answer the app; gives the address at which it would.
async fn until_back(stage: &Stage, browser: &Browser, request: &[(&str, &str)]) -> Url {
    let request = [request, &[("provider", "google")]].concat();
    let away = browser.get(&stage.authorize(&request)).await;
    let callback = browser.get(away.location().unwrap().as_str()).await.location().unwrap();
    assert_eq!(callback.path(), "/callback/google");
    let back = browser.get(callback.as_str()).await.location().unwrap();
    assert_eq!(back.path(), "/authorize/continue");
    back
}

fn is_code(page: &Page) -> bool {
    page.location().is_some_and(|url| url.as_str().starts_with(NOTES_CALLBACK) && param(&url, "code").is_some())
}

on_both_stores! {
    /// An app that posts its logout request comes without our cookie. It must not be told that nobody is signed in.
    async fn a_posted_logout_signs_out(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let url = format!("{}/logout", stage.issuer);
        let form = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", "https://notes.test/bye")];
        let posted = post_cross_site(&url, &form).await;
        assert_eq!(posted.status, 303);
        let asked = posted.location().unwrap();
        assert!(!asked.as_str().contains(&tokens.id), "the token does not show in the address");
        let page = browser.get(asked.as_str()).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "https://notes.test/bye"));
        let silent = browser.get(&stage.authorize(&[("prompt", "none")])).await;
        assert_eq!(param(&silent.location().unwrap(), "error").as_deref(), Some("login_required"));
        stage.stop().await;
    }

    /// Another site posts authorization requests one after the other. Cookies that would pile up, since the ones from
    /// before are not seen, would make every request too large for the proxy before us.
    async fn cross_site_posts_pile_up_no_cookies(stage: Stage) {
        let url = format!("{}/authorize", stage.issuer);
        let form = form_of(&stage.authorize(&[]));
        let browser = Browser::new();
        for _ in 0..12 {
            let posted = post_cross_site(&url, &as_str(&form)).await;
            assert!(posted.headers.get("set-cookie").is_none());
            assert!(browser.get(posted.location().unwrap().as_str()).await.header("location").starts_with("/login?"));
        }
        let kept = browser.cookies(&stage.issuer);
        assert!(kept.len() <= 8 && kept.values().map(String::len).sum::<usize>() <= 6 * 1024, "{}", kept.len());
        stage.stop().await;
    }

    /// A posted request means what the same link means: single sign-on, silence, and every check.
    async fn a_posted_request_is_the_same_request(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let url = format!("{}/authorize", stage.issuer);
        let asked = post_cross_site(&url, &as_str(&form_of(&stage.authorize(&[("prompt", "none")])))).await.location().unwrap();
        assert!(is_code(&browser.get(asked.as_str()).await));
        let elsewhere = asked.as_str().replace("/authorize?", "/logout?");
        assert_eq!(browser.get(&elsewhere).await.status, 400, "a form for one address is none for another");
        let twice = format!("{asked}&parked=x");
        assert_eq!(browser.get(&twice).await.status, 400);

        let good = form_of(&stage.authorize(&[]));
        for (extra, status) in [(("client_id", "notes"), 400), (("redirect_uri", NOTES_CALLBACK), 400), (("scope", "openid"), 303)] {
            let form = [as_str(&good).as_slice(), &[extra]].concat();
            let page = browser.get(post_cross_site(&url, &form).await.location().unwrap().as_str()).await;
            assert_eq!(page.status, status, "{extra:?} twice");
            assert!(!is_code(&page));
        }
        // The query of a post is not looked at, so that it cannot complete or contradict the form.
        let split = format!("{url}?client_id=notes&redirect_uri={NOTES_CALLBACK}");
        let rest: Vec<(&str, &str)> = as_str(&good).into_iter().filter(|(name, _)| !matches!(*name, "client_id" | "redirect_uri")).collect();
        let page = browser.get(post_cross_site(&split, &rest).await.location().unwrap().as_str()).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
        let large = "x".repeat(5000);
        assert_eq!(post_cross_site(&url, &[("state", &large)]).await.status, 400);
        let json = Browser::new().raw("POST", &url, &[("content-type", "application/json")], "{}").await;
        assert_eq!(json.status, 400);
        stage.stop().await;
    }

    /// The cookie of a finished attempt, kept and put back: a fresh login that an app demanded serves once.
    async fn a_fresh_login_answers_one_request(stage: Stage) {
        let browser = Browser::new();
        for demand in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
            let back = until_back(&stage, &browser, &[demand]).await;
            let kept = browser.cookies(&stage.issuer);
            assert!(is_code(&browser.get(back.as_str()).await), "{demand:?}");
            for (name, value) in &kept {
                browser.set_cookie(&stage.issuer, name, value);
            }
            let replayed = browser.get(back.as_str()).await;
            assert!(!is_code(&replayed), "{demand:?}");
            assert!(replayed.header("location").starts_with(stage.google.origin()), "{}", replayed.header("location"));
        }
        stage.stop().await;
    }

    /// An attempt that somebody finished does not stand for whoever is signed in now.
    async fn a_finished_attempt_does_not_serve_the_next_person(stage: Stage) {
        let browser = Browser::new();
        let back = until_back(&stage, &browser, &[("prompt", "login")]).await;
        let kept = browser.cookies(&stage.issuer);
        stage.google.answer_with("grace");
        browser.sign_in(&stage, &[("prompt", "login")], "google").await;
        let name = format!("vst_a_{}", param(&back, "attempt").unwrap());
        browser.set_cookie(&stage.issuer, &name, &kept[&name]);
        assert!(!is_code(&browser.get(back.as_str()).await));
        stage.stop().await;
    }

    /// A redirect URI, or an app, that the operator took away while a person was at a provider gets nothing any more,
    /// neither a code nor an error.
    async fn what_is_no_longer_registered_is_sent_nothing(stage: Stage) {
        for change in [
            |config: String| config.replace("https://notes.test/callback", "https://notes.test/moved"),
            |config: String| config.replace("[apps.notes]", "[apps.renamed]"),
        ] {
            stage.reload(|config| config);
            let browser = Browser::new();
            let back = until_back(&stage, &browser, &[]).await;
            stage.reload(change);
            for url in [format!("{back}&answer=no"), back.to_string()] {
                let page = browser.get(&url).await;
                assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{url}");
            }
        }
        stage.stop().await;
    }

    /// A hint whose key has retired since proves nothing, and must not keep the person signed in either.
    async fn a_hint_of_a_retired_key_leads_to_the_question(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let (_, rest) = tokens.id.split_once('.').unwrap();
        let retired = format!("{}.{rest}", bytes::to_base64url(br#"{"typ":"JWT","alg":"RS256","kid":"retired"}"#));
        let page = browser.get(&format!("{}/logout?id_token_hint={retired}&post_logout_redirect_uri=https://notes.test/bye", stage.issuer)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (200, ""));
        let action = page.url.join(&page.attrs("main form", "action")[0]).unwrap();
        let fields = page.hidden_fields();
        let form = [as_str(&fields).as_slice(), &[("answer", "yes")]].concat();
        let done = browser.post(action.as_str(), &form, &[]).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/logout/done"));
        stage.stop().await;
    }

    /// Only an ID token of ours is a hint; nothing else that we sign or hand out signs anybody out (AC-09, AC-76).
    async fn nothing_but_an_id_token_is_a_hint(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let answer = browser.sign_in(&stage, &[], "google").await;
        let code = param(&answer, "code").unwrap();
        let tokens = app.tokens(&answer).await;
        let (head, rest) = tokens.id.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let none = bytes::to_base64url(br#"{"typ":"JWT","alg":"none"}"#);
        let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
        for wrong in [
            tokens.access.clone(), code, session, format!("{head}.{body}."), format!("{none}.{body}."), format!("{none}.{body}.{signature}"),
            format!("{head}.{}.{signature}", bytes::to_base64url(br#"{"aud":"notes","iss":"x","exp":1}"#)),
        ] {
            let url = Url::parse_with_params(&format!("{}/logout", stage.issuer), [("id_token_hint", wrong.as_str()), ("post_logout_redirect_uri", "https://notes.test/bye")]).unwrap();
            let page = browser.get(url.as_str()).await;
            assert!(page.header("location").is_empty() && page.headers.get("set-cookie").is_none(), "{wrong}");
            assert!(is_code(&browser.get(&stage.authorize(&[("prompt", "none")])).await), "{wrong}");
        }
        // A hint for one app with the name of another is neither's.
        let url = format!("{}/logout?id_token_hint={}&client_id=wiki&post_logout_redirect_uri=https://wiki.test/bye", stage.issuer, tokens.id);
        assert_eq!(browser.get(&url).await.status, 200);
        stage.stop().await;
    }

    /// Each thing that we hand out is taken as what it is, and as nothing else (AC-76).
    async fn no_kind_is_taken_for_another(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let login = browser.open(&stage.authorize(&[])).await;
        let form_token = login.hidden_fields().into_iter().find(|(name, _)| name == "form_token").unwrap().1;
        let attempt_id = param(&login.url, "attempt").unwrap();
        let attempt = browser.cookie(&stage.issuer, &format!("vst_a_{attempt_id}")).unwrap();
        let answer = browser.choose(&login, "google").await.location().unwrap();
        let code = param(&answer, "code").unwrap();
        let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
        let posted = post_cross_site(&format!("{}/authorize", stage.issuer), &[("client_id", "notes")]).await;
        let parked = param(&posted.location().unwrap(), "parked").unwrap();
        let all = [form_token, attempt, code.clone(), session.clone(), parked];
        for wrong in &all {
            for prefix in ["", "vst_c_", "vst_s_", "vst_r_"] {
                let dressed = format!("{prefix}{}", wrong.trim_start_matches("vst_c_").trim_start_matches("vst_s_"));
                if dressed != code {
                    assert_eq!(app.token(&[("code", &dressed)]).await.json()["error"], "invalid_grant");
                }
                if dressed != session {
                    let thief = Browser::new();
                    thief.set_cookie(&stage.issuer, "vst_session", &dressed);
                    thief.set_cookie(&stage.issuer, &format!("vst_a_{attempt_id}"), &session);
                    let page = thief.get(&stage.authorize(&[("prompt", "none")])).await;
                    assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("login_required"));
                    assert_eq!(thief.get(&format!("{}/login?attempt={attempt_id}", stage.issuer)).await.status, 400);
                }
            }
        }
        assert_eq!(app.token(&[("code", &code)]).await.status, 200, "none of that burnt the code");
        stage.stop().await;
    }

    /// An attempt answers to the provider that it went to, and a decline to the browser that has it.
    async fn attempts_cannot_be_crossed(stage: Stage) {
        let (browser, other) = (Browser::new(), Browser::new());
        let away = browser.get(&stage.authorize(&[("provider", "google")])).await;
        let callback = browser.get(away.location().unwrap().as_str()).await.location().unwrap();
        let at_other = callback.as_str().replace("/callback/google", "/callback/facebook");
        assert_eq!(browser.get(&at_other).await.status, 400);
        let id = param(&callback, "state").unwrap().split('.').next().unwrap().to_owned();
        for path in ["authorize/continue?answer=no&", "authorize/continue?", "login?"] {
            let page = other.get(&format!("{}/{path}attempt={id}", stage.issuer)).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{path}");
        }
        // The cookie of one attempt under the name of another.
        let second = browser.get(&stage.authorize(&[("provider", "google")])).await.location().unwrap();
        let second = param(&second, "state").unwrap().split('.').next().unwrap().to_owned();
        let value = browser.cookie(&stage.issuer, &format!("vst_a_{second}")).unwrap();
        other.set_cookie(&stage.issuer, &format!("vst_a_{id}"), &value);
        assert_eq!(other.get(callback.as_str()).await.status, 400);
        // An app's provider list holds on the way, too.
        let wiki = [("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")];
        let at = browser.get(&stage.authorize(&wiki)).await.location().unwrap();
        let attempt = param(&at, "state").unwrap().split('.').next().unwrap().to_owned();
        let login = browser.get(&format!("{}/login?attempt={attempt}", stage.issuer)).await;
        let fields = login.hidden_fields();
        assert_eq!(browser.post(&format!("{}/login/facebook", stage.issuer), &as_str(&fields), &[]).await.status, 404);
        // The honest end.
        assert_eq!(browser.get(callback.as_str()).await.status, 303);
        stage.stop().await;
    }

    /// Addresses come from the configuration alone, whatever `Host` and its kin say (C-51).
    async fn nobody_tells_us_our_name(stage: Stage) {
        let browser = Browser::new();
        let lies = [("host", "evil.test"), ("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https"), ("forwarded", "host=evil.test")];
        let document = browser.raw("GET", &format!("{}/.well-known/openid-configuration", stage.issuer), &lies, "").await;
        assert_eq!(document.json()["issuer"], stage.issuer.as_str());
        let away = browser.raw("GET", &stage.authorize(&[("provider", "google")]), &lies, "").await;
        assert!(away.status == 303 && !away.header("location").contains("evil.test"));
        let login = browser.raw("GET", &stage.authorize(&[]), &lies, "").await;
        assert!(login.header("location").starts_with("/login?"));
        stage.stop().await;
    }

    /// `state` comes back as it was and never as anything else in a header or a page (AS28).
    async fn state_splits_no_response(stage: Stage) {
        let browser = Browser::new();
        for state in ["a\r\nSet-Cookie: x=1", "a\r\n\r\n<script>", "a&code=evil&iss=evil", "a#code=evil", "\u{0}", "ä\u{2028}", "%0d%0aX: y"] {
            for mode in ["query", "fragment"] {
                let page = browser.get(&stage.authorize(&[("prompt", "none"), ("state", state), ("response_mode", mode)])).await;
                let url = page.location().unwrap();
                let answer = if mode == "query" { url.query() } else { url.fragment() }.unwrap();
                let pairs: Vec<(String, String)> = url::form_urlencoded::parse(answer.as_bytes()).into_owned().collect();
                let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(names, ["error", "error_description", "state", "iss"]);
                assert_eq!(pairs[2].1, state);
                assert!(!page.header("set-cookie").contains("x=1") && page.headers.get("x").is_none());
            }
            let posted = browser.get(&stage.authorize(&[("prompt", "none"), ("state", state), ("response_mode", "form_post")])).await;
            assert_eq!(posted.attrs("main form", "action"), [NOTES_CALLBACK]);
            assert_eq!(posted.texts("script").concat(), "");
        }
        stage.stop().await;
    }

    /// One spelling of a parameter is as good as another, so that two of them are two.
    async fn a_parameter_has_no_second_spelling(stage: Stage) {
        let browser = Browser::new();
        let url = stage.authorize(&[]);
        for twice in ["%63lient_id=wiki", "client%5Fid=notes", "redirect%5furi=https%3A%2F%2Fevil.test"] {
            let page = browser.get(&format!("{url}&{twice}")).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{twice}");
        }
        // A semicolon separates nothing: it belongs to the value before it.
        let page = browser.get(&format!("{url};redirect_uri=https://evil.test")).await;
        assert!(page.header("location").is_empty() || !page.header("location").contains("evil.test"), "{}", page.header("location"));
        let page = browser.get(&url.replace("client_id=notes", "client_id=notes;redirect_uri=https://evil.test")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
        for odd in ["client_id[]=wiki", "Client_Id=wiki", " client_id=wiki", "client_id%00=wiki"] {
            assert_eq!(browser.get(&format!("{url}&{odd}")).await.status, 303, "{odd}");
        }
        stage.stop().await;
    }

    /// A public client has no secret, whatever it sends as one; a confidential one has no empty one (AC-16).
    async fn client_authentication_at_its_edges(stage: Stage) {
        let app = App::of(&stage);
        let form = [("grant_type", "authorization_code"), ("code", "vst_c_x"), ("redirect_uri", "http://127.0.0.1/cb"), ("code_verifier", VERIFIER)];
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (authorization, status) in [
            (basic("native:guess"), 401), (basic("native"), 401), (basic("notes:"), 401), (basic(":"), 401),
            (basic("notes:%00"), 401), (basic("notes%3A:x"), 401), (format!("Basic {}", "A".repeat(3000)), 401), ("Basic".into(), 401),
            ("basic \u{7f}".into(), 401),
        ] {
            let Ok(value) = reqwest::header::HeaderValue::from_str(&authorization) else { continue };
            let page = app.token_with(&form, &[("authorization", value.to_str().unwrap())]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some("invalid_client")), "{authorization}");
        }
        for (extra, status, error) in [
            (vec![("client_id", "native"), ("client_secret", "x")], 401, "invalid_client"),
            (vec![("client_id", "notes"), ("client_secret", "")], 401, "invalid_client"),
            (vec![("client_id", "native"), ("client_id", "native")], 400, "invalid_request"),
            (vec![("client_id", "native"), ("grant_type", "authorization_code")], 400, "invalid_request"),
            (vec![("client_id", "native"), ("code", "y")], 400, "invalid_request"),
            // Twice is twice (RFC 6749, section 3.2), also what this grant does not look at, and what nobody knows.
            (vec![("client_id", "native"), ("scope", "openid"), ("scope", "")], 400, "invalid_request"),
            (vec![("client_id", "native"), ("x", ""), ("x", "")], 400, "invalid_request"),
            (vec![("client_id", "native"), ("x", "y"), ("resource", ""), ("resource", "")], 400, "invalid_grant"),
            (vec![("client_id", "native")], 400, "invalid_grant"),
            (vec![("client_id", "../notes")], 401, "invalid_client"),
        ] {
            let page = app.token_with(&[form.as_slice(), &extra].concat(), &[]).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{extra:?}");
            assert_eq!(page.header("cache-control"), "no-store");
        }
        stage.stop().await;
    }

    /// Other methods do nothing, and scripts of other sites read nothing (AS25).
    async fn methods_and_origins(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let paths = ["/authorize", "/authorize/continue", "/login", "/login/google", "/callback/google", "/logout", "/logout/answer", "/token", "/userinfo", "/jwks", "/"];
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "get"] {
            for path in paths {
                let page = browser.raw(method, &format!("{}{path}", stage.issuer), &[FORM, ("x-probe", "hunter2")], "").await;
                assert!(matches!(page.status.as_u16(), 400 | 404 | 405), "{method} {path} {}", page.status);
                assert!(!page.body.contains("hunter2") && page.headers.get("set-cookie").is_none());
            }
        }
        for path in paths {
            for origin in ["https://evil.test", "null", "https://notes.test.evil.test", "http://notes.test"] {
                for method in ["OPTIONS", "GET", "POST"] {
                    let page = browser.raw(method, &format!("{}{path}", stage.issuer), &[FORM, ("origin", origin)], "").await;
                    let allowed = page.header("access-control-allow-origin");
                    assert!(allowed.is_empty() || (path == "/jwks" && allowed == "*"), "{method} {path} {origin}");
                    assert_eq!(page.header("access-control-allow-credentials"), "");
                }
            }
        }
        let own = browser.raw("POST", &format!("{}/token", stage.issuer), &[FORM, ("origin", "https://notes.test")], "").await;
        assert_eq!(own.header("access-control-allow-origin"), "https://notes.test");
        assert!(is_code(&browser.get(&stage.authorize(&[("prompt", "none")])).await), "the session lives");
        stage.stop().await;
    }

    /// Cookies that are none, are too many or belong to others neither sign anybody in nor lock anybody out (C-10).
    async fn strange_cookies(stage: Stage) {
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
        let silent = stage.authorize(&[("prompt", "none")]);
        let ask = async |cookie: &str| Browser::new().raw("GET", &silent, &[("cookie", cookie)], "").await;
        let many = (0..150).map(|n| format!("n{n}=x; ")).collect::<String>();
        for good in [format!("vst_session={session}"), format!("a; =; ;;; vst_session={session}; b"), format!("{many}vst_session={session}")] {
            assert!(is_code(&ask(&good).await), "{good}");
        }
        for bad in [
            format!("vst_session={session}; vst_session={session}"), format!("vst_session=\"{session}\""), format!("VST_SESSION={session}"),
            format!("vst_session={session}x"), format!("vst_session={}", &session[..session.len() - 1]), format!("__Host-vst_session={session}"),
            "vst_session=".into(), format!("vst_session={}", "A".repeat(7000)),
        ] {
            let page = ask(&bad).await;
            assert_eq!(param(&page.location().unwrap(), "error").as_deref(), Some("login_required"), "{bad}");
        }
        stage.stop().await;
    }
}
