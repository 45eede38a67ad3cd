//! The command line. Standard output carries a command's answer and nothing else; errors, with a next step, go to
//! standard error. Exit codes: 0 done, 1 it did not work out, 2 the call or the configuration is wrong.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

pub mod account;
pub mod app;
pub mod audit;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod events;
pub mod gate;
pub mod healthcheck;
pub mod init;
pub mod keys;
mod on_record;
mod outbox;
mod output;
pub mod report;
pub mod serve;
pub mod simulate;

pub use output::{Failure, Output};

use crate::{
    config::{Config, Environment},
    store::OpenStoreError,
};

/// A login broker that keeps nothing worth stealing.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, about, disable_help_subcommand = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 it did not work out, 2 the call or the configuration is wrong.\n\
                          To begin: `vestibule demo` to look around, `vestibule init` to set up your own.";

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Shared {
    /// The configuration.
    #[arg(long, global = true, value_name = "FILE", env = "VESTIBULE_CONFIG", default_value = "vestibule.toml")]
    pub config: PathBuf,
    /// Answer as JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
}

impl Shared {
    /// Reads the configuration that the call names, with what the environment overrides.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.config, &Environment::of_process())?)
    }

    /// Where the answer goes.
    pub const fn output(&self) -> Output {
        Output::new(self.json)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve what the configuration describes
    Serve(serve::ServeArgs),
    /// Write a commented configuration with fresh secrets
    Init(init::InitArgs),
    /// Check a configuration: every mistake at once, with its line and a way out
    Check(check::CheckArgs),
    /// Apps: make a secret and the section for the configuration
    App(app::AppArgs),
    /// Accounts: what people ask of you by letter
    Account(account::AccountArgs),
    /// Probe a running set-up through its own addresses: what is wrong, why it matters, the cure
    Doctor(doctor::DoctorArgs),
    /// Signing keys: list them, rotate them
    Keys(keys::KeysArgs),
    /// The gate: say which rule decides about a request
    Gate(gate::GateArgs),
    /// Messages to apps: list what waits, send it now
    Outbox(outbox::OutboxArgs),
    /// The record of processing activities (GDPR, Art. 30), as text, JSON or HTML
    Report(report::ReportArgs),
    /// What providers tell us: tell Google where to
    Events(events::EventsArgs),
    /// The audit stream: check a file
    Audit(audit::AuditArgs),
    /// Ask a running instance whether it is well (for containers)
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Run everything on loopback, with simulated providers and example apps
    Demo(demo::DemoArgs),
    /// Run one simulated provider, for tests of your own
    Simulate(simulate::SimulateArgs),
}

/// What asynchronous commands run on. The server's workers have runtimes of their own.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::failed(format!("no runtime: {error}"), "report this"))
}

/// Does something with a part of the house that was opened by itself, also while `serve` runs on the same store.
fn with_part<P>(
    opened: Result<P, OpenStoreError>,
    act: impl AsyncFnOnce(&P) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let part = opened.map_err(Failure::misconfigured)?;
    runtime()?.block_on(act(&part))
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let Cli { shared, command } = Cli::parse();
    let done = match command {
        Command::Serve(args) => serve::run(&shared, &args),
        Command::Init(args) => init::run(&shared, &args),
        Command::Check(args) => check::run(&shared, &args),
        Command::App(args) => app::run(&shared, &args),
        Command::Account(args) => account::run(&shared, &args),
        Command::Doctor(args) => doctor::run(&shared, &args),
        Command::Keys(args) => keys::run(&shared, &args),
        Command::Gate(args) => gate::run(&shared, &args),
        Command::Outbox(args) => outbox::run(&shared, &args),
        Command::Report(args) => report::run(&shared, &args),
        Command::Events(args) => events::run(&shared, &args),
        Command::Audit(args) => audit::run(&shared, &args),
        Command::Healthcheck(args) => healthcheck::run(&shared, &args),
        Command::Demo(args) => demo::run(&shared, &args),
        Command::Simulate(args) => simulate::run(&shared, &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
