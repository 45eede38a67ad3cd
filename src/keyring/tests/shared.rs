//! One set of keys for all instances, from the first start through rotations.

use super::*;

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

#[tokio::test]
async fn a_rotation_on_one_instance_is_seen_by_the_other_within_five_seconds() {
    let place = Place::new();
    let (one, two) = (place.ready().await, place.ready().await);
    let watching = tokio::spawn(Arc::clone(&two).watch());
    assert_eq!(one.rotate(Pace::Now).await.unwrap(), Rotation::Done);
    let seen = async {
        while kids(&two) != kids(&one) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen).await.unwrap();
    watching.abort();
}
