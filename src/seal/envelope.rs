//! One seal: `version (1) ‖ id of the master (4) ‖ salt (32) ‖ ciphertext and tag`.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize, Zeroizing};

use super::derive::{hkdf32, length_prefixed};
use crate::types::{Random, Secret32, bytes, random};

const VERSION: u8 = 1;
const ID: usize = 4;
const SALT: usize = 32;
const HEAD: usize = 1 + ID + SALT;

/// What opens a seal, beside knowing where it belongs.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    /// The operator's master secret.
    Master,
    /// The master and a secret that somebody else holds: a thief of the store *and* the master opens nothing.
    MasterAnd(&'a Secret32),
    /// A random key that is itself kept sealed.
    Key(&'a Secret32),
}

/// Where a seal belongs; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What it is: a label that no two kinds share.
    pub kind: &'static str,
    /// The full key of its record, or what else tells it from its like; empty for what is handed out.
    pub key: &'a [u8],
    /// The life of the account, where it belongs to one.
    pub life: &'a [u8],
}

impl<'a> Place<'a> {
    /// A place outside any account's life.
    pub const fn of(kind: &'static str, key: &'a [u8]) -> Self {
        Self { kind, key, life: b"" }
    }
}

/// A seal that does not open: broken, foreign, or moved from where it belongs. Which, nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open")]
pub struct OpenError;

struct Master {
    id: [u8; ID],
    secret: Secret32,
}

impl Master {
    fn new(secret: Secret32) -> Self {
        let digest = bytes::sha256(&length_prefixed(&[b"vestibule master id", secret.expose()]));
        let mut id = [0; ID];
        id.copy_from_slice(digest.split_at(ID).0);
        Self { id, secret }
    }
}

/// Seals with the current master, opens with any that is accepted.
pub struct Sealer {
    current: Master,
    accepted: Vec<Master>,
    random: Arc<dyn Random>,
}

impl Sealer {
    /// `master` seals; `accept` opens as well, while masters are rolled.
    pub fn new(master: Secret32, accept: Vec<Secret32>, random: Arc<dyn Random>) -> Self {
        Self { current: Master::new(master), accepted: accept.into_iter().map(Master::new).collect(), random }
    }

    /// Where chance comes from, for those who seal what they have just made up.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, lock: Lock<'_>, plain: &[u8]) -> Vec<u8> {
        let salt: [u8; SALT] = random::bytes(&*self.random);
        let id = if matches!(lock, Lock::Key(_)) { [0; ID] } else { self.current.id };
        let mut out = Vec::with_capacity(HEAD + plain.len() + AES_256_GCM.tag_len());
        out.push(VERSION);
        out.extend_from_slice(&id);
        out.extend_from_slice(&salt);
        out.extend_from_slice(plain);
        let tag = key_for(&self.current, lock, place.kind, &salt)
            .zip(out.get_mut(HEAD..))
            .and_then(|(key, body)| key.seal_in_place_separate_tag(nonce(), aad(place), body).ok());
        // Neither fails: the key has the length of the algorithm, the body is far below its limit. If one ever did, the
        // seal would be without a body and open nowhere.
        match tag {
            Some(tag) => out.extend_from_slice(tag.as_ref()),
            None => out.zeroize(),
        }
        out
    }

    /// Opens what [`Sealer::seal`] made for the same place and lock.
    ///
    /// # Errors
    /// [`OpenError`] for anything else.
    pub fn open(&self, place: Place<'_>, lock: Lock<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (&version, rest) = sealed.split_first().ok_or(OpenError)?;
        let (id, rest) = rest.split_at_checked(ID).ok_or(OpenError)?;
        let (salt, body) = rest.split_at_checked(SALT).ok_or(OpenError)?;
        if version != VERSION {
            return Err(OpenError);
        }
        let master = match lock {
            Lock::Key(_) => &self.current,
            Lock::Master | Lock::MasterAnd(_) => self.master(id).ok_or(OpenError)?,
        };
        let mut body = Zeroizing::new(body.to_vec());
        let key = key_for(master, lock, place.kind, salt).ok_or(OpenError)?;
        let plain = key.open_in_place(nonce(), aad(place), body.as_mut_slice()).map_err(|_| OpenError)?.len();
        body.truncate(plain);
        Ok(body)
    }

    /// Whether `sealed` names the current master, and so opens when no other is accepted any more.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=ID) == Some(&self.current.id)
    }

    fn master(&self, id: &[u8]) -> Option<&Master> {
        std::iter::once(&self.current).chain(&self.accepted).find(|master| master.id == id)
    }
}

fn key_for(master: &Master, lock: Lock<'_>, kind: &str, salt: &[u8]) -> Option<LessSafeKey> {
    let key = match lock {
        Lock::Master => hkdf32(salt, &[b"master", master.secret.expose()], kind.as_bytes()),
        Lock::MasterAnd(other) => {
            hkdf32(salt, &[b"master and", master.secret.expose(), other.expose()], kind.as_bytes())
        }
        Lock::Key(key) => hkdf32(salt, &[b"key", key.expose()], kind.as_bytes()),
    }?;
    UnboundKey::new(&AES_256_GCM, key.as_slice()).ok().map(LessSafeKey::new)
}

/// Each key seals once, so the nonce may be constant (NIST SP 800-38D asks for uniqueness per key).
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn aad(place: Place<'_>) -> Aad<Vec<u8>> {
    Aad::from(length_prefixed(&[place.kind.as_bytes(), place.key, place.life]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::SystemRandom;

    fn sealer(master: u8, accept: &[u8]) -> Sealer {
        let secret = |byte: u8| Secret32::new([byte; 32]);
        Sealer::new(secret(master), accept.iter().map(|b| secret(*b)).collect(), Arc::new(SystemRandom))
    }

    const PLACE: Place<'_> = Place { kind: "session", key: b"P s:1", life: b"l" };

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_only_there(plain: Vec<u8>, flip in any::<prop::sample::Index>()) {
            let sealer = sealer(1, &[]);
            let other = Secret32::new([9; 32]);
            for lock in [Lock::Master, Lock::MasterAnd(&other), Lock::Key(&other)] {
                let sealed = sealer.seal(PLACE, lock, &plain);
                let opened = sealer.open(PLACE, lock, &sealed).unwrap();
                prop_assert_eq!(opened.as_slice(), plain.as_slice());
                for place in [
                    Place { kind: "grant", ..PLACE },
                    Place { key: b"P s:2", ..PLACE },
                    Place { life: b"m", ..PLACE },
                ] {
                    prop_assert!(sealer.open(place, lock, &sealed).is_err());
                }
                let mut broken = sealed.clone();
                let at = flip.index(broken.len());
                broken[at] ^= 1;
                // The four bytes that name the master are not used, and zero, where no master is.
                if !(matches!(lock, Lock::Key(_)) && (1..5).contains(&at)) {
                    prop_assert!(sealer.open(PLACE, lock, &broken).is_err());
                }
                prop_assert!(sealer.open(PLACE, lock, &sealed[..at]).is_err());
            }
        }
    }

    #[test]
    fn the_master_alone_does_not_open_what_needs_a_second_secret() {
        let (sealer, secret) = (sealer(1, &[]), Secret32::new([7; 32]));
        let sealed = sealer.seal(PLACE, Lock::MasterAnd(&secret), b"Ada");
        let wrong = Secret32::new([0; 32]);
        for lock in [Lock::Master, Lock::MasterAnd(&wrong), Lock::Key(&secret)] {
            assert!(sealer.open(PLACE, lock, &sealed).is_err());
        }
    }

    #[test]
    fn masters_roll() {
        let old = sealer(1, &[]).seal(PLACE, Lock::Master, b"x");
        assert!(sealer(2, &[1]).open(PLACE, Lock::Master, &old).is_ok());
        assert!(sealer(2, &[]).open(PLACE, Lock::Master, &old).is_err());
        assert!(sealer(1, &[2]).is_current(&old) && !sealer(2, &[1]).is_current(&old));
    }

    #[test]
    fn the_same_seals_to_different_bytes() {
        let sealer = sealer(1, &[]);
        assert_ne!(sealer.seal(PLACE, Lock::Master, b"x"), sealer.seal(PLACE, Lock::Master, b"x"));
    }
}
