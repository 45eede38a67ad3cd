//! What the readers promise together.

mod example;
mod reader;
