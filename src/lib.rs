//! Vestibule: a federated login broker that keeps nothing worth stealing.
//!
//! The house, from the street inwards. A request walks down this list, never up; `tests/layers.rs`
//! reads the `use crate::` lines and fails on an upward import.
//!
//! | room | what happens there |
//! |---|---|
//! | [`cli`], [`demo`], [`doctor`] | the command line; simulators and example apps for trying things out; probes of a running set-up |
//! | [`broker`] | the one place of wiring: configuration in, routes out |
//! | [`management`] | what an operator asks of a running instance: health, numbers |
//! | [`oidc`], [`login`], [`account`], [`gate`], [`events`], [`privacy`] | HTTP in, HTTP out: the only code that knows actix |
//! | [`report`], [`courier`] | what is kept and why, from the configuration: for a regulator, and for the public page; tells apps who left |
//! | [`web`] | what every page and endpoint shares: pages, cookies, forms, headers, links |
//! | [`sweeper`] | ends what stayed too long, and shows when it last looked |
//! | [`upstream`], [`apps`], [`accounts`], [`session`], [`grant`], [`consent`], [`keyring`], [`spent`], [`outbox`], [`heard`], [`pushed`], [`devices`], [`registry`] | act; know the store, not each other, not HTTP |
//! | [`limits`] | slows down who asks too much |
//! | [`audit`], [`telemetry`], [`egress`], [`proof`] | read what apps sign, watch, and the only HTTP client |
//! | [`partition`] | the records of one account: its head, and how they are sealed |
//! | [`flow`] | decides from plain facts; pure, no IO |
//! | [`seal`], [`store`] | bytes, secrets, time to live, partitions, atomicity |
//! | [`config`] | the file, parsed to finished types, every mistake at once |
//! | [`types`] | the words of the field; know nothing |
#![forbid(unsafe_code)]

pub mod account;
pub mod accounts;
pub mod apps;
pub mod audit;
pub mod broker;
pub mod cli;
pub mod config;
pub mod consent;
pub mod courier;
pub mod demo;
pub mod devices;
pub mod doctor;
pub mod egress;
pub mod events;
pub mod flow;
pub mod gate;
pub mod grant;
pub mod heard;
pub mod keyring;
pub mod limits;
pub mod login;
pub mod management;
pub mod oidc;
pub mod outbox;
pub mod partition;
pub mod privacy;
pub mod proof;
pub mod pushed;
pub mod registry;
pub mod report;
pub mod seal;
pub mod session;
pub mod spent;
pub mod store;
pub mod sweeper;
pub mod telemetry;
pub mod types;
pub mod upstream;
pub mod web;
