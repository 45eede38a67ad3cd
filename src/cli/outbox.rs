//! `vestibule outbox`.

use std::fmt;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Shared, on_record::on_record, with_part};
use crate::{
    audit::{Event, EventKind},
    broker::{self, World},
    outbox::Waiting,
    types::AppId,
};

/// Messages to apps.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OutboxCommand,
}

/// What can be done with messages to apps.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List what waits: for which app, what happened, how often it was tried
    List,
    /// Let `serve` send what waits at once, whenever it would have been tried next
    Retry {
        /// Only what is for this app
        #[arg(long)]
        app: Option<AppId>,
    },
}

/// Does what the call says, also while `serve` runs on the same store.
///
/// # Errors
/// A wrong configuration, a store that is away, an app that is not registered.
pub fn run(shared: &Shared, args: &OutboxArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    if let OutboxCommand::Retry { app: Some(app) } = &args.command
        && !config.apps.contains_key(app)
    {
        let problem = format!("there is no app \"{app}\" in the configuration");
        return Err(Failure::usage(problem, "name one of its sections [apps.…]"));
    }
    match &args.command {
        OutboxCommand::List => with_part(broker::outbox_alone(&config, &World::system()), async |outbox| {
            let waiting = outbox.list().await.map_err(away)?;
            list(shared, &waiting)
        }),
        OutboxCommand::Retry { app } => on_record(config.audit.clone(), |world| {
            with_part(broker::outbox_alone(&config, &world), async |outbox| {
                let count = outbox.retry(app.as_ref()).await.map_err(away)?;
                let event = Event::new(EventKind::OutboxRetried);
                world.audit.record(app.iter().fold(event, Event::app));
                let text = format!("{count} messages are sent now, if `vestibule serve` runs.");
                shared.output().answer(text, &json!({ "retried": count }))
            })
        }),
    }
}

fn away(error: impl fmt::Display) -> Failure {
    Failure::store_away("the outbox", error)
}

fn list(shared: &Shared, waiting: &[Waiting]) -> Result<(), Failure> {
    let line = |letter: &Waiting| {
        let next = if letter.fetched { "to be fetched until" } else { "next at" };
        let Waiting { id, app, event, since, attempts, next: at, .. } = letter;
        format!("{id}  {app}  {event}  since {since}  tried {attempts} times, {next} {at}")
    };
    let text = if waiting.is_empty() {
        "Nothing waits.".to_owned()
    } else {
        waiting.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    shared.output().answer(text, &json!({ "waiting": waiting }))
}
