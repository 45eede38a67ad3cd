//! `vestibule keys`.

use std::fmt;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Shared, on_record::on_record, with_part};
use crate::{
    audit::{Event, EventKind},
    broker::{self, World},
    config::Config,
    keyring::{Keyring, Pace, Rotation},
};

/// Signing keys.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List all keys with their state
    List,
    /// Let the next key sign, once every verifier had time to learn it
    Rotate {
        /// At once: verifiers that keep an old key set refuse new tokens until they look again
        #[arg(long)]
        now: bool,
    },
}

/// Does what the call says, also while `serve` runs on the same store.
///
/// # Errors
/// A wrong configuration, a store that is away.
pub fn run(shared: &Shared, args: &KeysArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    match args.command {
        KeysCommand::List => with_keyring(&config, &World::system(), async |keyring| list(shared, keyring)),
        KeysCommand::Rotate { now } => on_record(config.audit.clone(), |world| {
            with_keyring(&config, &world, async |keyring| {
                let (pace, reason) = if now { (Pace::Now, "now") } else { (Pace::WhenPublished, "when_published") };
                let rotation = keyring.rotate(pace).await.map_err(away)?;
                world.audit.record(Event::new(EventKind::KeyRotationAsked).reason(reason));
                told(shared, rotation)
            })
        }),
    }
}

fn away(error: impl fmt::Display) -> Failure {
    Failure::store_away("the keys", error)
}

/// Does something with the keys as they are in the store now.
fn with_keyring(
    config: &Config,
    world: &World,
    act: impl AsyncFnOnce(&Keyring) -> Result<(), Failure>,
) -> Result<(), Failure> {
    with_part(broker::keyring_alone(config, world), async |keyring| {
        keyring.refresh().await.map_err(away)?;
        act(keyring).await
    })
}

fn list(shared: &Shared, keyring: &Keyring) -> Result<(), Failure> {
    let keys = keyring.list();
    let lines: Vec<String> = keys
        .iter()
        .map(|key| {
            let until = key.until.map_or_else(String::new, |until| format!("  until {until}"));
            format!("{:<6} {:<9} {}  since {}{until}", key.alg.as_str(), key.state.as_str(), key.kid, key.since)
        })
        .collect();
    shared.output().answer(lines.join("\n"), &json!({ "keys": keys }))
}

fn told(shared: &Shared, rotation: Rotation) -> Result<(), Failure> {
    match rotation {
        Rotation::Done => shared.output().answer("The next keys sign now.", &json!({ "rotated": true })),
        Rotation::Scheduled(at) => shared.output().answer(
            format!("The next keys sign from {at} on, when every verifier knows them."),
            &json!({ "rotated": false, "scheduled": at.rfc3339() }),
        ),
    }
}
