//! `vestibule check`: is this configuration fine?

use std::fmt;

use clap::Args;
use serde_json::json;

use super::{Failure, Shared};
use crate::config::{Config, StoreUrl};

/// Check a configuration without starting anything.
#[derive(Debug, Args)]
pub struct CheckArgs {}

/// Reads the configuration and says what it describes, or everything that is wrong with it.
///
/// # Errors
/// Every mistake, with exit code 2.
pub fn run(shared: &Shared, _args: &CheckArgs) -> Result<(), Failure> {
    let output = shared.output();
    let config = match shared.load() {
        Ok(config) => config,
        Err(Failure::Config(faults)) if output.is_json() => {
            output.answer("", &faults.to_json())?;
            return Err(Failure::Answered(2));
        }
        Err(failure) => return Err(failure),
    };
    let summary = Summary::of(&config);
    output.answer(&summary, &summary.to_json())
}

/// The configuration in a few lines, without a secret.
struct Summary {
    issuer: String,
    store: String,
    pepper: bool,
    providers: Vec<(String, bool)>,
    apps: Vec<String>,
}

impl Summary {
    fn of(config: &Config) -> Self {
        let providers = config.providers.iter().map(|provider| (provider.id.to_string(), provider.enabled)).collect();
        Self {
            issuer: config.issuer.to_string(),
            store: match &config.store {
                StoreUrl::Sqlite(path) => format!("sqlite {}", path.display()),
                StoreUrl::Redis(_) => "redis".into(),
            },
            pepper: config.secrets.pepper.is_some(),
            providers,
            apps: config.apps.keys().map(ToString::to_string).collect(),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        let providers: Vec<_> =
            self.providers.iter().map(|(id, enabled)| json!({ "id": id, "enabled": enabled })).collect();
        json!({
            "ok": true,
            "issuer": self.issuer,
            "store": self.store,
            "pepper": if self.pepper { "configured" } else { "derived" },
            "providers": providers,
            "apps": self.apps,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: Vec<String>, none: &str| if names.is_empty() { none.to_owned() } else { names.join(", ") };
        let providers = self.providers.iter().map(|(id, on)| if *on { id.clone() } else { format!("{id} (off)") });
        writeln!(f, "configuration is fine\n")?;
        writeln!(f, "  issuer     {}", self.issuer)?;
        writeln!(f, "  store      {}", self.store)?;
        writeln!(f, "  pepper     {}", if self.pepper { "configured" } else { "derived from the master" })?;
        writeln!(f, "  providers  {}", list(providers.collect(), "none yet: nobody can sign in"))?;
        write!(f, "  apps       {}", list(self.apps.clone(), "none yet: `vestibule app new NAME` makes one"))
    }
}
