//! Chance is a parameter: whatever needs randomness takes a [`Random`].

use std::sync::Arc;

/// A source of random bytes fit for keys.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` to the last one.
    fn fill(&self, bytes: &mut [u8]);
}

impl<T: Random + ?Sized> Random for Arc<T> {
    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

/// `N` fresh random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The operating system's generator, through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for chance")]
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Without randomness every secret that we would hand out is guessable; there is no safe way on.
            std::process::abort();
        }
    }
}
