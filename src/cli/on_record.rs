//! Commands that change something leave a line in the audit stream, as what happens in `serve` does.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::Failure;
use crate::{
    audit::Audit,
    broker::World,
    types::{Clock, SystemClock},
};

/// How long a command waits for its line.
const FLUSH: Duration = Duration::from_secs(5);

/// Does something in a world with the audit stream at `audit`. Where that cannot be opened, nothing is done.
///
/// # Errors
/// Those of `act`; an audit stream that cannot be opened or written.
pub(super) fn on_record(audit: Option<PathBuf>, act: impl FnOnce(World) -> Result<(), Failure>) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let audit = Audit::open_for_command(audit, Arc::clone(&clock)).map_err(|error| {
        Failure::usage(format!("audit.file: {error}"), "run this as who may write the audit file that is configured")
    })?;
    act(World { clock, audit: audit.clone(), ..World::system() })?;
    if audit.flush(FLUSH) {
        return Ok(());
    }
    Err(Failure::failed("it is done, but the audit stream was not written in time", "look why its file is held"))
}
