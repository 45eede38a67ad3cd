//! `vestibule simulate google`: one simulator, until it is interrupted.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::{
    interrupt::interrupted,
    simulators::{Broken, Kind, Running, Simulator},
};

/// What the command line chose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which provider.
    pub kind: Kind,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The client that is registered there; a usual one when absent.
    pub client_id: Option<String>,
    /// Its secret (for Apple: its private key, a PEM); a fresh one when absent.
    pub client_secret: Option<String>,
    /// Its redirect URIs; any on loopback when there are none.
    pub redirect_uris: Vec<String>,
    /// Whether a program reads how to use it.
    pub json: bool,
}

/// Why a simulator ended badly.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] Broken),
    /// The terminal or the signal handler failed.
    #[error("cannot write to the terminal or wait for signals: {0}")]
    Io(#[from] io::Error),
}

/// Starts one, says on `out` how to use it, and waits for Ctrl-C.
///
/// # Errors
/// A port that is taken, a private key that is none, or a terminal that is gone.
pub async fn run(options: Options, out: &mut dyn Write) -> Result<(), SimulateError> {
    let mut simulator = Simulator::new(options.kind);
    simulator.port = options.port;
    simulator.client_secret = options.client_secret;
    simulator.redirect_uris = options.redirect_uris;
    if let Some(id) = options.client_id {
        simulator.client_id = id;
    }
    let running = simulator.start().await?;
    if options.json {
        writeln!(out, "{}", described(options.kind, &running))?;
    } else {
        explain(options.kind, &running, out)?;
    }
    out.flush()?;
    interrupted().await?;
    running.stop().await;
    Ok(())
}

/// For programs: one line, with the section for the configuration as text.
fn described(kind: Kind, running: &Running) -> Json {
    json!({
        "provider": kind.as_str(),
        "issuer": running.origin(),
        "client_id": running.client_id(),
        "client_secret": running.client_secret(),
        "section": running.provider_section(kind.as_str()),
    })
}

/// For people.
fn explain(kind: Kind, running: &Running, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} is simulated at {}\n\n  client id      {}\n  client secret  {}\n\nFor vestibule.toml:\n\n{}\n\
         Faults on demand:  curl -H 'Content-Type: application/json' -d '{{\"kind\":\"wrong_nonce\"}}' {}/_simulator/fault\n\
         Back to honesty:   curl -X POST {}/_simulator/clear\n{}\nCtrl-C stops it.",
        running.name(),
        running.origin(),
        running.client_id(),
        if kind == Kind::Apple { "made per call with the private key below" } else { running.client_secret() },
        running.provider_section(kind.as_str()),
        running.origin(),
        running.origin(),
        telling(kind, running.origin()),
    )
}

/// How to let it tell a broker something of somebody.
fn telling(kind: Kind, origin: &str) -> String {
    let (news, route) = match kind {
        Kind::Google => ("risc/event-type/sessions-revoked", "risc"),
        Kind::Facebook => ("", "deletion"),
        Kind::Apple => ("consent-revoked", "apple"),
        Kind::Github | Kind::Microsoft => return String::new(),
    };
    let to = format!("http://localhost:8080/events/{}/{route}", kind.as_str());
    format!(
        "Telling a broker:  curl -H 'Content-Type: application/json' -d \
         '{{\"person\":\"ada\",\"news\":\"{news}\",\"to\":\"{to}\"}}' {origin}/_simulator/tell\n"
    )
}
