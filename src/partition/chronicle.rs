//! The history of an account, for the person: what happened, by name and date. No values, no network addresses.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Codec, Presence};
use crate::{
    store::{Entry, Put, RecordKey},
    types::{AppId, Claim, Clock, ProviderId, Timestamp, ids::RandomId},
};

/// One line of history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The person signed in.
    SignedIn {
        /// Through whom.
        provider: ProviderId,
    },
    /// A browser signed out.
    SignedOut,
    /// Every browser was signed out.
    SignedOutEverywhere,
    /// The person agreed to what an app asked.
    Agreed {
        /// Which.
        app: AppId,
    },
    /// The person told an app no.
    Declined {
        /// Which.
        app: AppId,
    },
    /// The person changed what an app may see.
    Changed {
        /// Which.
        app: AppId,
        /// What it may see from now on.
        on: BTreeSet<Claim>,
        /// What it may see no longer.
        off: BTreeSet<Claim>,
    },
    /// The person paused an app.
    Paused {
        /// Which.
        app: AppId,
    },
    /// The person let a paused app go on.
    Resumed {
        /// Which.
        app: AppId,
    },
    /// The person disconnected an app.
    Disconnected {
        /// Which.
        app: AppId,
    },
    /// A second way to sign in was added.
    Linked {
        /// Which.
        provider: ProviderId,
    },
    /// A way to sign in was removed.
    Unlinked {
        /// Which.
        provider: ProviderId,
    },
    /// The person took their data with them.
    Exported,
    /// The operator blocked the account.
    Blocked,
    /// The operator lifted the block.
    Unblocked,
    /// A code or a refresh token of an app was used twice; its access ended.
    Reused {
        /// Which.
        app: AppId,
    },
    /// A provider told us something about the sign-in there.
    ProviderSaid {
        /// Who.
        provider: ProviderId,
        /// What.
        word: ProviderWord,
    },
}

/// What a provider says of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderWord {
    /// Its sessions ended there.
    SessionsRevoked,
    /// What we were allowed there was withdrawn.
    AccessRevoked,
    /// It was disabled, perhaps because somebody else took it.
    Disabled,
    /// It was enabled again.
    Enabled,
    /// It was deleted there.
    Purged,
    /// The person must change how they sign in there.
    CredentialChange,
    /// Its relay address no longer forwards.
    MailOff,
    /// Its relay address forwards again.
    MailOn,
}

/// Writes history. Each act writes its line in the commit that does it.
#[derive(Clone)]
pub struct Chronicle {
    codec: Codec,
    clock: Arc<dyn Clock>,
    keep: Duration,
}

impl Chronicle {
    /// With what seals, the time, and how long lines are kept.
    pub fn new(codec: Codec, clock: Arc<dyn Clock>, keep: Duration) -> Self {
        Self { codec, clock, keep }
    }

    /// A line about what happens now, to be committed with it.
    pub fn line(&self, who: &Presence, deed: Deed) -> Put {
        self.line_at(who, self.clock.now(), RandomId::generate(self.codec.sealer().random()), deed)
    }

    /// A line about what happened at a moment, with a name of the caller's: one that two writers of the same would share.
    pub fn line_at(&self, who: &Presence, at: Timestamp, id: RandomId, deed: Deed) -> Put {
        let (key, line) = (RecordKey::history(at, id), Line { at, deed });
        self.codec.put_own(who, "history", key, &line, Some(at.plus(self.keep)))
    }
}

impl Codec {
    /// Reads a line of history; `None` if it belongs to another life.
    pub fn open_line(&self, who: &Presence, entry: &Entry) -> Option<Line> {
        self.open_own(who, "history", &entry.key, &entry.stored.value)
    }
}
