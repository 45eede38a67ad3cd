//! The chain: each line holds the SHA-256 of the line before it, without its line end.

use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind};
use crate::types::{Timestamp, bytes};

/// What the first line has for a line before it.
const GENESIS: [u8; 32] = [0; 32];

/// A line, in the order in which its members are written.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    seq: u64,
    event: EventKind,
    reason: Option<&'a str>,
    account: Option<String>,
    app: Option<&'a str>,
    provider: Option<&'a str>,
    prev: String,
}

/// What the chain itself needs of a line.
#[derive(Deserialize)]
struct Link {
    seq: u64,
    prev: String,
}

/// Where the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) seq: u64,
    pub(super) hash: [u8; 32],
}

impl Tip {
    /// Before the first line.
    pub(super) const START: Self = Self { seq: 0, hash: GENESIS };

    /// Renders the next line, without its line end, and moves on to it.
    pub(super) fn append(&mut self, event: &Event, reason: Option<&str>, now: Timestamp) -> serde_json::Result<String> {
        let line = serde_json::to_string(&Line {
            time: now.rfc3339(),
            seq: self.seq.saturating_add(1),
            event: event.kind,
            reason: reason.or(event.reason),
            account: event.account.map(|account| account.to_string()),
            app: event.app.as_ref().map(|app| app.as_str()),
            provider: event.provider.as_ref().map(|provider| provider.as_str()),
            prev: bytes::to_hex(&self.hash),
        })?;
        *self = Self { seq: self.seq.saturating_add(1), hash: bytes::sha256(line.as_bytes()) };
        Ok(line)
    }

    /// Where the chain stands after a line that was read back; `None` if it is not one of ours.
    pub(super) fn at(line: &[u8]) -> Option<Self> {
        let link: Link = serde_json::from_slice(line).ok()?;
        Some(Self { seq: link.seq, hash: bytes::sha256(line) })
    }

    /// Whether `line` comes next.
    pub(super) fn precedes(&self, line: &[u8]) -> bool {
        serde_json::from_slice::<Link>(line)
            .is_ok_and(|link| Some(link.seq) == self.seq.checked_add(1) && link.prev == bytes::to_hex(&self.hash))
    }
}
