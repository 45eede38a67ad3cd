//! Sealing: encryption with authentication (AEAD) for everything that leaves memory.
//!
//! Each seal has a key of its own: HKDF-SHA-256 over a fresh salt, the input key material and the kind of what
//! is sealed; then AES-256-GCM with kind, full key and life as associated data. A seal moved to another record,
//! another kind or another life does not open. What opens it is named by [`Lock`]: the operator's master alone,
//! the master together with a secret that only a browser or an app holds, or a random key.

mod derive;
mod envelope;
pub mod mailbox;
pub mod pseudonym;
pub mod token;
mod value;

pub use envelope::{Lock, OpenError, Place, Sealer};
pub use mailbox::Mailbox;
pub use pseudonym::{Pseudonyms, Sector};
