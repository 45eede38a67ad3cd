//! Decides from plain facts: what happens next with a request ([`next`]), and what an app may see ([`claims`]).
//! Pure: no IO, no clock, no store. Every decision of this house is made here and nowhere else, at every issuance.

pub mod access;
pub mod agreement;
pub mod attempt;
pub mod claims;
pub mod learned;
pub mod next;
pub mod question;
pub mod request;
#[cfg(test)]
pub(crate) mod tests;
pub mod visit;

pub use agreement::Agreement;
pub use learned::Learned;
pub use next::{Approved, Facts, SignedIn, Step, next};
pub use question::{Answer, Question};
pub use request::{DeviceAsk, Request};
pub use visit::Visit;
