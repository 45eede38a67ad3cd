//! The whole broker over real HTTP, on SQLite and on Redis: simulated providers above it, apps below it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "../support/fake_op/mod.rs"]
mod fake_op;
#[path = "../support/redis.rs"]
mod redis;
mod stage;

mod account;
mod accounts;
mod app_logos;
mod assertions;
mod attacks;
mod authorize;
mod back_channel;
mod codes;
mod consent;
mod consent_answers;
mod consent_changes;
mod crash;
mod crowd;
mod devices;
mod discovery;
mod documents;
mod dpop;
mod exchange;
mod export;
mod fedcm;
mod gate;
mod hostile;
mod introspect;
mod language;
mod limits;
mod log_lines;
mod login;
mod logout;
mod lying_providers;
mod machines;
mod on_record;
mod outbox;
mod profiles;
mod promises;
mod providers_away;
mod pushed;
mod refresh;
mod refresh_races;
mod registration;
mod resources;
mod retention;
mod revoke;
mod serving;
mod smuggling;
mod tls;
mod told;
mod two_instances;
mod userinfo;
mod visits;
mod whole_accounts;
