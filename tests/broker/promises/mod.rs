//! The promises of the house, one after the other, as the README makes them.

mod anonymous;
mod leaving;
mod needles;
mod nothing_worth_stealing;
mod opt_in;
mod pseudonyms;
mod thief;
