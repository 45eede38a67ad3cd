//! What is inside: the instance itself, and the providers.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::{Report, ills, line::Line};
use crate::{
    broker::World,
    config::{Config, ProviderConfig},
    upstream::{self, Begin},
    web::links,
};

/// Asks the management listener how the instance is: keys, store, and what the store warns of.
pub async fn management(line: &Line, at: &Url, report: &mut Report) {
    let at = format!("{at}readyz");
    let reply = match line.get(&at, &[]).await {
        Ok(reply) => reply,
        Err(error) => return report.add(&ills::MANAGEMENT, at, error.to_string()),
    };
    let Ok(said) = serde_json::from_slice::<Value>(reply.body()) else {
        return report.add(&ills::MANAGEMENT, at, format!("answers {} without JSON", reply.status()));
    };
    for (part, ill) in [("keys", &ills::KEYS), ("store", &ills::STORE)] {
        let state = said.get(part).and_then(Value::as_str).unwrap_or_default();
        if state != "ok" {
            report.add(ill, &at, format!("{part}: {}", state.escape_debug()));
        }
    }
    let warnings = said.get("warnings").and_then(Value::as_array).into_iter().flatten();
    for warning in warnings.filter_map(Value::as_str) {
        report.add(&ills::WARNING, &at, warning);
    }
}

/// Begins a sign-in that nobody goes on with: what has a discovery document is read and checked for it.
pub async fn provider(config: &Config, provider: &ProviderConfig, world: &World, report: &mut Report) {
    let at = format!("providers.{}", provider.id);
    let callback = config.issuer.url_at(&links::callback(&provider.id));
    let (clock, random) = (Arc::clone(&world.clock), Arc::clone(&world.random));
    match upstream::build(provider, &callback, &world.egress, clock, random) {
        Err(error) => report.add(&ills::PROVIDER, at, error.to_string()),
        Ok(built) => {
            if let Err(error) = built.begin(&Begin::default()).await {
                report.add(&ills::PROVIDER, at, error.to_string());
            }
        }
    }
}
