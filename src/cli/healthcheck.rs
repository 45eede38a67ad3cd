//! `vestibule healthcheck`.

use std::net::{Ipv4Addr, Ipv6Addr};

use clap::Args;
use serde_json::json;

use super::{Failure, Shared};
use crate::egress::{Egress, Opening};

/// Ask a running instance whether it is well.
#[derive(Debug, Args)]
pub struct HealthcheckArgs {}

/// Asks the management listener of the configuration whether the instance lives.
///
/// # Errors
/// It does not answer, or says no.
pub fn run(shared: &Shared, _args: &HealthcheckArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    let mut address = config.listen.management;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    let url = format!("http://{address}/healthz");
    let status = super::runtime()?.block_on(ask(&url));
    match status {
        Ok(200) => shared.output().answer("The instance lives.", &json!({ "status": "ok" })),
        Ok(status) => Err(Failure::failed(format!("{url} says {status}"), "read the log of `vestibule serve`")),
        Err(error) => {
            Err(Failure::failed(format!("{url}: {error}"), "is `vestibule serve` running with this configuration?"))
        }
    }
}

async fn ask(url: &str) -> Result<u16, Box<dyn std::error::Error>> {
    let opened = Opening::of(&url::Url::parse(url)?, true, true);
    let egress = Egress::default().opening(opened.into_iter().collect());
    let answer = egress.call(http::Request::get(url).body(Vec::new())?).await?;
    Ok(answer.status().as_u16())
}
