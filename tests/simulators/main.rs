//! The simulators, driven over HTTP as a browser and a client would: the honest way, and every peculiarity.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod apple;
mod apps;
mod control;
mod demo;
mod facebook;
mod github;
mod google;
mod microsoft;
mod support;
