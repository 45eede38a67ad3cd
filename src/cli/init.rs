//! `vestibule init`: a commented configuration with fresh secrets.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use super::{Failure, Shared};
use crate::{
    config::{Environment, parse_key, read_key_file},
    seal::Pseudonyms,
    types::{Secret32, SecretText, SystemRandom, bytes, urls::Issuer},
};

const CONFIG: &str = "vestibule.toml";
const MASTER: &str = "vestibule-master";
const PEPPER: &str = "vestibule-pepper";

/// Where, and what.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to write to; it is made if it is not there
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The address that browsers will use
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080", value_parser = parse_issuer)]
    issuer: Issuer,
    /// Write only the pepper that was derived from the master in this file (- reads standard input): needed before
    /// the master is rolled
    #[arg(long, value_name = "FILE", conflicts_with = "issuer")]
    pepper_of: Option<PathBuf>,
}

fn parse_issuer(text: &str) -> Result<Issuer, crate::types::urls::BadIssuer> {
    text.parse()
}

/// Writes the configuration and its secrets, or the pepper alone. Nothing that is there is overwritten.
///
/// # Errors
/// A file that is there already, a folder that cannot be written, a master that is none.
pub fn run(shared: &Shared, args: &InitArgs) -> Result<(), Failure> {
    let files = match &args.pepper_of {
        Some(master) => vec![(PEPPER, spelled(&Pseudonyms::pepper_from(&read_master(master)?)))],
        None => vec![
            (MASTER, spelled(&Secret32::generate(&SystemRandom))),
            (PEPPER, spelled(&Secret32::generate(&SystemRandom))),
            (CONFIG, Zeroizing::new(configuration(&args.issuer))),
        ],
    };
    let files: Vec<_> = files.into_iter().map(|(name, text)| (args.folder.join(name), text)).collect();
    write_all(&args.folder, &files)?;
    let paths: Vec<_> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    let next = match &args.pepper_of {
        Some(_) => format!("next: set pepper = {{ file = \"{PEPPER}\" }} in [secrets], then roll the master"),
        None => format!(
            "next: set a provider and an app in {CONFIG}, then `vestibule check` and `vestibule serve`; back up \
             {PEPPER}: without it everybody is a stranger in every app"
        ),
    };
    shared.output().answer(format_args!("wrote {}\n{next}", paths.join(", ")), &json!({ "written": paths }))
}

fn spelled(key: &Secret32) -> Zeroizing<String> {
    Zeroizing::new(bytes::to_base64url(key.expose()) + "\n")
}

fn configuration(issuer: &Issuer) -> String {
    include_str!("init.toml").replace("@ISSUER@", issuer.as_str())
}

fn read_master(path: &Path) -> Result<Secret32, Failure> {
    let bad = |problem: String| {
        Failure::usage(format!("--pepper-of: {problem}"), "name the file of the master that was used so far")
    };
    if path != Path::new("-") {
        return read_key_file(path, &Environment::of_process())
            .map_err(|problem| bad(format!("{}: {problem}", path.display())));
    }
    let mut text = Zeroizing::new(String::new());
    io::stdin().lock().take(4096).read_to_string(&mut text).map_err(|error| bad(error.to_string()))?;
    parse_key(&SecretText::new(text.trim())).map_err(|problem| bad(problem.to_string()))
}

/// All or none: what was written before a failure is taken back.
fn write_all(folder: &Path, files: &[(PathBuf, Zeroizing<String>)]) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| cannot_write(folder, &error))?;
    for (done, (path, text)) in files.iter().enumerate() {
        if let Err(error) = write_new(path, text) {
            for (path, _) in files.iter().take(done) {
                let _left_behind = fs::remove_file(path);
            }
            return Err(cannot_write(path, &error));
        }
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::failed(
            format!("{path} is there already, and is left as it is"),
            "name another folder: vestibule init FOLDER",
        ),
        _ => Failure::failed(format!("cannot write {path}: {error}"), "check the folder and its permissions"),
    }
}
