//! Input that nobody honest sends: it is refused quickly, gives nothing, and breaks nothing.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    strategy::ValueTree,
    test_runner::TestRunner,
};

use crate::{
    on_both_stores,
    stage::{Answer, App, Browser, Stage, Wire, jws_claims, param},
};

/// How many random values are tried.
const VALUES: usize = 500;

/// No refusal takes longer (C-72), on a machine that does a hundred other things as well.
const QUICKLY: Duration = Duration::from_secs(5);

/// Bytes that may stand in a header (RFC 9110, section 5.5).
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>().prop_filter("no control characters", |byte| *byte >= 0x20 && *byte != 0x7f), 0..300)
}

/// A genuine value, broken: cut, longer, with a bit or a letter changed.
fn broken(genuine: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let genuine = genuine.as_bytes().to_vec();
    (0..genuine.len(), 0..5_usize, any::<u8>()).prop_map(move |(at, how, byte)| {
        let mut value = genuine.clone();
        match how {
            0 => value.truncate(at),
            1 => value.push(b'a' + byte % 26),
            2 => value[at] = if value[at] == b'A' { b'B' } else { b'A' },
            3 => value.insert(at, b'0' + byte % 10),
            _ => drop(value.remove(at)),
        }
        value
    })
}

/// Random values, half of them broken genuine ones; never `genuine` itself.
fn values(genuine: &str) -> Vec<Vec<u8>> {
    let mut chance = TestRunner::deterministic();
    let mut draw = |strategy: &dyn Fn(&mut TestRunner) -> Vec<u8>| strategy(&mut chance);
    let garbage = |runner: &mut TestRunner| header_bytes().new_tree(runner).unwrap().current();
    let damaged = |runner: &mut TestRunner| broken(genuine).new_tree(runner).unwrap().current();
    let all = (0..VALUES).map(|n| if n % 2 == 0 { draw(&garbage) } else { draw(&damaged) });
    all.filter(|value| value != genuine.as_bytes()).collect()
}

fn header(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b": ", value].concat()
}

fn path_of(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

fn refused(what: &str, answer: &Answer, among: &[u16]) {
    assert!(among.contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    assert!(answer.took < QUICKLY, "{what} took {:?}", answer.took);
}

on_both_stores! {
    /// AC-26, C-72: whatever stands in `Authorization`, it is no token unless it is one.
    async fn garbage_is_no_access_token(stage: Stage) {
        let (browser, app, wire) = (Browser::new(), App::of(&stage), Wire::to(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        for value in values(&tokens.access) {
            let shown = String::from_utf8_lossy(&value).into_owned();
            for scheme in ["Bearer ", "bearer  ", "Basic ", ""] {
                let line = header("Authorization", &[scheme.as_bytes(), &value].concat());
                refused(&shown, &wire.ask("GET /userinfo", &[&line], b"").await, &[400, 401]);
            }
            let line = header("Authorization", &value);
            let form = b"grant_type=authorization_code&code=vst_c_x";
            let answer = wire.ask("POST /token", &[&line, b"Content-Type: application/x-www-form-urlencoded"], form).await;
            refused(&shown, &answer, &[400, 401]);
        }
        assert_eq!(app.userinfo(&tokens.access).await.status, 200);
        stage.stop().await;
    }

    /// AC-10 for cookies: whatever stands in `Cookie`, it is no session unless it is one.
    async fn garbage_is_no_session(stage: Stage) {
        let (browser, wire) = (Browser::new(), Wire::to(&stage));
        browser.sign_in(&stage, &[], "google").await;
        let genuine = browser.cookie(&stage.issuer, "vst_session").unwrap();
        let line = format!("GET {}", path_of(&stage.authorize(&[("prompt", "none")])));
        for value in values(&genuine) {
            let named = header("Cookie", &[b"vst_session=", &*value].concat());
            let bare = header("Cookie", &value);
            for cookie in [named, bare] {
                let shown = String::from_utf8_lossy(&cookie).into_owned();
                // A value that goes on after `;` is the genuine one and another cookie.
                if shown.split(';').any(|pair| pair.trim() == format!("Cookie: vst_session={genuine}")) {
                    continue;
                }
                let answer = wire.ask(&line, &[&cookie], b"").await;
                refused(&shown, &answer, &[303, 400]);
                assert!(!answer.header("location").contains("code="), "{shown}");
                assert!(answer.status == 400 || answer.header("location").contains("error=login_required"), "{shown}");
            }
        }
        let answer = wire.ask(&line, &[&header("Cookie", format!("vst_session={genuine}").as_bytes())], b"").await;
        assert!(answer.header("location").contains("code="), "the genuine one is");
        stage.stop().await;
    }

    /// AC-76: nothing that we hand out for one purpose serves another.
    async fn one_kind_is_never_taken_for_another(stage: Stage) {
        let (browser, app) = (Browser::new(), App::of(&stage));
        let login = browser.open(&stage.authorize(&[])).await;
        let fields = login.hidden_fields();
        let form_token = fields.iter().find(|(name, _)| name == "form_token").unwrap().1.clone();
        let attempt = browser.cookies(&stage.issuer).into_iter().find(|(name, _)| name.starts_with("vst_a_")).unwrap().1;
        let answer = browser.choose(&login, "google").await.location().unwrap();
        let tokens = app.tokens(&answer).await;
        let session = browser.cookie(&stage.issuer, "vst_session").unwrap();
        let fresh = browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap();
        let code = param(&fresh, "code").unwrap();
        let locator = jws_claims(&tokens.access)["vst"].as_str().unwrap().to_owned();
        let bare = |text: &str| text.rsplit('_').next().unwrap().to_owned();
        let kinds = [form_token, attempt, session.clone(), code.clone(), locator, tokens.access.clone(), tokens.id.clone()];
        for kind in kinds.iter().flat_map(|kind| [kind.clone(), bare(kind)]) {
            let dressed = ["", "vst_s_", "vst_c_", "vst_r_"].map(|prefix| format!("{prefix}{kind}"));
            for value in dressed {
                if value != session {
                    let other = Browser::new();
                    other.set_cookie(&stage.issuer, "vst_session", &value);
                    let page = other.get(&stage.authorize(&[("prompt", "none")])).await;
                    assert!(page.location().is_none_or(|url| param(&url, "code").is_none()), "{value} as a session");
                }
                if value != code {
                    assert_eq!(app.token(&[("code", &value)]).await.status, 400, "{value} as a code");
                }
                if value != tokens.access {
                    let status = app.userinfo(&value).await.status;
                    assert!(status == 401 || status == 400, "{value} as an access token: {status}");
                }
            }
        }
        // And none of that has burnt anything.
        assert_eq!(app.token(&[("code", &code)]).await.status, 200);
        stage.stop().await;
    }

    /// AC-70: what is too large or too much is refused within the limits, and an honest login goes on meanwhile.
    async fn too_much_is_refused_quickly(stage: Stage) {
        let wire = Wire::to(&stage);
        let (large, form) = ("x".repeat(1 << 20), b"Content-Type: application/x-www-form-urlencoded".as_slice());
        let authorize = path_of(&stage.authorize(&[]));
        let params: String = (0..100_000).map(|n| format!("&p{n}=x")).collect();
        let scopes = vec!["email"; 4000].join("+");
        let many: Vec<Vec<u8>> = (0..10_000).map(|n| format!("X-{n}: y").into_bytes()).collect();
        let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
        let honest = async {
            let begun = Instant::now();
            App::of(&stage).tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
            begun.elapsed()
        };
        let attack = async {
            let too_long = [400, 413, 414, 431];
            refused("a header of 1 MB", &wire.ask("GET /", &[&header("X", large.as_bytes())], b"").await, &too_long);
            refused("10,000 headers", &wire.ask("GET /", &many, b"").await, &too_long);
            refused("100,000 parameters", &wire.ask(&format!("GET {authorize}{params}"), &[], b"").await, &too_long);
            refused("65 parameters", &wire.ask(&format!("GET {authorize}{}", &params[..420]), &[], b"").await, &[400]);
            refused("a state of 100 kB", &wire.ask("POST /authorize", &[form], format!("{}&state={}", authorize.split('?').nth(1).unwrap(), &large[..100_000]).as_bytes()).await, &[400, 413]);
            refused("4,000 scopes", &wire.ask("POST /authorize", &[form], format!("client_id=notes&scope={scopes}").as_bytes()).await, &[400, 413]);
            for path in ["/authorize", "/token", "/userinfo", "/logout", "/logout/answer", "/login/google", "/callback/google"] {
                let answer = wire.ask(&format!("POST {path}"), &[form], "a=b&".repeat(5 << 18).as_bytes()).await;
                refused(&format!("5 MB for {path}"), &answer, &[400, 403, 413]);
            }
        };
        let (took, ()) = tokio::join!(honest, attack);
        assert!(took < Duration::from_secs(10), "an honest login took {took:?}");
        stage.stop().await;
    }

    /// AC-70: three hundred cookies neither hide the session from us nor hold anything up; two of one name count as none.
    async fn cookies_in_heaps(stage: Stage) {
        let (browser, wire) = (Browser::new(), Wire::to(&stage));
        browser.sign_in(&stage, &[], "google").await;
        let genuine = format!("vst_session={}", browser.cookie(&stage.issuer, "vst_session").unwrap());
        let line = format!("GET {}", path_of(&stage.authorize(&[("prompt", "none")])));
        let heap: String = (0..300).map(|n| format!("; vst_a_{n}=x")).collect();
        let heaped = wire.ask(&line, &[&header("Cookie", format!("{genuine}{heap}").as_bytes())], b"").await;
        refused("300 cookies", &heaped, &[303]);
        let twice = format!("{genuine}; vst_session=other");
        let in_two_lines = [header("Cookie", genuine.as_bytes()), header("Cookie", b"vst_session=other")];
        let lines: Vec<&[u8]> = in_two_lines.iter().map(Vec::as_slice).collect();
        for answer in [wire.ask(&line, &[&header("Cookie", twice.as_bytes())], b"").await, wire.ask(&line, &lines, b"").await] {
            assert!(answer.header("location").contains("error=login_required"), "{}", answer.text);
        }
        // Attempts that pile up are cleared away, and a login works in the midst of them.
        let full = Browser::new();
        for n in 0..60 {
            full.set_cookie(&stage.issuer, &format!("vst_a_{n}"), "x");
        }
        App::of(&stage).tokens(&full.sign_in(&stage, &[], "google").await).await;
        stage.stop().await;
    }

    /// A header that must come once and comes twice is refused or ignored, never chosen from.
    async fn headers_that_come_twice(stage: Stage) {
        let (browser, app, wire) = (Browser::new(), App::of(&stage), Wire::to(&stage));
        let tokens = app.tokens(&browser.sign_in(&stage, &[], "google").await).await;
        let bearer = header("Authorization", format!("Bearer {}", tokens.access).as_bytes());
        for other in ["Bearer x", "Basic x", ""] {
            let other = header("Authorization", other.as_bytes());
            for pair in [[&*bearer, &*other], [&*other, &*bearer]] {
                refused("two tokens", &wire.ask("GET /userinfo", &pair, b"").await, &[400, 401]);
            }
        }
        let code = param(&browser.get(&stage.authorize(&[("prompt", "none")])).await.location().unwrap(), "code").unwrap();
        let form = format!("grant_type=authorization_code&code={code}");
        let kind = b"Content-Type: application/x-www-form-urlencoded".as_slice();
        for pair in [[b"Authorization: Basic bm90ZXM6eA==".as_slice(), b"Authorization: Basic d2lraTp4"], [b"Authorization: Basic ", b"Authorization: Bearer x"]] {
            refused("two secrets", &wire.ask("POST /token", &[kind, pair[0], pair[1]], form.as_bytes()).await, &[400, 401]);
        }
        assert_eq!(app.token(&[("code", &code)]).await.status, 200);
        stage.stop().await;
    }

    /// C-87: where two could read a request as one or as two, it is none.
    async fn a_request_has_one_end(stage: Stage) {
        let wire = Wire::to(&stage);
        let head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        let smuggled = "GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let (length, chunked) = ("Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n");
        for (how, body) in [
            (format!("{length}{chunked}"), "0\r\n\r\n"), (format!("{chunked}{length}"), "0\r\n\r\n"),
            (format!("{length}Content-Length: 60\r\n"), "a=b"), (format!("{length}{length}"), "a=b"),
            ("Content-Length: 3, 3\r\n".into(), "a=b"), ("Content-Length: +3\r\n".into(), "a=b"), ("Content-Length: -1\r\n".into(), "a=b"),
            ("Content-Length: 0x3\r\n".into(), "a=b"), ("Content-Length: 99999999999999999999\r\n".into(), "a=b"),
            ("Transfer-Encoding: xchunked\r\n".into(), "0\r\n\r\n"), ("Transfer-Encoding: chunked, identity\r\n".into(), "0\r\n\r\n"),
            ("Transfer-Encoding: \u{b}chunked\r\n".into(), "0\r\n\r\n"), (format!("Transfer-Encoding : chunked\r\n{length}"), "0\r\n\r\n"),
            (format!("{chunked}Transfer-Encoding: identity\r\n"), "0\r\n\r\n"), (format!("X: a\r\n {length}{length}"), "a=b"),
            ("X: a\0b\r\n".into(), ""), ("Host: y\r\n".into(), ""),
        ] {
            let answer = wire.send(format!("{head}{how}\r\n{body}{smuggled}").as_bytes()).await;
            refused(&how, &answer, &[400]);
            assert_eq!(answer.text.matches("HTTP/1.1 ").count(), 1, "{how}: {}", answer.text);
        }
        for broken in ["0x3\r\na=b\r\n0\r\n\r\n", "-1\r\na=b\r\n0\r\n\r\n", "ffffffffffffffffff\r\na=b\r\n", "3;a\nb=c\r\na=b\r\n0\r\n\r\n"] {
            let answer = wire.send(format!("{head}{chunked}\r\n{broken}{smuggled}").as_bytes()).await;
            refused(broken, &answer, &[400]);
            assert!(answer.text.contains("\"invalid_request\"") && answer.text.matches("HTTP/1.1 ").count() == 1, "{}", answer.text);
        }
        stage.stop().await;
    }

    /// Every route, every method, odd bodies and queries: no 5xx, no tokens, no waiting.
    async fn every_route_takes_nonsense_calmly(stage: Stage) {
        let wire = Wire::to(&stage);
        let paths = [
            "/", "/authorize", "/authorize/continue", "/login", "/login/google", "/login/%00", "/callback/google", "/callback/%ff",
            "/callback/nobody", "/token", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/logout", "/logout/answer",
            "/logout/done", "/static/x", "/static/..%2f..%2fCargo.toml", "/favicon.ico", "/nowhere", "/%", "/%zz", "//", "/a//b", "/..",
        ];
        let queries = ["", "?", "?&&&", "?%", "?%ff=%fe", "?=", "?attempt=", "?state=%00", "?code=x&code=y&state=z", "?error=%0d%0aX:y&state=a.b"];
        let kinds: [&[&[u8]]; 5] = [
            &[], &[b"Content-Type: application/x-www-form-urlencoded"], &[b"Content-Type: application/json"],
            &[b"Content-Type: multipart/form-data; boundary=x"], &[b"Content-Type: \xff", b"Content-Encoding: gzip"],
        ];
        let bodies: [&[u8]; 5] = [b"", b"\0", b"%", b"a=b&a=c&\xff=\xfe", b"{\"grant_type\":[[[["];
        let mut all = Vec::new();
        for path in paths {
            all.extend(queries.map(|query| (format!("GET {path}{query}"), kinds[0], bodies[0])));
            let methods = ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND", "get", "X"];
            all.extend(methods.map(|method| (format!("{method} {path}"), kinds[0], bodies[0])));
            all.extend(kinds.iter().flat_map(|kind| bodies.map(|body| (format!("POST {path}"), *kind, body))));
        }
        let asked = stream::iter(&all).map(|(line, headers, body)| calm(&wire, line, headers, body));
        assert_eq!(asked.buffer_unordered(32).count().await, all.len());
        App::of(&stage).tokens(&Browser::new().sign_in(&stage, &[], "google").await).await;
        stage.stop().await;
    }
}

async fn calm(wire: &Wire, line: &str, headers: &[&[u8]], body: &[u8]) {
    let answer = wire.ask(line, headers, body).await;
    let what = format!("{line} {headers:?} {body:?}");
    assert!((200..500).contains(&answer.status), "{what}: {}", answer.text);
    assert!(answer.took < QUICKLY, "{what} took {:?}", answer.took);
    assert!(!answer.text.contains("access_token\":") && !answer.text.contains("\r\nX:y"), "{what}");
}
