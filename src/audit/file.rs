//! The file: one chain that several processes continue, as `serve` and a command beside it do. Each holds it for as long
//! as its lines take, and goes on from where the file ends then.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::{AuditError, chain::Tip, verify::MAX_LINE};

/// A file of whole lines, known up to `length`.
pub(super) struct ChainFile {
    file: File,
    length: u64,
    tip: Tip,
}

impl ChainFile {
    /// Opens a file, and looks whether it ends as we end it.
    pub(super) fn open(path: &Path) -> Result<Self, AuditError> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut opened = Self { file, length: 0, tip: Tip::START };
        opened.holding(Self::catch_up)?;
        Ok(opened)
    }

    /// Appends lines that are made from where the chain stands. They are on the disk when it returns; when it fails, the
    /// file ends as before.
    pub(super) fn append(&mut self, lines: impl FnOnce(&mut Tip) -> io::Result<String>) -> Result<(), AuditError> {
        self.holding(|this| {
            this.catch_up()?;
            let mut tip = this.tip;
            let lines = lines(&mut tip)?;
            let written = this.file.write_all(lines.as_bytes()).and_then(|()| this.file.sync_data());
            if let Err(error) = written {
                // What fails here, too, is found and cut off when the file is looked at next.
                drop(this.file.set_len(this.length));
                return Err(error.into());
            }
            (this.length, this.tip) = (this.length.saturating_add(lines.len() as u64), tip);
            Ok(())
        })
    }

    /// Keeps other processes waiting meanwhile.
    fn holding<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, AuditError>) -> Result<T, AuditError> {
        self.file.lock()?;
        let done = act(self);
        self.file.unlock()?;
        done
    }

    /// Learns what another process wrote since. A last line without an end was never whole (its process was killed while
    /// it was written); it is cut off.
    fn catch_up(&mut self) -> Result<(), AuditError> {
        let length = self.file.seek(SeekFrom::End(0))?;
        if length == self.length {
            return Ok(());
        }
        let window = length.min(2 * MAX_LINE);
        self.file.seek(SeekFrom::Start(length - window))?;
        let mut tail = Vec::new();
        Read::by_ref(&mut self.file).take(window).read_to_end(&mut tail)?;
        let (tip, torn) = end(&tail, window == length).ok_or(AuditError::Foreign)?;
        let length = length.saturating_sub(torn);
        if torn > 0 {
            self.file.set_len(length)?;
            tracing::warn!(bytes = torn, "cut an unfinished line off the audit file");
        }
        (self.length, self.tip) = (length, tip);
        Ok(())
    }
}

/// Where the chain stands at the end of a file, and how many bytes of an unfinished line follow; `None` if it does
/// not end as we end it.
fn end(tail: &[u8], is_whole_file: bool) -> Option<(Tip, u64)> {
    let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (lines, torn) = tail.split_at_checked(end)?;
    let ours = torn.is_empty() || torn.starts_with(b"{\"time\":") || b"{\"time\":".starts_with(torn);
    if !ours {
        return None;
    }
    let torn = u64::try_from(torn.len()).ok()?;
    match lines.strip_suffix(b"\n") {
        Some(lines) => Some((Tip::at(lines.rsplit(|byte| *byte == b'\n').next()?)?, torn)),
        None => is_whole_file.then_some((Tip::START, torn)),
    }
}
