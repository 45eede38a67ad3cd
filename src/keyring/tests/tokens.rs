//! What is signed verifies, and nothing else does.

use super::*;
use crate::keyring::{
    held::Held,
    jwk::PublicHalf,
    ring::{Ring, RingKey},
    sign::Pair,
    verify,
};

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

/// A ring of one current ES256 key, and what signs with it under any header.
fn lone_key() -> (Ring, EncodingKey) {
    let private = Pair::generate(Alg::ES256).unwrap();
    let signs = EncodingKey::from_ec_der(private.expose());
    let kid = PublicHalf::of(&Pair::parse(Alg::ES256, &private).unwrap()).unwrap().kid;
    let since = Timestamp::from_secs(START);
    let key = RingKey { kid, alg: Alg::ES256, state: KeyState::Current, since, until: None, private };
    (Ring { keys: vec![key], promote: None }, signs)
}

#[test]
fn even_a_genuine_signature_does_not_excuse_another_header() {
    let place = Place::new();
    let (ring, signs) = lone_key();
    let held = Held::parse([0; 16], &ring, &policy()).unwrap();
    let outcome = |change: &dyn Fn(&mut Header)| {
        let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
        header.typ = Some("at+jwt".into());
        header.kid = Some(ring.keys[0].kid.clone());
        change(&mut header);
        let token = jsonwebtoken::encode(&header, &place.claims(), &signs).unwrap();
        verify::verify::<Value>(&held, &token, &EXPECT, place.clock.now())
    };
    assert_eq!(outcome(&|_| {}), Ok(place.claims()));
    let changes: [&dyn Fn(&mut Header); 7] = [
        &|header| header.typ = None,
        &|header| header.typ = Some("AT+JWT".into()),
        &|header| header.cty = Some("JWT".into()),
        &|header| header.jku = Some("https://evil.example".into()),
        &|header| {
            header.jwk = Some(PublicHalf::of(&Pair::parse(Alg::ES256, &ring.keys[0].private).unwrap()).unwrap().jwk)
        },
        &|header| header.crit = Some(vec!["b64".into()]),
        &|header| header.extras.insert("b64", false),
    ];
    for (n, change) in changes.iter().enumerate() {
        assert_eq!(outcome(*change), Err(VerifyError::Header), "{n}");
    }
}

#[test]
fn a_key_under_a_name_that_is_not_its_own_is_not_taken() {
    let (mut ring, _) = lone_key();
    ring.keys[0].kid = "another".into();
    assert!(Held::parse([0; 16], &ring, &policy()).is_err());
}
