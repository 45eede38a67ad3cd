//! The audit stream: what was decided about whom, as lines of JSON, each chained to the one before by SHA-256, so
//! that a line that was changed, moved or taken out of the middle shows.
//!
//! An account is named by its audit id, which dies with the account's life; nothing else in a line is personal.
//! Recording waits for nobody: events go to a thread of their own through a bounded queue, and what the queue cannot
//! take is counted and told in the stream.

mod chain;
mod event;
mod file;
mod verify;
mod writer;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

pub use event::{Event, EventKind};
pub use verify::{Verified, VerifyError, verify};
pub use writer::AuditError;

use crate::types::Clock;

/// Where events are recorded. Clones share one stream.
#[derive(Clone, Default)]
pub struct Audit(Option<writer::Queue>);

impl Audit {
    /// One that records nothing.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Opens the stream: a file that is continued where it ends, `-` for standard output, nothing for off.
    ///
    /// # Errors
    /// [`AuditError`] when the file cannot be opened, or does not end as we end it.
    pub fn open(file: Option<PathBuf>, clock: Arc<dyn Clock>) -> Result<Self, AuditError> {
        file.map(|file| writer::open(&file, Box::new(io::stdout()), clock)).transpose().map(Self)
    }

    /// The same for a command, also beside an instance that serves. Its standard output carries its answer and nothing
    /// else, so `-` is standard error.
    ///
    /// # Errors
    /// As [`Audit::open`].
    pub fn open_for_command(file: Option<PathBuf>, clock: Arc<dyn Clock>) -> Result<Self, AuditError> {
        file.map(|file| writer::open(&file, Box::new(io::stderr()), clock)).transpose().map(Self)
    }

    /// Records an event, without waiting.
    pub fn record(&self, event: Event) {
        if let Some(queue) = &self.0 {
            queue.push(event);
        }
    }

    /// Waits until all that was recorded so far is written, at most `patience`. Tells whether it is. It blocks its
    /// thread: for the end of the process.
    pub fn flush(&self, patience: Duration) -> bool {
        self.0.as_ref().is_none_or(|queue| queue.flush(patience))
    }
}

#[cfg(test)]
mod tests;
