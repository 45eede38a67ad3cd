//! The keyring as others use it: with real keys, on a store in memory, by the clock of the test.

mod shared;
mod tokens;
mod verified;

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use super::{
    Expect, Expired, KeyState, Keyring, KeyringError, MAX_TOKEN, Pace, Policy, Rotation, TokenType, VerifyError,
    memory::Memory,
};
use crate::{
    audit::Audit,
    seal::Sealer,
    types::{Clock, Secret32, SetClock, SystemRandom, Timestamp, bytes, jws::Alg},
};

const ISSUER: &str = "https://login.example.com";
const START: u64 = 1_764_028_800;

struct Place {
    store: Arc<Memory>,
    clock: Arc<SetClock>,
}

fn policy() -> Policy {
    Policy {
        rotate: Duration::from_secs(30 * 24 * 3600),
        jwks_max_age: Duration::from_secs(300),
        token: Duration::from_secs(300),
    }
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
        Arc::new(Keyring::new(
            Arc::clone(&self.store) as _,
            Arc::new(sealer),
            Arc::clone(&self.clock) as _,
            policy(),
            Audit::off(),
        ))
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
