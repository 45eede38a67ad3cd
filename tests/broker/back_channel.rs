//! The back channel at its edges: what no app sends, at every endpoint that apps call and in every parameter that they
//! know.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use futures_util::{StreamExt, stream};
use url::form_urlencoded::Serializer;

use crate::{
    on_both_stores,
    stage::{Answer, Browser, CHALLENGE, NOTES_CALLBACK, NOTES_SECRET, OnStore, Page, Stage, VERIFIER, Wire},
};

type Form = Vec<(&'static str, &'static str)>;

const PROVEN: [(&str, &str); 2] = [("client_id", "notes"), ("client_secret", NOTES_SECRET)];
const KIND: &[u8] = b"Content-Type: application/x-www-form-urlencoded";

/// Every endpoint with a form that it understands, and what it then says.
fn endpoints() -> [(&'static str, Form, u16, &'static str); 8] {
    let with = |form: &[(&'static str, &'static str)]| [&PROVEN[..], form].concat();
    let pushed = [
        ("redirect_uri", NOTES_CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = [("grant_type", "authorization_code"), ("code", "vst_c_x"), ("redirect_uri", NOTES_CALLBACK)];
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "x"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", "wiki"),
    ];
    let device = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "vst_d_x")];
    [
        ("/token", with(&[&code[..], &[("code_verifier", VERIFIER)]].concat()), 400, "invalid_grant"),
        ("/token", with(&[("grant_type", "refresh_token"), ("refresh_token", "vst_r_x")]), 400, "invalid_grant"),
        ("/token", with(&exchange), 400, "invalid_request"),
        ("/token", with(&device), 400, "invalid_grant"),
        ("/introspect", with(&[("token", "x")]), 200, "{\"active\":false}"),
        ("/revoke", with(&[("token", "x")]), 200, ""),
        ("/par", with(&pushed), 201, "request_uri"),
        ("/device_authorization", with(&[("scope", "openid")]), 200, "device_code"),
    ]
}

/// A stage where `notes` may use whatever there is to be used.
async fn stage(on: OnStore) -> Stage {
    let grants = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];
    let more = format!("[apps.notes]\ngrant_types = {grants:?}\nexchange_to = [\"wiki\"]\n");
    Stage::start_with(on, move |config| config.replace("[apps.notes]\n", &more)).await
}

fn encoded(form: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(form).finish()
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(body).unwrap();
    packed.finish().unwrap()
}

/// A refusal in the words of the standard: short, never kept, in its letters alone (RFC 6749, section 5.2).
fn in_order(what: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{what}: {}", answer.text);
    let (head, body) = answer.text.split_once("\r\n\r\n").unwrap_or_default();
    assert!(!head.to_ascii_lowercase().contains("x-injected"), "{what}: {head}");
    assert!(answer.header("cache-control").contains("no-store"), "{what}: {head}");
    let said: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{what}: {body}"));
    let code = said["error"].as_str().unwrap_or_default();
    assert!(!code.is_empty() && code.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{what}: {said}");
    let why = said["error_description"].as_str().unwrap_or_default();
    assert!(why.chars().all(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~')) && why.len() < 200, "{what}: {said}");
}

on_both_stores! {
    /// A form is one by its type, whatever else that says; nothing of the query counts, and nothing too large is read.
    async fn a_form_is_what_says_that_it_is_one(on: OnStore) {
        let stage = stage(on).await;
        let wire = Wire::to(&stage);
        for (path, form, status, word) in endpoints() {
            let (line, body) = (format!("POST {path}"), encoded(&form));
            for fine in [
                "application/x-www-form-urlencoded", "Application/X-WWW-Form-URLEncoded",
                "application/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded;charset=iso-8859-1",
            ] {
                let answer = wire.ask(&line, &[format!("Content-Type: {fine}").as_bytes()], body.as_bytes()).await;
                assert!(answer.status == status && answer.text.contains(word), "{path} {fine}: {}", answer.text);
            }
            for wrong in ["text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", ""] {
                let answer = wire.ask(&line, &[format!("Content-Type: {wrong}").as_bytes()], body.as_bytes()).await;
                in_order(&format!("{path} {wrong}"), &answer);
                assert!(answer.text.contains("invalid_request"), "{path} {wrong}: {}", answer.text);
            }
            in_order(path, &wire.ask(&line, &[], body.as_bytes()).await);
            in_order(path, &wire.ask(&format!("{line}?{body}"), &[KIND], b"").await);
            let large = format!("{body}&x={}", "y".repeat(17_000));
            let answer = wire.ask(&line, &[KIND], large.as_bytes()).await;
            in_order(path, &answer);
            assert_eq!(answer.status, 413, "{path}");
        }
        stage.stop().await;
    }

    /// Nobody is asked to unpack anything: sixty kilobytes would be sixty megabytes.
    async fn a_packed_form_is_not_opened(on: OnStore) {
        let stage = stage(on).await;
        let wire = Wire::to(&stage);
        let bomb = packed(&vec![b'a'; 15_000_000]);
        for (path, form, ..) in endpoints() {
            let body = encoded(&form);
            for coding in ["gzip", "deflate", "x-gzip", "br", "gzip, gzip"] {
                let coding = format!("Content-Encoding: {coding}");
                let answer = wire.ask(&format!("POST {path}"), &[KIND, coding.as_bytes()], &packed(body.as_bytes())).await;
                in_order(path, &answer);
                assert!(!answer.text.contains("invalid_grant") && !answer.text.contains("request_uri"), "{path} was understood");
            }
            let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n");
            let chunk = [format!("{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{:x}\r\n", bomb.len()).as_bytes(), &bomb, b"\r\n0\r\n\r\n"].concat();
            let answer = wire.send(&chunk).await;
            in_order(path, &answer);
            assert!(answer.took < std::time::Duration::from_secs(2), "{path} took {:?}", answer.took);
        }
        stage.stop().await;
    }

    /// RFC 6749, section 2.3: one method, named once, by one app.
    async fn one_app_proves_itself_in_one_way(stage: Stage) {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let own = basic(&format!("notes:{NOTES_SECRET}"));
        let ask = async |query: &str, authorization: &str, form: &[(&str, &str)]| -> Page {
            let form = [form, &[("token", "x")]].concat();
            let headers = [("authorization", authorization)];
            let headers = if authorization.is_empty() { &headers[1..] } else { &headers[..] };
            Browser::new().post(&format!("{}/introspect{query}", stage.issuer), &form, headers).await
        };
        let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        for (authorization, form) in [
            (own.as_str(), vec![]), (&own, vec![("client_id", "notes")]), (&own, vec![("client_secret", "")]),
            (&own, vec![("client_id", ""), ("client_assertion", "")]), (&own, vec![kind]), ("", PROVEN.to_vec()),
            (&own.replace("Basic ", "bAsIc   "), vec![]),
        ] {
            assert_eq!(ask("?client_id=wiki&client_secret=x&token=y", authorization, &form).await.status, 200, "{authorization} {form:?}");
        }
        for (query, authorization, form, status, error) in [
            ("", own.as_str(), vec![("client_id", "wiki")], 400, "invalid_request"),
            ("", &own, vec![("client_id", "Notes")], 400, "invalid_request"),
            ("", &own, vec![("client_secret", NOTES_SECRET)], 400, "invalid_request"),
            ("", &own, vec![kind, ("client_assertion", "x.y.z")], 400, "invalid_request"),
            ("", "", [&PROVEN[..], &[("client_assertion", "x")]].concat(), 400, "invalid_request"),
            ("", "", [&PROVEN[..], &[("client_id", "notes")]].concat(), 400, "invalid_request"),
            ("", "", [&PROVEN[..], &[("client_secret", NOTES_SECRET)]].concat(), 400, "invalid_request"),
            ("", &own, vec![("client_id", "notes"), ("client_id", "notes")], 400, "invalid_request"),
            ("", &own, vec![("token", "x")], 400, "invalid_request"),
            ("", "", vec![("client_id", "notes")], 401, "invalid_client"),
            ("", "", vec![], 401, "invalid_client"),
            ("?client_secret=notes-secret-0123456789abcdefghij", "", vec![("client_id", "notes")], 401, "invalid_client"),
            ("", "", vec![kind, ("client_assertion", "x.y.z"), ("client_id", "notes")], 401, "invalid_client"),
            ("", "", vec![kind, ("client_id", "notes")], 401, "invalid_client"),
            ("", &format!("{own}, Basic eDp5"), vec![], 401, "invalid_client"),
            ("", &format!("Bearer x, {own}"), PROVEN.to_vec(), 401, "invalid_client"),
            ("", "DPoP x", PROVEN.to_vec(), 401, "invalid_client"),
            ("", &basic(&format!("notes\0:{NOTES_SECRET}")), vec![], 401, "invalid_client"),
            ("", &basic(&format!("notes:{NOTES_SECRET}\0")), vec![], 401, "invalid_client"),
            ("", &basic(&format!("notes:{NOTES_SECRET}%0d%0a")), vec![], 401, "invalid_client"),
            ("", &basic(&format!(" notes:{NOTES_SECRET}")), vec![], 401, "invalid_client"),
        ] {
            let page = ask(query, authorization, &form).await;
            assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (status, Some(error)), "{authorization} {form:?}");
        }
        stage.stop().await;
    }
}

/// AC-70: a head, and then nothing more, or next to nothing: after ten seconds it is over, and holds no connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let wire = Wire::to(&stage);
    let head = |path: &str, length: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
        )
        .into_bytes()
    };
    let paths = [
        "/token",
        "/userinfo",
        "/authorize",
        "/logout/answer",
        "/login/google",
        "/callback/google",
        "/nowhere",
        "/jwks",
        "/gate/forward-auth",
        "/gate/ext-authz/x",
    ];
    let wire = &wire;
    let asked = paths.map(|path| async move {
        let (measured, chunked) = (head(path, "Content-Length: 9000"), head(path, "Transfer-Encoding: chunked"));
        let endless = [chunked.clone(), b"9000\r\n".to_vec()].concat();
        let of_a_length = futures_util::future::join(wire.send(&measured), wire.drip(&measured));
        let of_none = futures_util::future::join(wire.send(&chunked), wire.drip(&endless));
        let ((silent, dripping), (no_chunk, chunk)) = tokio::join!(of_a_length, of_none);
        for answer in [silent, dripping, no_chunk, chunk] {
            assert!((400..500).contains(&answer.status), "{path}: {}", answer.text);
            assert!(answer.took < std::time::Duration::from_secs(15), "{path} took {:?}", answer.took);
        }
    });
    futures_util::future::join_all(asked).await;
    stage.stop().await;
}

/// Values that mean something to somebody: to a log, a header, a page, a store, a parser, a counter.
const STRANGE: [&str; 16] = [
    "%00",
    "x%00y",
    "%0d%0aX-Injected:%201",
    "%1b[2J",
    "%ff%fe",
    "%ed%a0%80",
    "%c0%ae",
    "%e2%80%ae%e2%80%a8",
    "%f0%9f%92%a9",
    "..%2f..%2fetc%2fpasswd",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%22%5C",
    "-1",
    "1e999",
    "%5B%5B%5B%7B%22a%22:",
    "vst_c_AAAA.AAAA.AAAA",
];

/// What any endpoint might look at.
const NAMES: [&str; 26] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
    "audience",
    "subject_token",
    "subject_token_type",
    "device_code",
    "token",
    "token_type_hint",
    "request",
    "request_uri",
    "response_type",
    "state",
    "prompt",
    "max_age",
    "claims",
    "code_challenge",
    "dpop_jkt",
    "id_token_hint",
];

/// The same form with one value as it is spelt here.
fn with_value(form: &[(&str, &str)], name: &str, value: &str) -> String {
    let kept: Vec<_> = form.iter().filter(|(other, _)| *other != name).copied().collect();
    format!("{}&{name}={value}", encoded(&kept))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strange_value_is_a_wrong_value() {
    let stage = stage(OnStore::Sqlite).await;
    let wire = Wire::to(&stage);
    let long = "A".repeat(12_000);
    let mut all = Vec::new();
    for (path, form, status, _) in endpoints() {
        for name in NAMES {
            let values = STRANGE.into_iter().chain([long.as_str()]);
            all.extend(values.map(|value| (path, with_value(&form, name, value), status)));
        }
    }
    let asked = stream::iter(&all).map(async |(path, body, fine)| {
        let answer = wire.ask(&format!("POST {path}"), &[KIND], body.as_bytes()).await;
        if answer.status != *fine || *fine >= 400 {
            in_order(&format!("{path} {body:.300}"), &answer);
        }
    });
    assert_eq!(asked.buffer_unordered(16).count().await, all.len());
    stage.stop().await;
}

/// At the authorization endpoint the same leads to a page, or to the app's own address in the letters of the standard
/// (RFC 6749, section 4.1.2.1), or is nothing to us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strange_value_leads_nowhere_else() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let wire = Wire::to(&stage);
    let good = url::Url::parse(&stage.authorize(&[])).unwrap();
    let form: Vec<(String, String)> = good.query_pairs().into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let more = [
        "nonce",
        "code_challenge_method",
        "response_mode",
        "display",
        "login_hint",
        "ui_locales",
        "acr_values",
        "provider",
        "registration",
    ];
    let deep = format!("%7B%22id_token%22:{}1{}%7D", "%7B%22a%22:".repeat(500), "%7D".repeat(500));
    let wide = format!("%7B%22userinfo%22:%7B%22sub%22:%7B%22value%22:%22{}%22%7D%7D%7D", "s".repeat(9000));
    let mut all = Vec::new();
    for name in NAMES.into_iter().chain(more) {
        let values = STRANGE.into_iter().chain([deep.as_str(), &wide]);
        all.extend(values.map(|value| with_value(&form, name, value)));
    }
    let asked = stream::iter(&all).map(async |query| {
        let answer = wire.ask(&format!("GET /authorize?{query}"), &[], b"").await;
        let (what, to) = (format!("{query:.400}: {}", answer.text), answer.header("location"));
        assert!(matches!(answer.status, 303 | 400 | 413 | 414), "{what}");
        assert!(answer.header("x-injected").is_empty(), "{what}");
        let own = [NOTES_CALLBACK, "/login?attempt=", stage.google.origin()].iter().any(|own| to.starts_with(own));
        assert_eq!(answer.status == 303, own, "{what}");
        if to.starts_with(NOTES_CALLBACK) {
            let why = url::Url::parse(to)
                .unwrap()
                .query_pairs()
                .find(|(name, _)| name == "error_description")
                .unwrap()
                .1
                .into_owned();
            assert!(why.chars().all(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~')), "{what}");
        }
    });
    assert_eq!(asked.buffer_unordered(16).count().await, all.len());
    stage.stop().await;
}
