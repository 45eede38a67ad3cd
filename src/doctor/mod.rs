//! The doctor: probes a running set-up from outside, through its own addresses and proxies, and says what is wrong, why
//! it matters, and the cure. It signs nobody in and changes nothing.
//!
//! | file | what it looks at |
//! |---|---|
//! | `ills` | every fault it knows, in words |
//! | `line` | how it asks |
//! | `issuer` | the issuer's own address: discovery, keys, clock, https |
//! | `inside` | the management listener, providers |
//! | `gated`, `forged` | gated hosts, through their proxy; and what a client makes up |

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;
use url::Url;

mod forged;
mod gated;
mod ills;
mod inside;
mod issuer;
mod line;

use ills::Ill;
use line::Line;

use crate::{broker::World, config::Config};

/// One thing that is wrong, or could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name, for programs; does not change.
    pub id: &'static str,
    /// Whether it is a fault, and not a hint.
    pub fault: bool,
    /// What was looked at: an address, or a section of the configuration.
    pub at: String,
    /// What was seen.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// All that was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What was looked at.
    pub looked_at: Vec<String>,
    /// What is wrong with it, in the order in which it was looked at.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong; hints are not.
    pub fn is_fine(&self) -> bool {
        !self.findings.iter().any(|finding| finding.fault)
    }

    fn add(&mut self, ill: &Ill, at: impl Into<String>, what: impl Into<String>) {
        let Ill { id, fault, why, cure } = *ill;
        self.findings.push(Finding { id, fault, at: at.into(), what: what.into(), why, cure });
    }
}

/// Looks at everything that the configuration names.
pub async fn examine(config: &Config, world: &World) -> Report {
    let mut report = Report::default();
    let Ok(management) = management(config) else { return report };
    let line = Line::new(config, &management, world);
    report.looked_at.push(config.issuer.as_str().to_owned());
    issuer::examine(&line, &config.issuer, &mut report).await;
    inside::management(&line, &management, &mut report).await;
    for provider in config.providers.iter().filter(|provider| provider.enabled) {
        report.looked_at.push(format!("providers.{}", provider.id));
        inside::provider(config, provider, world, &mut report).await;
    }
    for app in config.apps.values() {
        if let Some(origin) = &app.gate {
            report.looked_at.push(origin.as_str().to_owned());
            gated::Host { line: &line, config, app, origin }.examine(world.clock.now(), &mut report).await;
        }
    }
    report
}

/// Where the management listener answers on this machine.
fn management(config: &Config) -> Result<Url, url::ParseError> {
    let mut address = config.listen.management;
    if address.ip().is_unspecified() {
        let here: IpAddr = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(here);
    }
    Url::parse(&format!("http://{address}/"))
}
