//! `vestibule events`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Shared};
use crate::{
    broker::World,
    types::{ProviderId, ids::RandomId},
    upstream::{RegisterError, register_events},
    web::links,
};

/// What providers tell us.
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// What can be done about it.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Tell Google where its security events go, and ask for a trial
    Register {
        /// The provider's section in the configuration
        provider: ProviderId,
    },
}

/// Does what the call says.
///
/// # Errors
/// A wrong configuration, or a provider that says no.
pub fn run(shared: &Shared, args: &EventsArgs) -> Result<(), Failure> {
    let EventsCommand::Register { provider: id } = &args.command;
    let config = shared.load()?;
    let unknown = || Failure::usage(format!("there is no provider {id}"), "name one as its section is named");
    let provider = config.providers.iter().find(|provider| provider.id == *id).ok_or_else(unknown)?;
    let endpoint = config.issuer.url_at(&links::events(id, "risc"));
    let world = World::system();
    let state = RandomId::generate(&*world.random).to_string();
    super::runtime()?
        .block_on(register_events(provider, &endpoint, &state, &world.egress, &*world.clock))
        .map_err(|error| refused(&error))?;
    shared.output().answer(
        format!("Google sends events to {endpoint} from now on. A trial is on its way: look for {state} in the log."),
        &json!({ "endpoint": endpoint, "state": state }),
    )
}

fn refused(error: &RegisterError) -> Failure {
    match error {
        RegisterError::NotGoogle => {
            Failure::usage(error.to_string(), "register the others on their own pages; docs/operators.md says where")
        }
        RegisterError::NoServiceAccount => Failure::usage(
            error.to_string(),
            r#"make a service account with the role "RISC Configuration Admin", and set risc_service_account = { file = "…" }"#,
        ),
        RegisterError::Key => Failure::usage(error.to_string(), "make a new key for it in Google's console"),
        RegisterError::Google(..) => Failure::failed(
            error.to_string(),
            "check that the RISC API is enabled in the project, the service account has its role, and the domain is \
             authorised there",
        ),
    }
}
