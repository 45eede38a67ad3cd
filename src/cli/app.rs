//! `vestibule app`: a secret, its hash, and the section for the configuration; the apps that registered themselves.

use std::fmt;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Shared, on_record::on_record, with_part};
use crate::{
    audit::{Event, EventKind},
    broker::{self, World},
    registry::Registered,
    types::{AppId, Random, Secret32, SecretText, SystemRandom, bytes, urls::AppRedirect},
};

/// Registered apps.
#[derive(Debug, Args)]
pub struct AppArgs {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, Subcommand)]
enum AppCommand {
    /// Print a fresh secret once, and the section for the configuration with its hash
    New(NewArgs),
    /// List the apps that registered themselves
    List,
    /// Take the registration of an app away; what it was given is good for nothing from then on
    Revoke {
        /// Its client id
        #[arg(value_name = "CLIENT_ID")]
        id: AppId,
    },
}

#[derive(Debug, Args)]
struct NewArgs {
    /// Its client id: 1 to 64 of A-Z a-z 0-9 . _ -
    #[arg(value_name = "NAME")]
    id: AppId,
    /// What people call it; its client id unless given
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Where people are taken back to; may be given several times
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// For an app that cannot keep a secret: none is made, PKCE stands in for it
    #[arg(long)]
    public: bool,
    /// For a public app on people's devices: private schemes, and a free port on loopback
    #[arg(long, requires = "public")]
    native: bool,
}

/// Does what the call says.
///
/// # Errors
/// A redirect URI that no such app may have.
pub fn run(shared: &Shared, args: &AppArgs) -> Result<(), Failure> {
    match &args.command {
        AppCommand::New(args) => new(shared, args, &SystemRandom),
        AppCommand::List => {
            let config = shared.load()?;
            with_part(broker::registry_alone(&config, &World::system()), async |registry| {
                list(shared, &registry.all().await.map_err(away)?)
            })
        }
        AppCommand::Revoke { id } => revoke(shared, id),
    }
}

fn revoke(shared: &Shared, id: &AppId) -> Result<(), Failure> {
    let config = shared.load()?;
    on_record(config.audit.clone(), |world| {
        with_part(broker::registry_alone(&config, &world), async |registry| {
            if registry.remove(id).await.map_err(away)? {
                world.audit.record(Event::new(EventKind::AppRevoked).app(id));
                let json = json!({ "revoked": id.as_str() });
                return shared.output().answer(format_args!("{id} is registered no longer."), &json);
            }
            let remedy = "`vestibule app list` shows them; one of the configuration is taken away there";
            Err(Failure::failed(format!("no app registered itself as {id}"), remedy))
        })
    })
}

fn away(error: impl fmt::Display) -> Failure {
    Failure::store_away("the registered apps", error)
}

fn list(shared: &Shared, apps: &[Registered]) -> Result<(), Failure> {
    let name = |app: &Registered| {
        let said = app.said();
        // Whoever registered wrote this; it must not speak to the terminal.
        said.get("client_name").and_then(|name| name.as_str()).map(|name| name.escape_debug().to_string())
    };
    let line = |app: &Registered| format!("{}  {}  since {}", app.id, name(app).unwrap_or_default(), app.since);
    let json = |app: &Registered| json!({ "client_id": app.id.as_str(), "since": app.since.rfc3339(), "metadata": app.said() });
    let lines: Vec<String> = apps.iter().map(line).collect();
    let all: Vec<_> = apps.iter().map(json).collect();
    shared.output().answer(lines.join("\n"), &json!({ "apps": all }))
}

fn new(shared: &Shared, args: &NewArgs, random: &dyn Random) -> Result<(), Failure> {
    for uri in &args.redirect_uris {
        AppRedirect::parse(uri, args.native).map_err(|problem| {
            Failure::usage(format!("--redirect-uri {uri:?}: {problem}"), "write it as the app sends it, whole")
        })?;
    }
    let secret = (!args.public).then(|| fresh_secret(random));
    let hash = secret.as_ref().map(|secret| bytes::to_hex(&bytes::sha256(secret.expose().as_bytes())));
    let section = section(args, hash.as_deref());
    let once = match &secret {
        Some(secret) => {
            format!("# The client secret, shown this once; only its hash stays here:\n# {}\n\n", secret.expose())
        }
        None => String::new(),
    };
    let json = json!({
        "client_id": args.id.as_str(),
        "client_secret": secret.as_ref().map(SecretText::expose),
        "secret_sha256": hash,
        "section": section,
    });
    shared.output().answer(format_args!("{once}{}", section.trim_end()), &json)
}

/// 256 bits, with a prefix by which secret scanners know it.
fn fresh_secret(random: &dyn Random) -> SecretText {
    SecretText::new(format!("vst_a_{}", bytes::to_base64url(Secret32::generate(random).expose())))
}

/// The section for the file.
fn section(args: &NewArgs, hash: Option<&str>) -> String {
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut uris: Vec<_> = args.redirect_uris.iter().map(|uri| text(uri)).collect();
    if uris.is_empty() {
        uris.push(text("https://app.example.com/callback"));
    }
    // A name with a dot would be two names to TOML.
    let id = args.id.as_str();
    let header = if id.contains('.') { text(id) } else { id.to_owned() };
    let mut lines = vec![
        format!("[apps.{header}]"),
        format!("name = {}", text(args.name.as_deref().unwrap_or(id))),
        format!("redirect_uris = [{}]", uris.join(", ")),
    ];
    lines.extend(hash.map(|hash| format!("secret_sha256 = {}", text(hash))));
    if args.native {
        lines.push("application_type = \"native\"".into());
    }
    lines.push("# What it may know of people, and why; they read the reason:".into());
    lines.push("# claims.email = { need = \"required\", why = \"To send you what you share.\" }".into());
    lines.push("# claims.name = { need = \"optional\", why = \"To greet you.\" }\n".into());
    lines.join("\n")
}
