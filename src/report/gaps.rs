//! What a report must say and the configuration does not.

use serde::Serialize;

use crate::config::{Config, ProviderConfig};

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The setting that is absent, or what only the operator knows.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// What is missing in this configuration.
pub(super) fn find(config: &Config) -> Vec<Gap> {
    let operator = &config.operator;
    let fields = [
        ("name", &operator.name, r#"name = "Example Ltd", who decides about this place"#),
        ("contact", &operator.contact, r#"contact = "privacy@example.com", where people reach you"#),
        ("address", &operator.address, r#"address = "1 Example Street, Dublin", your postal address"#),
        ("country", &operator.country, r#"country = "Ireland", where you are established"#),
        ("authority", &operator.authority, r#"authority = "…", the authority that people may complain to"#),
    ];
    let absent = fields.into_iter().filter(|(_, value, _)| value.is_none());
    let absent = absent.map(|(key, _, example)| Gap {
        what: format!("operator.{key} is missing"),
        remedy: format!("add to [operator]: {example}"),
    });
    let unknown = config.providers.iter().filter(|provider| super::Party::behind(provider).is_none()).map(unknown);
    absent.chain(unknown).collect()
}

fn unknown(provider: &ProviderConfig) -> Gap {
    Gap {
        what: format!("who runs the provider {} is not known here", provider.id),
        remedy: "name them, their country, and what a transfer there rests on, in your own record".into(),
    }
}
