//! From a file and the environment to a [`Config`], or to everything that is wrong with them.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use super::{
    Config, Faults,
    apps::{self, Around},
    audit, branding,
    environment::Environment,
    fedcm, gate, keys, lifetimes, limits, listen, log, operator, overrides, providers, raw, registration, secrets,
    section::{Context, Section},
    store,
};
use crate::types::urls::Issuer;

/// No configuration is longer.
const MAX: u64 = 4 * 1024 * 1024;

impl Config {
    /// Reads the file at `path`, with what `env` overrides and holds.
    ///
    /// # Errors
    /// Every mistake at once; a file that cannot be read is one.
    pub fn load(path: &Path, env: &Environment) -> Result<Self, Faults> {
        let base = path.parent().unwrap_or(Path::new(""));
        read(path).and_then(|text| Self::parse(&text, base, env)).map_err(|faults| faults.in_file(path))
    }

    /// Reads `text` as the file would be read, had it stood in the folder `base`.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn parse(text: &str, base: &Path, env: &Environment) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let Some(mut table) = raw::read_file(text, &mut faults) else { return Err(Faults::new(faults)) };
        overrides::apply(&mut table, env, &mut faults);
        let cx = Context::new(env, base, faults);
        let config = read_root(Section::root(&cx, &table));
        let faults = cx.faults.into_inner();
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(Faults::new(faults)),
        }
    }
}

pub(super) fn read_root(root: Section<'_>) -> Option<Config> {
    let issuer = root
        .required("issuer", r#"write the address of this place, such as issuer = "https://login.example.com""#)
        .and_then(|value| value.parsed::<Issuer>("write scheme, host and port, such as https://login.example.com"));
    let listen = listen::read(&root.section("listen"), issuer.as_ref());
    let store = store::read(&root.section("store"));
    let secrets = secrets::read(&root.section("secrets"));
    let providers = providers::read(root.section("providers"));
    let around = Around { providers: &providers.names, issuer: issuer.as_ref(), listen: listen.as_ref() };
    let apps = apps::read(root.section("apps"), &around);
    let lifetimes = lifetimes::read(&root.section("lifetimes"));
    let operator = operator::read(&root.section("operator"));
    let branding = branding::read(&root.section("branding"));
    let limits = limits::read(&root.section("limits"));
    let keys = keys::read(&root.section("keys"));
    let audit = audit::read(&root.section("audit"));
    let log = log::read(&root.section("log"));
    let gate = gate::read(&root.section("gate"));
    let registration = registration::read(&root.section("registration"));
    let fedcm = fedcm::read(&root.section("fedcm"));
    Some(Config {
        issuer: issuer?,
        listen: listen?,
        store: store?,
        secrets: secrets?,
        providers: providers.all,
        apps,
        lifetimes: lifetimes?,
        operator,
        branding,
        limits: limits?,
        registration: registration?,
        fedcm: fedcm?,
        keys: keys?,
        gate: gate?,
        audit,
        log: log?,
    })
}

fn read(path: &Path) -> Result<String, Faults> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 > MAX => Err(Faults::of_file("is larger than 4 MiB", "name the configuration file")),
        Ok(_) => Ok(text),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => Faults::of_file(
                "there is no such file",
                "`vestibule init` writes one; --config or $VESTIBULE_CONFIG names another",
            ),
            ErrorKind::PermissionDenied => {
                Faults::of_file("may not be read", "let the user that runs vestibule read it")
            }
            ErrorKind::IsADirectory => Faults::of_file("is a folder", "name the file in it"),
            ErrorKind::InvalidData => Faults::of_file("is not UTF-8", "save it as UTF-8"),
            _ => Faults::of_file(format!("cannot be read: {error}"), "check the path and the disk"),
        }),
    }
}
