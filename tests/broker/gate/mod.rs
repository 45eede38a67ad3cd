//! The gate: what a proxy is told, and what people see on the way.

mod access;
mod checks;
mod crowd;
mod doctor;
mod flows;
mod forged;
mod outages;
mod rules;
mod visitor;

pub use visitor::{BOARD, FILES, Visitor, gated};
