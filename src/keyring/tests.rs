//! The keyring as others use it: with real keys, on a store in memory, by the clock of the test.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use super::{
    Expect, Expired, KeyState, Keyring, KeyringError, MAX_TOKEN, Pace, Policy, Rotation, TokenType, VerifyError,
    memory::Memory,
};
use crate::{
    seal::Sealer,
    types::{Clock, Secret32, SystemRandom, Timestamp, bytes, jws::Alg},
};

const ISSUER: &str = "https://login.example.com";
const START: u64 = 1_764_028_800;

#[derive(Default)]
struct SetClock(AtomicU64);

impl SetClock {
    fn forward(&self, span: Duration) {
        self.0.fetch_add(span.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(START + self.0.load(Ordering::SeqCst))
    }
}

struct Place {
    store: Arc<Memory>,
    clock: Arc<SetClock>,
}

impl Place {
    fn new() -> Self {
        Self { store: Arc::default(), clock: Arc::default() }
    }

    fn instance(&self, master: u8) -> Arc<Keyring> {
        self.accepting(master, &[])
    }

    fn accepting(&self, master: u8, accept: &[u8]) -> Arc<Keyring> {
        let secret = |byte: u8| Secret32::new([byte; 32]);
        let accept = accept.iter().map(|byte| secret(*byte)).collect();
        let sealer = Sealer::new(secret(master), accept, Arc::new(SystemRandom));
        let policy = Policy {
            rotate: Duration::from_secs(30 * 24 * 3600),
            jwks_max_age: Duration::from_secs(300),
            token: Duration::from_secs(300),
        };
        Arc::new(Keyring::new(Arc::clone(&self.store) as _, Arc::new(sealer), Arc::clone(&self.clock) as _, policy))
    }

    async fn ready(&self) -> Arc<Keyring> {
        let keyring = self.instance(1);
        keyring.refresh().await.unwrap();
        keyring
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().as_secs();
        json!({ "iss": ISSUER, "aud": ["notes", ISSUER], "sub": "someone", "iat": now, "exp": now + 300 })
    }
}

const EXPECT: Expect<'static> = Expect {
    typ: TokenType::Access,
    issuer: ISSUER,
    audience: Some("notes"),
    leeway: Duration::from_secs(0),
    expired: Expired::Refused,
};

fn sign(keyring: &Keyring, alg: Alg, claims: &Value) -> String {
    keyring.current(alg).unwrap().sign(TokenType::Access, claims.to_string().as_bytes()).unwrap()
}

fn jwks(keyring: &Keyring) -> JwkSet {
    serde_json::from_slice(&keyring.jwks().unwrap().json).unwrap()
}

fn kids(keyring: &Keyring) -> BTreeSet<String> {
    jwks(keyring).keys.into_iter().filter_map(|key| key.common.key_id).collect()
}

/// Verifies as an app's library would: with the published document alone.
fn verifies(set: &JwkSet, token: &str, alg: Alg) -> bool {
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let Some(key) = set.find(&kid) else { return false };
    let mut validation = Validation::new(alg.as_str().parse().unwrap());
    validation.validate_exp = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&["notes"]);
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation).is_ok()
}

#[tokio::test]
async fn tokens_verify_by_the_published_keys_and_by_ourselves() {
    let place = Place::new();
    let keyring = place.ready().await;
    for alg in Alg::ALL {
        let token = sign(&keyring, alg, &place.claims());
        assert!(verifies(&jwks(&keyring), &token, alg), "{alg:?}");
        assert_eq!(keyring.verify::<Value>(&token, &EXPECT), Ok(place.claims()), "{alg:?}");
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(header.kid.as_deref(), Some(keyring.current(alg).unwrap().kid()));
    }
}

#[tokio::test]
async fn a_first_start_makes_a_current_and_a_next_key_for_each_algorithm() {
    let place = Place::new();
    let keyring = place.instance(1);
    assert!(!keyring.ready());
    assert!(keyring.jwks().is_none() && keyring.current(Alg::ES256).is_none() && keyring.list().is_empty());
    assert_eq!(keyring.verify::<Value>("a.b.c", &EXPECT), Err(VerifyError::NotReady));
    keyring.refresh().await.unwrap();
    assert!(keyring.ready());
    for alg in Alg::ALL {
        for state in [KeyState::Current, KeyState::Next] {
            assert_eq!(keyring.list().iter().filter(|key| key.alg == alg && key.state == state).count(), 1);
        }
    }
    let commits = place.store.commits.load(Ordering::SeqCst);
    keyring.refresh().await.unwrap();
    assert_eq!(place.store.commits.load(Ordering::SeqCst), commits, "a ring at rest is not written");
}

#[tokio::test]
async fn the_document_names_every_key_by_its_thumbprint_and_has_no_private_member() {
    let keyring = Place::new().ready().await;
    let document: Value = serde_json::from_slice(&keyring.jwks().unwrap().json).unwrap();
    let keys = document["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 6);
    for key in keys {
        let key = key.as_object().unwrap();
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!key.contains_key(private), "{private}");
        }
        assert_eq!(key["use"], "sig");
        let expected: BTreeSet<&str> = match key["alg"].as_str().unwrap() {
            "RS256" => ["kty", "use", "alg", "kid", "n", "e"].into(),
            "ES256" => ["kty", "use", "alg", "kid", "crv", "x", "y"].into(),
            "EdDSA" => ["kty", "use", "alg", "kid", "crv", "x"].into(),
            other => panic!("{other}"),
        };
        assert_eq!(key.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        // RFC 7638, section 3: the required members in lexicographic order, without space, hashed.
        let members = ["crv", "e", "kty", "n", "x", "y"].into_iter().filter_map(|name| key.get_key_value(name));
        let required: serde_json::Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        let thumbprint = bytes::to_base64url(&bytes::sha256(Value::Object(required).to_string().as_bytes()));
        assert_eq!(key["kid"], thumbprint);
    }
    assert!(keyring.jwks().unwrap().etag.starts_with('"'));
}

#[tokio::test]
async fn what_is_not_exactly_ours_is_refused() {
    let place = Place::new();
    let keyring = place.ready().await;
    let set = jwks(&keyring);
    let kid = keyring.current(Alg::RS256).unwrap().kid().to_owned();
    let jwk = serde_json::to_vec(set.find(&kid).unwrap()).unwrap();
    let claims = place.claims();
    let forged = |alg: &str, secret: &[u8]| {
        let mut header = Header::new(alg.parse().unwrap());
        header.typ = Some("at+jwt".into());
        header.kid = Some(kid.clone());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    assert_eq!(keyring.verify::<Value>(&forged("HS256", &jwk), &EXPECT), Err(VerifyError::Header));
    let genuine = sign(&keyring, Alg::RS256, &claims);
    let parts: Vec<&str> = genuine.split('.').collect();
    let with_header =
        |header: Value| format!("{}.{}.{}", bytes::to_base64url(header.to_string().as_bytes()), parts[1], parts[2]);
    for alg in ["none", "None", "NONE", "nOnE", "", "RS512", "PS256", "ES256", "HS256"] {
        let token = with_header(json!({ "typ": "at+jwt", "alg": alg, "kid": kid }));
        assert!(keyring.verify::<Value>(&token, &EXPECT).is_err(), "{alg}");
        let unsigned = token.rsplit_once('.').unwrap().0.to_owned() + ".";
        assert!(keyring.verify::<Value>(&unsigned, &EXPECT).is_err(), "{alg} unsigned");
    }
    for (name, value) in [
        ("jwk", serde_json::from_slice(&jwk).unwrap()),
        ("jku", json!("https://evil.example")),
        ("x5u", json!("https://evil.example")),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("alg", json!("RS512")),
    ] {
        let mut header = json!({ "typ": "at+jwt", "alg": "RS256", "kid": kid });
        header[name] = value;
        assert!(keyring.verify::<Value>(&with_header(header), &EXPECT).is_err(), "{name}");
    }
    let foreign = with_header(json!({ "typ": "at+jwt", "alg": "RS256", "kid": "nobody" }));
    assert_eq!(keyring.verify::<Value>(&foreign, &EXPECT), Err(VerifyError::UnknownKey));
    assert_eq!(
        keyring.verify::<Value>(&with_header(json!({ "typ": "at+jwt", "alg": "RS256" })), &EXPECT),
        Err(VerifyError::UnknownKey)
    );
}

#[tokio::test]
async fn broken_tokens_are_refused() {
    let place = Place::new();
    let keyring = place.ready().await;
    for alg in Alg::ALL {
        let genuine = sign(&keyring, alg, &place.claims());
        let parts: Vec<&str> = genuine.split('.').collect();
        let other = bytes::to_base64url(place.claims().to_string().replace("someone", "another").as_bytes());
        for (bad, expected) in [
            (format!("{}.{other}.{}", parts[0], parts[2]), VerifyError::Signature),
            (format!("{}.{}.", parts[0], parts[1]), VerifyError::Signature),
            (format!("{}.{}.{}", parts[0], parts[1], bytes::to_base64url(&[0; 64])), VerifyError::Signature),
            (format!("{}.{}", parts[0], parts[1]), VerifyError::Malformed),
            (format!("{genuine}.{}.{}", parts[1], parts[2]), VerifyError::Malformed),
            (String::new(), VerifyError::Malformed),
            ("a".repeat(MAX_TOKEN + 1), VerifyError::Malformed),
            (".".repeat(MAX_TOKEN), VerifyError::Malformed),
        ] {
            assert_eq!(keyring.verify::<Value>(&bad, &EXPECT), Err(expected), "{alg:?} {}", bad.len());
        }
    }
}

#[tokio::test]
async fn one_type_of_token_is_never_taken_for_another() {
    let place = Place::new();
    let keyring = place.ready().await;
    let signer = keyring.current(Alg::ES256).unwrap();
    let types = [TokenType::Jwt, TokenType::Access, TokenType::Logout];
    for typ in types {
        let token = signer.sign(typ, place.claims().to_string().as_bytes()).unwrap();
        for expected in types {
            let outcome = keyring.verify::<Value>(&token, &Expect { typ: expected, ..EXPECT });
            assert_eq!(outcome.is_ok(), typ == expected, "{typ:?} as {expected:?}");
        }
    }
}

#[tokio::test]
async fn claims_are_checked_for_presence_type_and_value() {
    let place = Place::new();
    let keyring = place.ready().await;
    let now = place.clock.now().as_secs();
    let cases = [
        ("iss", None, VerifyError::Claims),
        ("iss", Some(json!("https://login.example.com/")), VerifyError::Issuer),
        ("iss", Some(json!([ISSUER])), VerifyError::Claims),
        ("aud", None, VerifyError::Claims),
        ("aud", Some(json!("wiki")), VerifyError::Audience),
        ("aud", Some(json!([])), VerifyError::Audience),
        ("aud", Some(json!(7)), VerifyError::Claims),
        ("exp", None, VerifyError::Claims),
        ("exp", Some(json!("9999999999")), VerifyError::Claims),
        ("exp", Some(json!(now)), VerifyError::Time),
        ("exp", Some(json!(-1)), VerifyError::Claims),
        ("iat", Some(json!(now + 600)), VerifyError::Time),
        ("nbf", Some(json!(now + 600)), VerifyError::Time),
        ("nbf", Some(json!("soon")), VerifyError::Claims),
    ];
    for (claim, value, expected) in cases {
        let mut claims = place.claims();
        match &value {
            Some(value) => claims[claim] = value.clone(),
            None => drop(claims.as_object_mut().unwrap().remove(claim)),
        }
        let token = sign(&keyring, Alg::ES256, &claims);
        assert_eq!(keyring.verify::<Value>(&token, &EXPECT), Err(expected), "{claim} {value:?}");
    }
}

#[tokio::test]
async fn time_is_ours_leeway_is_bounded_and_hints_may_be_old() {
    let place = Place::new();
    let keyring = place.ready().await;
    let token = sign(&keyring, Alg::EdDSA, &place.claims());
    let generous = Expect { leeway: Duration::from_secs(3600), ..EXPECT };
    place.clock.forward(Duration::from_secs(300));
    assert_eq!(keyring.verify::<Value>(&token, &EXPECT), Err(VerifyError::Time));
    assert!(keyring.verify::<Value>(&token, &generous).is_ok());
    place.clock.forward(Duration::from_secs(60));
    assert_eq!(keyring.verify::<Value>(&token, &generous), Err(VerifyError::Time));
    let hint = Expect { expired: Expired::Accepted, audience: None, ..EXPECT };
    assert!(keyring.verify::<Value>(&token, &hint).is_ok());
    assert_eq!(keyring.verify::<Value>(&token, &Expect { audience: Some("wiki"), ..hint }), Err(VerifyError::Audience));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_start_at_once_end_with_one_set() {
    let place = Place::new();
    let instances: Vec<_> = (0..3).map(|_| place.instance(1)).collect();
    let starts = instances.iter().map(|keyring| {
        let keyring = Arc::clone(keyring);
        tokio::spawn(async move { keyring.refresh().await })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap().unwrap();
    }
    let sets: BTreeSet<_> = instances.iter().map(|keyring| kids(keyring)).collect();
    assert_eq!(sets.len(), 1);
    assert_eq!(sets.first().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_rotate_at_once_make_one_rotation() {
    let place = Place::new();
    let (one, two) = (place.ready().await, place.ready().await);
    for round in 1..=12 {
        let before = place.clock.now();
        let rotate = |keyring: &Arc<Keyring>| {
            let keyring = Arc::clone(keyring);
            tokio::spawn(async move { keyring.rotate(Pace::Now).await })
        };
        let (first, second) = (rotate(&one), rotate(&two));
        assert_eq!(first.await.unwrap().unwrap(), Rotation::Done);
        assert_eq!(second.await.unwrap().unwrap(), Rotation::Done);
        assert_eq!(kids(&one), kids(&two));
        assert_eq!(kids(&one).len(), 6 + 3 * round, "one new key for each algorithm");
        assert_eq!(place.clock.now(), before);
        for alg in Alg::ALL {
            let (a, b) = (sign(&one, alg, &place.claims()), sign(&two, alg, &place.claims()));
            assert!(verifies(&jwks(&two), &a, alg) && verifies(&jwks(&one), &b, alg));
        }
    }
}

#[tokio::test]
async fn a_verifier_with_an_old_copy_accepts_tokens_before_and_after_a_rotation() {
    let place = Place::new();
    let (one, two) = (place.ready().await, place.ready().await);
    let copy = jwks(&one);
    let before = sign(&one, Alg::RS256, &place.claims());
    let Rotation::Scheduled(at) = one.rotate(Pace::WhenPublished).await.unwrap() else { panic!("too early") };
    assert_eq!(sign(&one, Alg::EdDSA, &place.claims()), sign(&one, Alg::EdDSA, &place.claims()), "nothing changed");
    place.clock.forward(at.since(place.clock.now()));
    // Whichever instance sees it due does it; the other follows.
    two.refresh().await.unwrap();
    one.refresh().await.unwrap();
    let after = sign(&one, Alg::RS256, &place.claims());
    assert_ne!(jsonwebtoken::decode_header(&before).unwrap().kid, jsonwebtoken::decode_header(&after).unwrap().kid);
    for token in [&before, &after] {
        assert!(verifies(&copy, token, Alg::RS256) && verifies(&jwks(&two), token, Alg::RS256));
        assert!(two.verify::<Value>(token, &Expect { expired: Expired::Accepted, ..EXPECT }).is_ok());
    }
    place.clock.forward(Duration::from_secs(3600));
    one.refresh().await.unwrap();
    assert!(!verifies(&jwks(&one), &before, Alg::RS256), "the old key is gone when its last token is");
    assert!(one.list().iter().all(|key| key.state != KeyState::Previous));
}

#[tokio::test]
async fn without_the_store_the_known_keys_stay_and_a_change_fails() {
    let place = Place::new();
    let keyring = place.ready().await;
    place.store.away.store(true, Ordering::SeqCst);
    assert!(matches!(keyring.refresh().await, Err(KeyringError::Store(_))));
    assert!(matches!(keyring.rotate(Pace::Now).await, Err(KeyringError::Store(_))));
    assert!(keyring.ready());
    place.store.away.store(false, Ordering::SeqCst);
    assert_eq!(keyring.rotate(Pace::Now).await.unwrap(), Rotation::Done);
}

#[tokio::test]
async fn keys_under_another_master_are_left_alone() {
    let place = Place::new();
    let keyring = place.ready().await;
    let stranger = place.instance(2);
    assert!(matches!(stranger.refresh().await, Err(KeyringError::Sealed)));
    assert!(matches!(stranger.rotate(Pace::Now).await, Err(KeyringError::Sealed)));
    assert!(!stranger.ready());
    let again = place.ready().await;
    assert_eq!(kids(&again), kids(&keyring));
}

#[tokio::test]
async fn a_new_master_seals_the_same_keys_anew_at_the_next_start() {
    let place = Place::new();
    let keyring = place.ready().await;
    place.accepting(2, &[1]).refresh().await.unwrap();
    let after = place.instance(2);
    after.refresh().await.unwrap();
    assert_eq!(kids(&after), kids(&keyring));
}

#[tokio::test]
async fn the_store_holds_no_private_key_in_the_clear() {
    let place = Place::new();
    place.ready().await;
    let dump = place.store.dump();
    // Every PKCS#8 document names its algorithm by an object identifier: rsaEncryption, id-ecPublicKey, Ed25519.
    let names: [&[u8]; 4] = [
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
        &[0x06, 0x03, 0x2b, 0x65, 0x70],
        b"private",
    ];
    assert!(dump.len() > 2000);
    for name in names {
        assert!(!dump.windows(name.len()).any(|window| window == name));
    }
}
