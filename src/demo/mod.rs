//! Trying things out without the world: simulators of providers, example apps, and the two together with a broker.
//! Nothing outside this room and the two commands that start it imports it; `serve` cannot reach it.

mod shelf;
pub mod simulators;
