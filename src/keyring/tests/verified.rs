//! A token that verified before is spared the signature, and nothing else.

use proptest::prelude::*;

use super::*;
use crate::keyring::verify::Verified;

fn knows(keyring: &Keyring, token: &str) -> bool {
    keyring.held.load().as_ref().unwrap().verified.get(&Verified::name(token), keyring.clock.now()).is_some()
}

/// A keyring with a token for each algorithm, each of which has verified once.
async fn seen(place: &Place) -> (Arc<Keyring>, Vec<String>) {
    let keyring = place.ready().await;
    let tokens: Vec<_> = Alg::ALL.into_iter().map(|alg| sign(&keyring, alg, &place.claims())).collect();
    for token in &tokens {
        assert!(!knows(&keyring, token));
        assert_eq!(keyring.verify::<Value>(token, &EXPECT), Ok(place.claims()));
        assert!(knows(&keyring, token));
        assert_eq!(keyring.verify::<Value>(token, &EXPECT), Ok(place.claims()));
    }
    (keyring, tokens)
}

#[tokio::test]
async fn what_is_known_is_not_verified_again() {
    let place = Place::new();
    let keyring = place.ready().await;
    let mut token = sign(&keyring, Alg::EdDSA, &place.claims());
    token.truncate(token.rfind('.').unwrap() + 1);
    assert_eq!(keyring.verify::<Value>(&token, &EXPECT), Err(VerifyError::Signature));
    assert!(!knows(&keyring, &token), "a failure is not remembered");
    let (name, claims) = (Verified::name(&token), Arc::new(place.claims()));
    keyring.held.load().as_ref().unwrap().verified.put(name, claims, place.clock.now());
    assert_eq!(keyring.verify::<Value>(&token, &EXPECT), Ok(place.claims()), "no signature was looked at");
}

#[tokio::test]
async fn type_issuer_audience_and_time_are_checked_each_time() {
    let place = Place::new();
    let (keyring, tokens) = seen(&place).await;
    let refused = |expect: Expect<'_>, error: VerifyError| {
        for token in &tokens {
            assert_eq!(keyring.verify::<Value>(token, &expect), Err(error), "{expect:?}");
        }
    };
    for typ in [TokenType::Jwt, TokenType::Logout, TokenType::Gate, TokenType::Introspection] {
        refused(Expect { typ, ..EXPECT }, VerifyError::Header);
    }
    refused(Expect { issuer: "https://evil.example", ..EXPECT }, VerifyError::Issuer);
    refused(Expect { audience: Some("wiki"), ..EXPECT }, VerifyError::Audience);
    place.clock.forward(Duration::from_secs(299));
    assert!(tokens.iter().all(|token| keyring.verify::<Value>(token, &EXPECT).is_ok()));
    place.clock.forward(Duration::from_secs(1));
    refused(EXPECT, VerifyError::Time);
}

#[tokio::test]
async fn a_known_token_does_not_lend_its_signature_to_another_header() {
    let place = Place::new();
    let (keyring, tokens) = seen(&place).await;
    for token in &tokens {
        let parts: Vec<&str> = token.split('.').collect();
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        for alg in ["none", "HS256", "RS256", "ES256", "EdDSA", "PS256"] {
            for typ in ["at+jwt", "JWT", "logout+jwt"] {
                let header = bytes::to_base64url(json!({ "alg": alg, "kid": kid, "typ": typ }).to_string().as_bytes());
                let forged = format!("{header}.{}.{}", parts[1], parts[2]);
                assert!(keyring.verify::<Value>(&forged, &EXPECT).is_err(), "{alg} {typ}");
            }
        }
    }
}

#[tokio::test]
async fn only_access_tokens_are_remembered() {
    let place = Place::new();
    let keyring = place.ready().await;
    let claims = serde_json::to_vec(&place.claims()).unwrap();
    let token = keyring.current(Alg::ES256).unwrap().sign(TokenType::Jwt, &claims).unwrap();
    let expect = Expect { typ: TokenType::Jwt, ..EXPECT };
    assert_eq!(keyring.verify::<Value>(&token, &expect), Ok(place.claims()));
    assert!(!knows(&keyring, &token), "an ID token may name somebody");
}

#[tokio::test]
async fn what_fails_is_not_remembered() {
    let place = Place::new();
    let keyring = place.ready().await;
    let token = sign(&keyring, Alg::ES256, &place.claims());
    for expect in [
        Expect { audience: Some("wiki"), ..EXPECT },
        Expect { issuer: "https://evil.example", ..EXPECT },
        Expect { typ: TokenType::Jwt, ..EXPECT },
    ] {
        assert!(keyring.verify::<Value>(&token, &expect).is_err());
        assert!(!knows(&keyring, &token));
    }
}

#[tokio::test]
async fn a_key_that_is_gone_takes_what_it_verified_with_it() {
    let place = Place::new();
    let (keyring, tokens) = seen(&place).await;
    let old = Expect { expired: Expired::Accepted, ..EXPECT };
    keyring.rotate(Pace::Now).await.unwrap();
    for token in &tokens {
        assert!(!knows(&keyring, token), "another version of the ring begins anew");
        assert!(keyring.verify::<Value>(token, &old).is_ok(), "the key is still published");
        assert!(knows(&keyring, token));
    }
    place.clock.forward(Duration::from_secs(3600));
    keyring.refresh().await.unwrap();
    for token in &tokens {
        assert_eq!(keyring.verify::<Value>(token, &old), Err(VerifyError::UnknownKey));
    }
}

#[test]
fn a_token_with_one_byte_changed_is_never_taken() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (keyring, tokens) = runtime.block_on(seen(&place));
    proptest!(|(token in prop::sample::select(tokens), at: prop::sample::Index, byte in 0u8..128)| {
        let mut changed = token.clone().into_bytes();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(keyring.verify::<Value>(&changed, &EXPECT).is_err());
        prop_assert!(!knows(&keyring, &changed));
        prop_assert!(keyring.verify::<Value>(&token, &EXPECT).is_ok());
    });
}
