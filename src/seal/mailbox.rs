//! Sealing for somebody who is not there (HPKE, RFC 9180): whoever seals knows a public key alone, and only the holder
//! of the secret that it was derived from opens.

use aws_lc_rs::agreement::{PrivateKey, X25519};
use rustls::crypto::{
    aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256,
    hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey},
};
use serde::{Deserialize, Serialize};

use super::{OpenError, derive::hkdf32};
use crate::types::Secret32;

/// How many bytes an encapsulated key of X25519 has.
const ENCAPSULATED: usize = 32;

/// Where to put what only the holder of a secret is to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mailbox(#[serde(with = "serde_bytes")] Vec<u8>);

impl Mailbox {
    /// The one that `secret` opens; `None` only if the library refuses.
    pub fn of(secret: &Secret32) -> Option<Self> {
        let private = PrivateKey::from_private_key(&X25519, private(secret)?.secret_bytes()).ok()?;
        Some(Self(private.compute_public_key().ok()?.as_ref().to_vec()))
    }

    /// Seals `plain` for whoever holds the secret. It opens for the same `place` only.
    ///
    /// # Errors
    /// [`OpenError`] for a mailbox that is none.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (EncapsulatedSecret(mut sealed), ciphertext) = DH_KEM_X25519_HKDF_SHA256_AES_256
            .seal(INFO, place, plain, &HpkePublicKey(self.0.clone()))
            .map_err(|_| OpenError)?;
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }
}

/// Opens what [`Mailbox::seal`] made for the mailbox of this secret and for `place`.
///
/// # Errors
/// [`OpenError`] for anything else.
pub fn open(secret: &Secret32, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED).ok_or(OpenError)?;
    let private = private(secret).ok_or(OpenError)?;
    DH_KEM_X25519_HKDF_SHA256_AES_256
        .open(&EncapsulatedSecret(encapsulated.to_vec()), INFO, place, ciphertext, &private)
        .map_err(|_| OpenError)
}

/// What these seals are for.
const INFO: &[u8] = b"vestibule mailbox";

fn private(secret: &Secret32) -> Option<HpkePrivateKey> {
    hkdf32(b"", &[secret.expose()], INFO).map(|key| HpkePrivateKey::from(key.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_opens_and_only_there() {
        let (secret, other) = (Secret32::new([1; 32]), Secret32::new([2; 32]));
        let mailbox = Mailbox::of(&secret).unwrap();
        assert_eq!(Mailbox::of(&secret), Some(mailbox.clone()));
        assert_ne!(Mailbox::of(&other), Some(mailbox.clone()));
        let sealed = mailbox.seal(b"here", b"Ada").unwrap();
        assert_eq!(open(&secret, b"here", &sealed).unwrap(), b"Ada");
        assert!(open(&other, b"here", &sealed).is_err() && open(&secret, b"there", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert!(open(&secret, b"here", &broken).is_err(), "{at}");
            assert!(open(&secret, b"here", &sealed[..at]).is_err(), "{at}");
        }
        assert_ne!(mailbox.seal(b"here", b"Ada").unwrap(), sealed);
    }

    #[test]
    fn what_is_no_mailbox_takes_nothing() {
        for wrong in [vec![], vec![1; 31], vec![0; 32]] {
            assert!(Mailbox(wrong).seal(b"", b"x").is_err());
        }
    }
}
