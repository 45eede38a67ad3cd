//! What Apple and Google do differently.

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::{
    config::ProviderKind,
    egress::Egress,
    types::{Claim, SecretText},
    upstream::{self, BuildError, Provider, UpstreamError},
};

use crate::{
    begin, build,
    fake_op::{CLIENT_ID, FakeOp, Fault, now, p8},
    sign_in,
};

fn google(hosted_domain: Option<&str>) -> (FakeOp, Arc<dyn Provider>) {
    let op = FakeOp::start();
    let hosted_domain = hosted_domain.map(str::to_owned);
    let provider =
        build(&op.section(ProviderKind::Google { hosted_domain, service_account: None, base: Some(op.url()) }));
    (op, provider)
}

fn person(op: &FakeOp, email: &str, more: Value) {
    let mut person = json!({ "sub": "110248495921238986420", "name": "Ada", "email": email, "email_verified": true });
    person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    op.person(person);
}

#[tokio::test]
async fn googles_word_counts_for_its_own_addresses() {
    let (op, provider) = google(None);
    for (email, more, verified) in [
        ("ada@gmail.com", json!({}), true),
        ("ada@example.com", json!({ "hd": "example.com" }), true),
        ("ada@example.org", json!({}), false),
        ("ada@gmail.com.evil.example", json!({}), false),
        ("ada@notgmail.com", json!({}), false),
        ("ada@example.org", json!({ "hd": "" }), false),
        ("ada@example.org", json!({ "hd": 7 }), false),
        ("ada@gmail.com", json!({ "email_verified": false }), false),
        ("ada@gmail.com", json!({ "email_verified": "true" }), false),
    ] {
        person(&op, email, more.clone());
        let identity = sign_in(&provider, &op).await.unwrap();
        assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(verified)), "{email} {more}");
    }
}

#[tokio::test]
async fn the_hosted_domain_is_read_from_the_verified_token() {
    let (op, provider) = google(Some("example.com"));
    for other in [
        json!({}),
        json!({ "hd": "evil.example" }),
        json!({ "hd": "sub.example.com" }),
        json!({ "hd": ["example.com"] }),
    ] {
        person(&op, "ada@example.com", other.clone());
        let result = sign_in(&provider, &op).await.map(drop);
        assert!(matches!(result, Err(UpstreamError::NotAllowed(_))), "{other}: {result:?}");
    }
    // What UserInfo says of it does not count.
    person(&op, "ada@example.com", json!({ "hd": "example.com" }));
    op.inject(&Fault::id_token(|draft| {
        draft.claims.remove("hd");
        draft.claims.remove("name");
    }));
    assert!(matches!(sign_in(&provider, &op).await, Err(UpstreamError::NotAllowed(_))));
    op.honest();
    let identity = sign_in(&provider, &op).await.unwrap();
    assert_eq!(identity.hosted_domain.as_deref(), Some("example.com"));
}

#[tokio::test]
async fn another_name_of_google_is_for_google_alone() {
    let (op, provider) = google(None);
    person(&op, "ada@gmail.com", json!({}));
    op.inject(&Fault::claim("iss", json!("accounts.google.com")));
    let result = sign_in(&provider, &op).await.map(drop);
    assert!(matches!(result, Err(UpstreamError::Invalid(_))), "not where the issuer is another: {result:?}");
}

const TEAM: &str = "TEAM000001";
const KEY: &str = "KEY0000001";

fn apple_kind(op: &FakeOp, private_key: &str) -> ProviderKind {
    ProviderKind::Apple {
        team_id: TEAM.into(),
        key_id: KEY.into(),
        private_key: SecretText::new(private_key),
        base: Some(op.url()),
    }
}

/// Apple's endpoints, played by the fake provider: the answer of its token endpoint is whatever its honest one says.
async fn apple(op: &FakeOp, user: Option<&'static str>, more: Value) -> Result<upstream::Identity, UpstreamError> {
    let mut section = op.section(apple_kind(op, &p8()));
    section.client_secret = None;
    let provider = build(&section);
    assert!(provider.about().form_post);
    op.advertise_iss(false);
    op.token_claims(more);
    op.says("/auth/keys", json!({ "keys": [crate::fake_op::public_jwk(crate::fake_op::RSA)] }));
    let started = provider.begin(&begin()).await?;
    assert_eq!(started.url.path(), "/auth/authorize");
    assert!(started.url.query_pairs().any(|pair| pair == ("response_mode".into(), "form_post".into())));
    let mut callback = op.visit(&started.url);
    callback.user = user.map(str::to_owned);
    let answer = op.token_answer(callback.code.as_ref().unwrap().expose(), started.held.nonce.as_deref());
    op.says("/auth/token", answer);
    provider.finish(&started.held, &callback).await
}

#[tokio::test]
async fn apple_names_a_person_once() {
    let op = FakeOp::start();
    op.person(json!({ "sub": "000792.abc.0638", "email": "x@privaterelay.example", "email_verified": "true" }));
    let user = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"evil@example.org"}"#;
    let first = apple(&op, Some(user), json!({})).await.unwrap();
    assert_eq!(first.claims.text(Claim::Name), Some("Ada Lovelace"));
    assert_eq!(first.claims.text(Claim::Email), Some("x@privaterelay.example"), "not what the browser said");
    assert_eq!(first.claims.get(Claim::EmailVerified), Some(&json!(true)), "said as text");
    let later = apple(&op, None, json!({ "email_verified": false })).await.unwrap();
    assert_eq!((later.claims.get(Claim::Name), later.subject), (None, first.subject));
    assert_eq!(later.claims.get(Claim::EmailVerified), Some(&json!(false)));
    for odd in [json!("yes"), json!(1), json!([])] {
        let identity = apple(&op, Some("{"), json!({ "email_verified": odd })).await.unwrap();
        assert_eq!(identity.claims.get(Claim::EmailVerified), Some(&json!(false)), "{odd}");
    }
}

#[tokio::test]
async fn apples_client_secret_is_made_for_the_call() {
    let op = FakeOp::start();
    op.person(json!({ "sub": "000792.abc.0638" }));
    apple(&op, None, json!({})).await.unwrap();
    let form = op.asked("/auth/token").remove(0).form;
    assert_eq!(form["client_id"], CLIENT_ID);
    let parts: Vec<Value> = form["client_secret"]
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&vestibule::types::bytes::from_base64url(part).unwrap()).unwrap())
        .collect();
    assert_eq!((&parts[0]["alg"], &parts[0]["kid"]), (&json!("ES256"), &json!(KEY)));
    let claims = &parts[1];
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(TEAM), &json!(CLIENT_ID)));
    let (issued, expires) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert!(expires - issued == 300 && now() - issued < 10);
}

#[test]
fn a_key_that_is_none_is_an_error_at_the_start() {
    let op = FakeOp::start();
    for bad in ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        let section = op.section(apple_kind(&op, bad));
        let callback = "https://login.example.com/callback/home".parse().unwrap();
        let clock = Arc::new(vestibule::types::SystemClock);
        let built =
            upstream::build(&section, &callback, &Egress::default(), clock, Arc::new(vestibule::types::SystemRandom));
        assert_eq!(built.map(drop).unwrap_err(), BuildError::PrivateKey("home".into()), "{bad:?}");
    }
}
