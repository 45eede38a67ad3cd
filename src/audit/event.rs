//! What can happen.

use serde::Serialize;

use crate::types::{AppId, ProviderId, ids::RandomId};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody signed in.
    Login,
    /// Somebody came back from a provider and was not let in.
    LoginRefused,
    /// A session ended.
    Logout,
    /// A person decided what an app may see.
    Consent,
    /// A code came a second time; what it gave is revoked.
    CodeReuse,
    /// An app proved two codes by one verifier (RFC 9700, section 2.1.1).
    VerifierReuse,
    /// A spent refresh token came again; its grant is revoked.
    RefreshReuse,
    /// A person changed, paused, resumed or disconnected an app.
    ConsentChanged,
    /// A way to sign in was added.
    Linked,
    /// A way to sign in was removed.
    Unlinked,
    /// A person took their data with them.
    Exported,
    /// An account was deleted.
    Deleted,
    /// The operator blocked an account.
    Blocked,
    /// The operator lifted a block.
    Unblocked,
    /// A provider told us something.
    ProviderEvent,
    /// An app could not be told what concerns it, or would not hear it.
    AppNotTold,
    /// New keys sign.
    KeyRotated,
    /// The operator asked for new keys.
    KeyRotationAsked,
    /// The operator took away the registration of an app.
    AppRevoked,
    /// The operator had what waits for apps sent at once.
    OutboxRetried,
    /// Events came faster than they could be written; the reason says how many are missing.
    EventsLost,
}

/// An event, before it has a time and a place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub(super) kind: EventKind,
    pub(super) reason: Option<&'static str>,
    pub(super) account: Option<RandomId>,
    pub(super) app: Option<AppId>,
    pub(super) provider: Option<ProviderId>,
}

impl Event {
    /// One of that kind, about nobody yet.
    pub const fn new(kind: EventKind) -> Self {
        Self { kind, reason: None, account: None, app: None, provider: None }
    }

    /// Why: a word of ours, never of whoever asks.
    #[must_use]
    pub fn reason(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Whom it is about, by the audit id in the account's head.
    #[must_use]
    pub fn account(self, audit_id: RandomId) -> Self {
        Self { account: Some(audit_id), ..self }
    }

    /// Which app.
    #[must_use]
    pub fn app(self, app: &AppId) -> Self {
        Self { app: Some(app.clone()), ..self }
    }

    /// Which provider.
    #[must_use]
    pub fn provider(self, provider: &ProviderId) -> Self {
        Self { provider: Some(provider.clone()), ..self }
    }
}
