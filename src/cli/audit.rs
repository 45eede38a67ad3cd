//! `vestibule audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Shared};
use crate::audit::{self, VerifyError};

/// The audit stream.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What can be done with an audit file.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that no line was changed, moved or taken out
    Verify {
        /// The file
        file: PathBuf,
    },
}

/// Does what the call says.
///
/// # Errors
/// A file that cannot be read (2), or whose chain is broken (1).
pub fn run(shared: &Shared, args: &AuditArgs) -> Result<(), Failure> {
    let AuditCommand::Verify { file } = &args.command;
    match audit::verify(file) {
        Ok(found) => shared.output().answer(
            format!("{} lines, each follows from the one before. The last is {}.", found.lines, found.tip),
            &json!({ "verified": true, "lines": found.lines, "tip": found.tip }),
        ),
        Err(error @ VerifyError::Read(_)) => Err(Failure::usage(error.to_string(), "name the file of audit.file")),
        Err(error) => Err(Failure::failed(
            error.to_string(),
            "compare with a copy: what stands before that line is as it was written",
        )),
    }
}
