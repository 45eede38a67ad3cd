//! `vestibule audit verify FILE`: walks the chain from its first line to its last.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use super::chain::Tip;
use crate::types::bytes;

/// Longer lines are not ours.
pub(super) const MAX_LINE: u64 = 4096;

/// A chain without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many lines it has.
    pub lines: u64,
    /// SHA-256 of the last line, in hex. Lines cut off at the end leave a chain without a gap: whoever wants to
    /// notice that notes this value elsewhere.
    pub tip: String,
}

/// Why a file is not a whole chain.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("the audit file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A line was changed, moved or taken out; or the file begins in the middle.
    #[error("line {0} does not follow from the line before it")]
    Broken(u64),
    /// The last line has no end.
    #[error("line {0} is not complete")]
    Cut(u64),
}

/// Verifies a whole file.
///
/// # Errors
/// [`VerifyError`] names the first line that does not fit.
pub fn verify(file: &Path) -> Result<Verified, VerifyError> {
    let mut lines = BufReader::new(File::open(file)?);
    let (mut tip, mut count) = (Tip::START, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(Verified { lines: count, tip: bytes::to_hex(&tip.hash) });
        }
        count = count.saturating_add(1);
        let whole = line.strip_suffix(b"\n").ok_or(VerifyError::Cut(count))?;
        if !tip.precedes(whole) {
            return Err(VerifyError::Broken(count));
        }
        tip = Tip::at(whole).ok_or(VerifyError::Broken(count))?;
    }
}
