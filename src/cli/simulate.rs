//! `vestibule simulate`.

use std::io;

use clap::{Args, ValueEnum};

use super::{Failure, Shared};
use crate::demo::{simulate, simulators::Kind};

/// One simulated provider.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Which
    #[arg(value_enum)]
    pub provider: Simulated,
    /// The port on 127.0.0.1; a free one unless given
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// The client that is registered there; a usual one unless given
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Its secret (Apple: its private key, a PEM); a fresh one at each start unless given
    #[arg(long, value_name = "SECRET")]
    pub client_secret: Option<String>,
    /// A redirect URI of that client; any on loopback unless given
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub redirect_uris: Vec<String>,
}

/// A provider that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names of providers")]
pub enum Simulated {
    Google,
    Facebook,
    Github,
    Microsoft,
    Apple,
}

/// Runs it until it is told to stop.
///
/// # Errors
/// A port that is taken.
pub fn run(shared: &Shared, args: &SimulateArgs) -> Result<(), Failure> {
    let options = simulate::Options {
        kind: args.provider.kind(),
        port: args.port,
        client_id: args.client_id.clone(),
        client_secret: args.client_secret.clone(),
        redirect_uris: args.redirect_uris.clone(),
        json: shared.output().is_json(),
    };
    super::runtime()?
        .block_on(simulate::run(options, &mut io::stdout()))
        .map_err(|error| Failure::failed(error.to_string(), "choose another --port, or look at --client-secret"))
}

impl Simulated {
    const fn kind(self) -> Kind {
        match self {
            Self::Google => Kind::Google,
            Self::Facebook => Kind::Facebook,
            Self::Github => Kind::Github,
            Self::Microsoft => Kind::Microsoft,
            Self::Apple => Kind::Apple,
        }
    }
}
