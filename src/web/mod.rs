//! (room being furnished)
pub mod trace;
