//! A device's request at rest, and what its app holds of it.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{
    seal::token::{self, TokenKind},
    seal::{Mailbox, Sealer},
    types::{AppId, Scope, Secret32, Timestamp, ids::RandomId},
};

/// How a device code is told from other tokens.
pub(super) const KIND: TokenKind = token::DEVICE;

/// A device code, sealed: which request, and what opens the answer. It is stored nowhere.
#[derive(Serialize, Deserialize)]
pub(super) struct DeviceCode {
    #[serde(rename = "p", with = "serde_bytes")]
    pub place: [u8; 32],
    #[serde(rename = "a")]
    pub app: AppId,
    #[serde(rename = "k")]
    pub secret: Secret32,
}

impl DeviceCode {
    pub fn open(sealer: &Sealer, text: &str) -> Option<Self> {
        sealer.take_back(KIND, text).ok()
    }
}

/// The record.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub id: RandomId,
    pub app: AppId,
    pub scope: Scope,
    /// Where the answer is put, for the holder of the device code alone.
    pub mailbox: Mailbox,
    pub expires: Timestamp,
    /// How many seconds the device must wait between two questions; each time that it does not, five more.
    pub interval: u32,
    /// When it asked last.
    pub asked: Option<Timestamp>,
    pub state: State,
}

/// What the person said.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum State {
    /// Nothing yet.
    Waiting,
    /// No.
    Declined,
    /// Yes; here is the key to what they agreed to, in the mailbox.
    Approved(ByteBuf),
}
