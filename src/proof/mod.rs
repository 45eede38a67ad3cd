//! What an app proves by a signature of its own: possession of a key (DPoP, RFC 9449), who it is (RFC 7523), and
//! what it asks (RFC 9101).
//! Hostile until verified: the algorithm comes from our list, never from the token; keys come from the proof itself,
//! where that is the point of it, or from the app's registration.

pub mod assertion;
pub mod dpop;
#[cfg(test)]
mod hostile_tests;
pub mod request_object;
mod signed;
#[cfg(test)]
mod tests;

pub use assertion::AssertionError;
pub use dpop::{DpopError, Possession};
pub use signed::{ALGORITHMS, STRICT};
