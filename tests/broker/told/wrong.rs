//! Messages that are wrong, or not for us: refused as their documents say, and nothing changes.

use serde_json::json;
use vestibule::demo::simulators::Fault;

use super::{effects::with_home, *};
use crate::{
    fake_op::{Draft, FakeOp, OTHER_RSA, Signer},
    on_both_stores,
    stage::App,
};

/// A change of claims, and what is said of it.
type Case = (&'static str, fn(&mut Map<String, Value>), &'static str);

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.into(), value);
}

const EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-purged";

/// Wrong in what they say, for tokens of any provider.
const OF_TOKENS: [Case; 9] = [
    ("issuer", |claims| set(claims, "iss", json!("https://issuer.invalid")), "invalid_issuer"),
    ("no issuer", |claims| drop(claims.remove("iss")), "invalid_issuer"),
    ("audience", |claims| set(claims, "aud", json!("another")), "invalid_audience"),
    ("no audience", |claims| drop(claims.remove("aud")), "invalid_audience"),
    ("to come", |claims| set(claims, "iat", json!(seconds_ago(0) + 300)), "invalid_request"),
    ("too old", |claims| set(claims, "iat", json!(seconds_ago(91 * 24 * 3600))), "invalid_request"),
    ("no iat", |claims| drop(claims.remove("iat")), "invalid_request"),
    ("no jti", |claims| drop(claims.remove("jti")), "invalid_request"),
    ("no events", |claims| drop(claims.remove("events")), "invalid_request"),
];

const OF_SIGNATURES: [(Fault, &str); 4] = [
    (Fault::AlgNone, "invalid_request"),
    (Fault::AlgHs256, "invalid_key"),
    (Fault::UnknownKey, "invalid_key"),
    (Fault::BadSignature, "authentication_failed"),
];

fn odd_subjects(iss: &str, sub: &str) -> [(&'static str, Value); 5] {
    [
        ("another issuer's subject", json!({ "format": "iss_sub", "iss": "https://issuer.invalid", "sub": sub })),
        ("an address", json!({ "format": "email", "email": "ada.lovelace@gmail.com" })),
        ("no subject", json!({ "format": "iss_sub", "iss": iss })),
        ("a number", json!({ "format": "iss_sub", "iss": iss, "sub": 7 })),
        ("nothing", Value::Null),
    ]
}

/// Google's message is answered as RFC 8935 says, and changes nothing.
async fn refused(stage: &Stage, before: &BTreeSet<(String, String, [u8; 16])>, (case, set, err): (&str, &str, &str)) {
    let page = risc(stage, set).await;
    assert_eq!((page.status.as_u16(), page.json()["err"].as_str()), (400, Some(err)), "{case}: {}", page.body);
    assert!(page.json()["description"].is_string() && page.header("cache-control") == "no-store", "{case}");
    assert_eq!(snapshot(stage).await, *before, "{case}");
}

type Change = Box<dyn Fn(&mut Draft)>;

/// Logout tokens with one thing wrong each.
fn wrong_tokens() -> Vec<(&'static str, Change)> {
    let claim = |name: &'static str, value: Value| {
        Box::new(move |draft: &mut Draft| drop(draft.claims.insert(name.into(), value.clone()))) as Change
    };
    let without = |name: &'static str| Box::new(move |draft: &mut Draft| drop(draft.claims.remove(name))) as Change;
    let header = |name: &'static str, value: Value| {
        Box::new(move |draft: &mut Draft| drop(draft.header.insert(name.into(), value.clone()))) as Change
    };
    vec![
        (
            "alg none",
            Box::new(|draft: &mut Draft| {
                draft.header.insert("alg".into(), json!("none"));
                draft.signer = Signer::Bytes(vec![]);
            }),
        ),
        (
            "HS256 with the public key",
            Box::new(|draft: &mut Draft| {
                draft.header.insert("alg".into(), json!("HS256"));
                draft.signer = Signer::Hmac(crate::fake_op::public_jwk(crate::fake_op::RSA).to_string().into_bytes());
            }),
        ),
        ("a foreign key", Box::new(|draft: &mut Draft| draft.signer = Signer::Key(OTHER_RSA))),
        ("iss", claim("iss", json!("https://issuer.invalid"))),
        ("aud", claim("aud", json!("another"))),
        ("no events", without("events")),
        ("another event", claim("events", json!({ EVENT: {} }))),
        ("a nonce", claim("nonce", json!("n-1"))),
        ("no iat", without("iat")),
        ("no jti", without("jti")),
        ("iat an hour old", claim("iat", json!(seconds_ago(3600)))),
        ("exp", claim("exp", json!(seconds_ago(600)))),
        ("typ", header("typ", json!("at+jwt"))),
        ("crit", header("crit", json!(["exp"]))),
        (
            "neither sub nor sid",
            Box::new(|draft: &mut Draft| {
                draft.claims.remove("sub");
                draft.claims.remove("sid");
            }),
        ),
        ("sid alone", without("sub")),
    ]
}

on_both_stores! {
    async fn security_events(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "google").await;
        let kind = "risc/event-type/account-purged";
        google_says(&stage, "ada", "risc/event-type/account-credential-change-required").await;
        let before = snapshot(&stage).await;
        let refused = async |case: &str, set: &str, err: &str| refused(&stage, &before, (case, set, err)).await;
        for (case, change, err) in OF_TOKENS {
            refused(case, &stage.google.security_event("ada", kind, change).unwrap(), err).await;
        }
        let subject = |subject: Value| move |claims: &mut Map<String, Value>| {
            set(claims, "events", json!({ EVENT: { "subject": subject } }));
        };
        let (iss, sub) = (stage.google.origin(), stage.google.subject("ada").unwrap());
        for (case, odd) in odd_subjects(iss, sub) {
            refused(case, &stage.google.security_event("ada", kind, subject(odd)).unwrap(), "invalid_request").await;
        }
        let two = |claims: &mut Map<String, Value>| {
            set(claims, "sub_id", json!({ "format": "iss_sub", "iss": iss, "sub": "1" }));
        };
        refused("two subjects", &stage.google.security_event("ada", kind, two).unwrap(), "invalid_request").await;
        for (fault, err) in OF_SIGNATURES {
            stage.google.fault(fault);
            refused(fault.name(), &stage.google.security_event("ada", kind, as_is).unwrap(), err).await;
            stage.google.clear();
        }
        for junk in ["", "a.b.c", "{}", "....", &"x".repeat(20_000), &"x".repeat(1_000_000)] {
            refused("junk", junk, "invalid_request").await;
        }
        assert!(signed_in(&stage, &browser).await);
        google_says(&stage, "ada", kind).await;
        assert!(!signed_in(&stage, &browser).await, "an honest one right after");
        stage.stop().await;
    }

    async fn signed_requests(stage: Stage) {
        silence(&stage);
        let browser = Browser::new();
        browser.sign_in(&stage, &[], "facebook").await;
        let before = snapshot(&stage).await;
        let honest = stage.facebook.signed_request("ada", as_is).unwrap();
        let (signature, payload) = honest.split_once('.').unwrap();
        let made = |change: fn(&mut Map<String, Value>)| stage.facebook.signed_request("ada", change).unwrap();
        let wrong = [
            format!("{}.{payload}", "A".repeat(signature.len())),
            format!(".{payload}"),
            format!("{signature}.{}", payload.replacen('e', "f", 1)),
            made(|said| set(said, "algorithm", json!("none"))),
            made(|said| set(said, "algorithm", json!("RS256"))),
            made(|said| set(said, "issued_at", json!(seconds_ago(0) + 600))),
            made(|said| set(said, "issued_at", json!(seconds_ago(100 * 24 * 3600)))),
            made(|said| drop(said.remove("user_id"))),
            "x".repeat(20_000),
        ];
        for route in ["deletion", "deauthorize"] {
            for request in &wrong {
                let page = facebook(&stage, route, request).await;
                assert_eq!((page.status.as_u16(), page.json()["error"].as_str()), (400, Some("invalid_request")), "{request}");
            }
            let twice = format!("{0}&{0}", form("signed_request", &honest));
            for (content_type, body) in [(FORM, twice.as_str()), (FORM, ""), ("application/json", &form("signed_request", &honest))] {
                assert_eq!(post(&stage.issuer, &format!("facebook/{route}"), content_type, body).await.status, 400);
            }
        }
        assert_eq!(snapshot(&stage).await, before);
        stage.stop().await;
    }

    async fn notifications(on: OnStore) {
        let (stage, apple) = with_apple(on).await;
        silence(&stage);
        let cookie = arrive(&stage, "apple", identity(&stage, &apple, "grace")).await;
        let before = snapshot(&stage).await;
        for (case, change, _) in OF_TOKENS {
            let page = apple_says(&stage, &apple.notification("grace", "account-delete", change).unwrap()).await;
            assert_eq!(page.status, 400, "{case}: {}", page.body);
        }
        let expired = |claims: &mut Map<String, Value>| set(claims, "exp", json!(seconds_ago(600)));
        assert_eq!(apple_says(&stage, &apple.notification("grace", "account-delete", expired).unwrap()).await.status, 400);
        for (fault, _) in OF_SIGNATURES {
            apple.fault(fault);
            let payload = apple.notification("grace", "account-delete", as_is).unwrap();
            assert_eq!(apple_says(&stage, &payload).await.status, 400, "{fault:?}");
            apple.clear();
        }
        for junk in ["", "[]", "{\"payload\":7}", "payload=x"] {
            assert_eq!(post(&stage.issuer, "apple/apple", "application/json", junk).await.status, 400, "{junk}");
        }
        assert_eq!(snapshot(&stage).await, before);
        assert!(lives(&stage, &cookie).await);
        stage.stop().await;
        apple.stop().await;
    }

    /// AC-34.
    async fn logout_tokens(on: OnStore) {
        let op = FakeOp::start();
        let stage = with_home(&op, on).await;
        silence(&stage);
        let (browser, app) = (Browser::new(), App::of(&stage));
        let answer = browser.open(&stage.authorize(&[("provider", "home")])).await.location().unwrap();
        app.tokens(&answer).await;
        let before = snapshot(&stage).await;
        let cases = wrong_tokens();
        let refused = async |case: &str, body: &str| {
            let page = post(&stage.issuer, "home/logout", FORM, body).await;
            let error = page.json()["error"].clone();
            assert_eq!((page.status.as_u16(), error.as_str()), (400, Some("invalid_request")), "{case}: {}", page.body);
            assert_eq!(page.header("cache-control"), "no-store", "{case}");
        };
        for (case, change) in &cases {
            refused(case, &form("logout_token", &op.logout_token("person-1", |draft| change(draft)))).await;
        }
        let id_token = op.token_answer("x", Some("n"))["id_token"].as_str().unwrap().to_owned();
        refused("an ID token", &form("logout_token", &id_token)).await;
        let honest = form("logout_token", &op.logout_token("person-1", |_| ()));
        refused("twice", &format!("{honest}&{honest}")).await;
        refused("a megabyte", &form("logout_token", &"x".repeat(1_000_000))).await;
        assert_eq!(snapshot(&stage).await, before);
        assert!(signed_in(&stage, &browser).await);
        let page = post(&stage.issuer, "home/logout", FORM, &honest).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(!signed_in(&stage, &browser).await);
        stage.stop().await;
    }

    /// A route is there for the kind of provider that speaks so, and for no other.
    async fn routes_of_other_providers(stage: Stage) {
        silence(&stage);
        let before = snapshot(&stage).await;
        for route in [
            "google/deletion", "google/deauthorize", "google/apple", "google/logout", "facebook/risc", "facebook/apple",
            "facebook/logout", "nobody/risc", "nobody/deletion", "google%2F/risc",
        ] {
            for body in ["", "signed_request=x", "{}"] {
                assert_eq!(post(&stage.issuer, route, FORM, body).await.status, 404, "{route}");
            }
        }
        let page = Browser::new().get(&format!("{}/events/google/risc", stage.issuer)).await;
        assert_eq!(page.status, 405);
        assert_eq!(snapshot(&stage).await, before);
        stage.stop().await;
    }

    /// Whoever guesses is slowed down; a provider that proves itself never is.
    async fn guesses(on: OnStore) {
        let limits = "[limits]\nenabled = true\nper_address = \"20/m\"";
        let stage = Stage::start_with(on, move |config| config.replace("[limits]\nenabled = false", limits)).await;
        let mut seen = BTreeSet::new();
        for _ in 0..40 {
            let page = risc(&stage, "a.b.c").await;
            assert!(page.status == 400 || !page.header("retry-after").is_empty());
            seen.insert(page.status.as_u16());
        }
        assert_eq!(seen, BTreeSet::from([400, 429]));
        google_says(&stage, "ada", "risc/event-type/sessions-revoked").await;
        stage.stop().await;
    }
}
