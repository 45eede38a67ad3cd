//! Trying things out without the world: simulators of providers, example apps, and the two together with a broker.
//! Nothing outside this room and the two commands that start it imports it; `serve` cannot reach it.
//!
//! - [`simulators`]: Google, Facebook, GitHub, Microsoft and Apple, in process or by [`simulate::run`].
//! - [`app`]: example apps that use the broker as any app would, through a client library.
//! - [`run`]: all of it at once, on loopback, in a temporary folder.

pub mod app;
mod broker_config;
mod folder;
mod interrupt;
mod run;
mod shelf;
pub mod simulate;
pub mod simulators;

pub use run::{BrokerError, Demo, DemoError, Options, StopBroker, run, start};
