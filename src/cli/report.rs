//! `vestibule report`: the record of processing activities, from the configuration alone.

use std::io::Write;

use clap::Args;

use super::{Failure, Shared};
use crate::report::{Gap, Report};

/// The record of processing activities.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Answer as one HTML file, to be kept or printed
    #[arg(long, conflicts_with = "json")]
    html: bool,
}

/// Writes the report. What is missing in it is told on standard error, with a way to add it.
///
/// # Errors
/// A wrong configuration.
pub fn run(shared: &Shared, args: &ReportArgs) -> Result<(), Failure> {
    let report = Report::of(&shared.load()?);
    let broken = |error: &dyn std::fmt::Display| Failure::failed(format!("no report: {error}"), "report this");
    tell(&report.gaps);
    let json = serde_json::to_value(&report).map_err(|error| broken(&error))?;
    if args.html {
        return shared.output().answer(report.html().map_err(|error| broken(&error))?, &json);
    }
    shared.output().answer(report.to_string().trim_end(), &json)
}

fn tell(gaps: &[Gap]) {
    let mut err = std::io::stderr().lock();
    for gap in gaps {
        // Nobody is left to tell when standard error is gone; the report has the gaps, too.
        let _gone = writeln!(err, "warning: {}\n    next: {}", gap.what, gap.remedy);
    }
}
