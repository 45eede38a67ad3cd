//! What an operator sees while the house runs: log lines and numbers. Neither holds anything personal.
//!
//! Log lines come from our own rooms alone, whatever the level: what libraries log about a request is not ours to
//! vouch for. Whatever came from outside is shown through [`Escaped`].

mod escaped;
mod log;
pub mod metrics;

pub use escaped::Escaped;
pub use log::{LogError, init};
pub use metrics::Metrics;
