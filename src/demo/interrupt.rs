//! Waiting for the end.

use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};

/// Returns at Ctrl-C, or when the system asks the process to end.
pub(crate) async fn interrupted() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}
