//! What a command says: its answer on standard output, what went wrong on standard error.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use serde_json::Value as Json;

use crate::config::Faults;

/// Where answers go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// The answer, for people as `text`, for programs as `json`. A reader that went away is no failure of ours.
    ///
    /// # Errors
    /// Where standard output cannot be written, as with a full disk.
    pub fn answer(self, text: impl fmt::Display, json: &Json) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = if self.json { writeln!(out, "{json:#}") } else { writeln!(out, "{text}") };
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("cannot write the answer: {error}"), "check where standard output leads"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a program reads.
    pub const fn is_json(self) -> bool {
        self.json
    }
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub enum Failure {
    /// The configuration is wrong: exit code 2.
    Config(Faults),
    /// The call is wrong: exit code 2.
    Usage {
        /// What is wrong.
        problem: String,
        /// What to do.
        next: String,
    },
    /// It did not work out: exit code 1.
    Failed {
        /// What happened.
        problem: String,
        /// What to do.
        next: String,
    },
    /// Everything was said in the answer; only the exit code remains.
    Answered(u8),
}

impl Failure {
    /// A call that is wrong.
    pub fn usage(problem: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Usage { problem: problem.into(), next: next.into() }
    }

    /// The configuration names what cannot be.
    pub(super) fn misconfigured(error: impl fmt::Display) -> Self {
        Self::usage(error.to_string(), "correct the configuration")
    }

    /// What is kept of `what` cannot be read.
    pub(super) fn store_away(what: &str, error: impl fmt::Display) -> Self {
        Self::failed(format!("{what} cannot be read: {error}"), "check that the store answers, then try again")
    }

    /// A command that did not work out.
    pub fn failed(problem: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), next: next.into() }
    }

    const fn code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Usage { .. } => 2,
            Self::Failed { .. } => 1,
            Self::Answered(code) => *code,
        }
    }

    /// Says it on standard error, and gives the exit code.
    pub(super) fn report(&self) -> ExitCode {
        if !matches!(self, Self::Answered(_)) {
            // Nobody is left to tell when standard error is gone.
            let _gone = writeln!(io::stderr().lock(), "{self}");
        }
        ExitCode::from(self.code())
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Config(faults)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(faults) => write!(f, "{faults}"),
            Self::Usage { problem, next } | Self::Failed { problem, next } => {
                write!(f, "error: {problem}\n    next: {next}")
            }
            Self::Answered(_) => Ok(()),
        }
    }
}
