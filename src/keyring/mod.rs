//! Signing keys and their life: made at the first start, sealed with the master in one record that all instances
//! share, rotated on schedule and by command.
//!
//! A key is *next* (published, signs nothing yet), then *current* (signs), then *previous* (published until the last
//! token that it signed has expired). [`rotate`](self::rotate) decides when, as a function of ring, hour and policy;
//! [`keep`](self::keep) carries it out in guarded commits, so that instances which act at once end with one set.
//! What signs and verifies is parsed once for each version of the record; reading it takes no lock.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::de::DeserializeOwned;

mod held;
mod jwk;
mod keep;
mod make;
#[cfg(test)]
mod memory;
mod ring;
mod rotate;
#[cfg(test)]
mod rotate_tests;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

use held::Held;

pub use jwk::Jwks;
pub use keep::{KeyringError, Rotation};
pub use ring::{KeyInfo, KeyState, Policy};
pub use rotate::Pace;
pub use sign::{SignError, Signer, TokenType};
pub use verify::{Expect, Expired, MAX_TOKEN, VerifyError};

use crate::{
    audit::Audit,
    seal::Sealer,
    store::Backend,
    types::{Clock, jws::Alg},
};

/// A private key that cannot be made or parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing key cannot be made or read")]
pub(crate) struct BadKey;

/// The keys of this place, as this instance knows them.
pub struct Keyring {
    store: Arc<dyn Backend>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    policy: Policy,
    audit: Audit,
    held: ArcSwapOption<Held>,
    /// Held while the ring is read and changed, so that an older version never replaces a newer one in memory.
    /// Nothing that answers a request waits for it.
    work: tokio::sync::Mutex<()>,
}

impl Keyring {
    /// A keyring that knows no keys yet: [`Keyring::refresh`] or [`Keyring::watch`] reads or makes them.
    pub fn new(
        store: Arc<dyn Backend>,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
        policy: Policy,
        audit: Audit,
    ) -> Self {
        Self { store, sealer, clock, policy, audit, held: ArcSwapOption::empty(), work: tokio::sync::Mutex::new(()) }
    }

    /// Whether there are keys for every algorithm.
    pub fn ready(&self) -> bool {
        self.held.load().as_ref().is_some_and(|held| held.signing.len() == Alg::ALL.len())
    }

    /// What signs with `alg` now; `None` while keys are being made, or the store was never reached.
    pub fn current(&self, alg: Alg) -> Option<Arc<dyn Signer>> {
        self.held.load().as_ref().and_then(|held| held.signer(alg))
    }

    /// What `/jwks` serves; `None` as for [`Keyring::current`].
    pub fn jwks(&self) -> Option<Arc<Jwks>> {
        self.held.load().as_ref().map(|held| Arc::clone(&held.jwks))
    }

    /// Every key with its state, for `vestibule keys list`.
    pub fn list(&self) -> Vec<KeyInfo> {
        self.held.load().as_ref().map(|held| held.list.clone()).unwrap_or_default()
    }

    /// Verifies a token that we signed and reads its claims.
    ///
    /// # Errors
    /// [`VerifyError`] says what does not fit.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, expect: &Expect<'_>) -> Result<T, VerifyError> {
        let held = self.held.load();
        let held = held.as_ref().ok_or(VerifyError::NotReady)?;
        verify::verify(held, token, expect, self.clock.now())
    }
}
