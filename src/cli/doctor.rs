//! `vestibule doctor`: what is wrong with a running set-up, as it is met from outside.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::{Failure, Shared};
use crate::{
    broker::World,
    doctor::{self, Report},
};

/// Probe a running set-up.
#[derive(Debug, Args)]
pub struct DoctorArgs {}

/// Looks, and says what is wrong.
///
/// # Errors
/// A wrong configuration (2), which includes secret files that others can read; or a fault that was found (1).
pub fn run(shared: &Shared, _args: &DoctorArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    let report = super::runtime()?.block_on(doctor::examine(&config, &World::system()));
    let json = json!({ "ok": report.is_fine(), "looked_at": report.looked_at, "findings": report.findings });
    shared.output().answer(text(&report), &json)?;
    if report.is_fine() { Ok(()) } else { Err(Failure::Answered(1)) }
}

fn text(report: &Report) -> String {
    let mut text = format!("looked at {}\n", report.looked_at.join(", "));
    for found in &report.findings {
        let word = if found.fault { "fault" } else { "hint" };
        // Writing to a text cannot fail.
        let _written = write!(
            text,
            "\n{word} {}: {}\n    seen: {}\n    why:  {}\n    cure: {}\n",
            found.id, found.at, found.what, found.why, found.cure
        );
    }
    let end = if report.is_fine() { "\nNothing is wrong." } else { "\nSomething is wrong." };
    text.push_str(end);
    text
}
