//! What records there are, and the beginnings of their names.

/// What a record is. The letter stands in its name; never reuse one. What it is for and how long it stays,
/// [`Kind::about`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An account's head: its life, stamp, identities.
    Head,
    /// An alias from an identity to the partition of its account.
    Identity,
    /// What an account lets an app see.
    Consent,
    /// What an app was last given (names).
    Served,
    /// One line of an account's history.
    History,
    /// One browser signed in.
    Session,
    /// A session's pass for one gated host.
    Gate,
    /// One issued authorization.
    Grant,
    /// A receipt: what a person agreed to, in the words that they read.
    Receipt,
    /// "Tell the apps": written with what they must be told of.
    Intent,
    /// One message for one app, or the hint that an intent waits.
    Outbox,
    /// How far a deletion has come, for whoever has its code.
    Status,
    /// An event that a provider told us of.
    Event,
    /// Something that was used and must not be used again.
    Spent,
    /// A device's request, on which the person decides.
    Device,
    /// One of the places that an app's devices have.
    Place,
    /// An authorization request that an app pushed.
    Pushed,
    /// An app that registered itself, and the edition of all of them.
    App,
    /// The signing keys.
    Keyring,
    /// What instances tell each other: who does a piece of work, when it was done last.
    Mark,
}

impl Kind {
    /// All kinds, for whoever walks the store.
    pub const ALL: [Self; 20] = [
        Self::Head,
        Self::Identity,
        Self::Consent,
        Self::Served,
        Self::History,
        Self::Session,
        Self::Gate,
        Self::Grant,
        Self::Receipt,
        Self::Intent,
        Self::Outbox,
        Self::Status,
        Self::Event,
        Self::Spent,
        Self::Device,
        Self::Place,
        Self::App,
        Self::Pushed,
        Self::Keyring,
        Self::Mark,
    ];

    /// What stands before the colon in a record's name.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Identity => "ident",
            Self::Consent => "c",
            Self::Served => "k",
            Self::History => "h",
            Self::Session => "s",
            Self::Gate => "g",
            Self::Grant => "t",
            Self::Receipt => "q",
            Self::Intent => "n",
            Self::Outbox => "d",
            Self::Status => "z",
            Self::Event => "e",
            Self::Spent => "j",
            Self::Device => "v",
            Self::Place => "vp",
            Self::Pushed => "r",
            Self::App => "a",
            Self::Keyring => "ring",
            Self::Mark => "m",
        }
    }

    /// The first name that a record of this kind can have: the prefix alone, as where there is one of a kind.
    pub(in crate::store) const fn first_name(self) -> &'static str {
        self.prefix()
    }

    /// The first name of a record that is one of several of this kind.
    pub(in crate::store) fn first_of_several(self) -> String {
        format!("{}:", self.prefix())
    }

    /// Greater than every name of this kind: `;` comes right after `:`. A name between [`Kind::first_name`] and
    /// [`Kind::first_of_several`] is of another kind.
    pub(in crate::store) fn end_of_names(self) -> String {
        format!("{};", self.prefix())
    }
}
